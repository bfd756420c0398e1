#pragma once

#include <cstddef>
#include <cstdint>

#include "esp_err.h"
#include "esp_http_client.h"
#include "fuota_b/update.hpp"
#include "sdkconfig.h"

namespace fuota::update {

/// One GET request on a connection of its own, and its answer. ESP-IDF's HTTP client, freed
/// whatever happens, with its ambiguities resolved.
class HttpExchange {
 public:
  enum class ReadResult : std::uint8_t {
    data,  ///< some bytes were read
    end,   ///< the body is over: all of its Content-Length, or up to where the server closed
    lost,  ///< it broke, no byte came for kReadAttemptsMax timeouts, or the deadline passed
  };

  /// All of it has to be over at `deadline_us` of esp_timer_get_time(), give or take kTimeoutMs.
  /// `observer` hears at each step that it goes on, and outlives the exchange.
  HttpExchange(std::int64_t deadline_us, const Observer& observer)
      : deadline_us_(deadline_us), observer_(observer) {}
  ~HttpExchange();
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  /// Connects, verifies the server's certificate, sends the request, reads the answer's headers.
  /// The strings of `server` and `url` are needed until the exchange is destroyed. Blocks at most
  /// kTimeoutMs for each step on the network, and as long as ESP-IDF's resolver does for the name.
  /// Returns `updated` when there is an answer, whatever its status; else `connect`,
  /// `connection_lost` or `no_memory`, and `error()` says more. Once per object.
  /// `accept` is the request's header of that name; null: none.
  [[nodiscard]] Code get(const Server& server, const char* url, const char* accept = nullptr);

  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] esp_err_t error() const { return error_; }

  /// From the header itself: ESP-IDF's client reports a missing length and a length of 0 alike.
  [[nodiscard]] bool has_content_length() const { return has_content_length_; }
  [[nodiscard]] std::int64_t content_length() const { return content_length_; }

  /// True when the body says that it is an offer (protocol::kOfferMediaType).
  [[nodiscard]] bool is_offer() const { return is_offer_; }

  /// Reads up to `capacity` (at least 1) bytes of the body. `*bytes` counts only with `data`.
  [[nodiscard]] ReadResult read(std::uint8_t* out, std::size_t capacity, std::size_t* bytes);

  static constexpr int kTimeoutMs = CONFIG_FUOTA_B_NETWORK_TIMEOUT_MS;
  static constexpr int kReadAttemptsMax = 3;

 private:
  static esp_err_t on_event(esp_http_client_event_t* event);
  void shorten_wait_after_deadline() const;
  void note_header(const char* key, const char* value);
  [[nodiscard]] bool is_body_whole() const;

  std::int64_t deadline_us_;
  const Observer& observer_;
  esp_http_client_handle_t client_ = nullptr;
  int status_ = 0;
  esp_err_t error_ = ESP_OK;
  bool is_offer_ = false;
  bool has_content_length_ = false;
  std::int64_t content_length_ = 0;
  std::int64_t body_bytes_ = 0;
};

}  // namespace fuota::update
