#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fuota::server::http {

/// How a client finds the end of a body.
enum class Framing {
  none,     ///< There is no body, and by its status there can't be one.
  length,   ///< Content-Length.
  chunked,  ///< Transfer-Encoding: chunked.
  close,    ///< The end of the connection (HTTP/1.0).
};

struct ResponseHead {
  unsigned status = 200;
  bool http_1_0 = false;
  bool keep_alive = true;
  Framing framing = Framing::length;
  std::uint64_t content_length = 0;  ///< With Framing::length.
  std::string_view content_type;
  std::vector<std::pair<std::string_view, std::string>> fields;
};

/// The header as it goes over the wire, its empty line included. `date` is an IMF-fixdate; names
/// and values hold no line ends.
[[nodiscard]] std::string format_head(const ResponseHead& head, std::string_view date);

/// The time as an IMF-fixdate (RFC 9110 section 5.6.7), made anew once a second. One thread.
class HttpDate {
 public:
  [[nodiscard]] std::string_view now();

 private:
  std::int64_t second_ = -1;
  std::string text_;
};

}  // namespace fuota::server::http
