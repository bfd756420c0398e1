#pragma once

#include <cstddef>
#include <cstdint>

#include "answer_headers.hpp"
#include "esp_err.h"
#include "esp_http_client.h"
#include "fuota_b/update.hpp"
#include "fuota_protocol/manifest.hpp"
#include "sdkconfig.h"

namespace fuota::update {

/// What one request asks for: a GET, or a POST of a text. Null and 0: without it.
struct HttpRequest {
  const char* url = nullptr;
  const char* accept = nullptr;                ///< Accept
  std::uint32_t range_begin = 0;               ///< Range: bytes=<range_begin>-
  const protocol::Sha256* if_range = nullptr;  ///< If-Range, as the strong ETag of our server
  const char* content_type = nullptr;          ///< Content-Type, of a POST
  const char* body = nullptr;
  std::size_t body_bytes = 0;
};

/// The connection to the update server: requests and their answers one after the other, all on one
/// TLS connection as long as it holds (RFC 9112 section 9.3). ESP-IDF's HTTP client, with its
/// ambiguities resolved.
///
/// Where ESP-IDF can resume TLS sessions (CONFIG_ESP_TLS_CLIENT_SESSION_TICKETS, v5.3 and later),
/// its client is kept from one connection to the next, closed, for the session that it holds;
/// elsewhere everything is given back. One at a time.
class HttpConnection {
 public:
  enum class ReadResult : std::uint8_t {
    data,  ///< some bytes were read
    end,   ///< the body is over: all of its Content-Length, or up to where the server closed
    lost,  ///< it broke, no byte came for kReadAttemptsMax timeouts, or the deadline passed
  };

  /// `server` and what it points to outlive the connection. `observer` hears at each step that it
  /// goes on, and outlives it too.
  HttpConnection(const Server& server, const Observer& observer);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  /// From now on, requests carry these credentials in place of those of the server; null: none.
  /// What they point to outlives the connection.
  void use_credentials(const char* username, const char* password) {
    username_ = username;
    password_ = password;
  }

  /// From now on, everything has to be over at `deadline_us` of esp_timer_get_time(), give or take
  /// kTimeoutMs.
  void set_deadline(std::int64_t deadline_us) { deadline_us_ = deadline_us; }
  [[nodiscard]] bool is_overdue() const;

  /// Connects unless connected (and verifies the server's certificate), sends the request, reads
  /// the answer's headers, past interim ones (1xx). What is left of the answer before is read away,
  /// or the connection closed. A connection that the server closed meanwhile is made anew, once.
  /// What `request` points to is needed during the call. Blocks at most kTimeoutMs for each step on
  /// the network, and as long as ESP-IDF's resolver does for the name.
  ///
  /// Returns `updated` when there is an answer, whatever its status; else `dns`, `connect`,
  /// `tls_verify`, `tls_memory`, `tls`, `no_answer`, `too_slow`, `low_memory` (before connecting)
  /// or `no_memory`, and `error()` says more. The connection is closed then.
  [[nodiscard]] Code perform(const HttpRequest& request);

  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] esp_err_t error() const { return error_; }
  [[nodiscard]] const AnswerHeaders& headers() const { return headers_; }

  /// Reads up to `capacity` (at least 1) bytes of the body. `*bytes` counts only with `data`.
  [[nodiscard]] ReadResult read(std::uint8_t* out, std::size_t capacity, std::size_t* bytes);

  /// `short_read`, or `too_slow` when the deadline passed: what a read that was `lost` means.
  [[nodiscard]] Code code_of_loss() const;

  /// Nothing is expected of this connection any more; the next request makes a new one.
  void close();

  [[nodiscard]] bool is_open() const { return is_open_; }

  static constexpr int kTimeoutMs = CONFIG_FUOTA_B_NETWORK_TIMEOUT_MS;
  static constexpr int kReadAttemptsMax = 3;

 private:
  static esp_err_t on_event(esp_http_client_event_t* event);
  [[nodiscard]] Code make_client(const char* url);
  [[nodiscard]] Code prepare(const HttpRequest& request);
  [[nodiscard]] Code exchange(const HttpRequest& request);
  [[nodiscard]] bool write_body(const HttpRequest& request);
  [[nodiscard]] Code fetch_headers();
  [[nodiscard]] bool set_header(const char* name, const char* value);
  void finish_answer();
  void shorten_wait_after_deadline() const;
  void note_failure(void* error_handle);
  [[nodiscard]] bool has_no_body() const;
  [[nodiscard]] bool is_body_whole() const;

  const Server& server_;
  const Observer& observer_;
  const char* username_;
  const char* password_;
  std::int64_t deadline_us_ = INT64_MAX;
  esp_http_client_handle_t client_ = nullptr;
  bool is_open_ = false;          ///< the client has a connection
  bool has_answer_ = false;       ///< an answer's body may still be read
  Code failure_ = Code::connect;  ///< what esp-tls told of the last failure
  int status_ = 0;
  esp_err_t error_ = ESP_OK;
  AnswerHeaders headers_;
  std::int64_t body_bytes_ = 0;
};

}  // namespace fuota::update
