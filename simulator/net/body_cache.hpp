#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace simulator::net {

/// The part of a body that arrives with the headers and waits for `read`, as esp_http_client keeps
/// it (esp_http_client.c, esp_http_buffer_t: raw_data, raw_len, orig_raw_data), with its defects:
/// nothing but `read` and another host empties it, so that it may stand before the next response,
/// and body that is not kept counts all the same, so that the next `read` looks for it. Where the
/// chip would crash, the process ends with a message.
class BodyCache {
 public:
  /// http_on_body while the headers are awaited.
  void keep(std::string_view part);
  /// http_on_body later, without a destination: flush_response.
  void count(std::size_t size) { length_ += size; }
  /// esp_http_client_read, behind what it takes from the connection.
  void forget_count() { length_ = 0; }
  /// The beginning of esp_http_client_read.
  [[nodiscard]] std::size_t take(char* buffer, std::size_t size);
  /// esp_http_client_cached_buf_cleanup.
  void clear();

 private:
  std::string data_;
  std::size_t taken_ = 0;   ///< of `data_`
  std::size_t length_ = 0;  ///< what is believed to be left of it
};

}  // namespace simulator::net
