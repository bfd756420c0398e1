#include "server/http/response_head.hpp"

#include <boost/beast/http/status.hpp>
#include <ctime>

namespace fuota::server::http {
namespace {

constexpr std::string_view kServerName = "fuota";

/// Room for the header of nearly every answer.
constexpr std::size_t kUsualHeadBytes = 384;

void add_field(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ").append(value).append("\r\n");
}

void add_status_line(std::string& text, const ResponseHead& head) {
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(head.status));
  text.append(head.http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ").append(std::to_string(head.status));
  text.append(" ").append(reason.data(), reason.size()).append("\r\n");
}

}  // namespace

std::string format_head(const ResponseHead& head, std::string_view date) {
  std::string text;
  text.reserve(kUsualHeadBytes);
  add_status_line(text, head);
  add_field(text, "Server", kServerName);
  add_field(text, "Date", date);
  if (!head.content_type.empty()) add_field(text, "Content-Type", head.content_type);
  for (const auto& [name, value] : head.fields) add_field(text, name, value);
  if (head.framing == Framing::length) {
    add_field(text, "Content-Length", std::to_string(head.content_length));
  } else if (head.framing == Framing::chunked) {
    add_field(text, "Transfer-Encoding", "chunked");
  }
  // Each version of HTTP says only what isn't its rule (RFC 9112 section 9.3).
  if (head.keep_alive == head.http_1_0) {
    add_field(text, "Connection", head.keep_alive ? "keep-alive" : "close");
  }
  return text.append("\r\n");
}

std::string_view HttpDate::now() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &time);
  if (time.tv_sec != second_) {
    second_ = time.tv_sec;
    std::tm parts{};
    ::gmtime_r(&time.tv_sec, &parts);
    char text[32];
    // The names of days and months are English: the program stays in the "C" locale.
    const std::size_t bytes =
        std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    text_.assign(text, bytes);
  }
  return text_;
}

}  // namespace fuota::server::http
