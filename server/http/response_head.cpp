#include "server/http/response_head.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/serializer.hpp>
#include <ctime>

namespace fuota::server::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;
using BeastResponse = beast::http::response<beast::http::empty_body>;

constexpr char kServerName[] = "fuota";

void set_framing(BeastResponse& response, const ResponseHead& head) {
  if (head.framing == Framing::length) {
    response.set(field::content_length, std::to_string(head.content_length));
  } else if (head.framing == Framing::chunked) {
    response.set(field::transfer_encoding, "chunked");
  }
}

std::string serialize(BeastResponse& response) {
  beast::http::response_serializer<beast::http::empty_body> serializer(response);
  serializer.split(true);
  std::string text;
  beast::error_code error;
  while (!serializer.is_header_done()) {
    serializer.next(error, [&](beast::error_code&, const auto& buffers) {
      std::size_t bytes = 0;
      for (auto it = boost::asio::buffer_sequence_begin(buffers);
           it != boost::asio::buffer_sequence_end(buffers); ++it) {
        const boost::asio::const_buffer buffer = *it;
        text.append(static_cast<const char*>(buffer.data()), buffer.size());
        bytes += buffer.size();
      }
      serializer.consume(bytes);
    });
  }
  return text;
}

}  // namespace

std::string format_head(const ResponseHead& head, std::string_view date) {
  BeastResponse response;
  response.version(head.http_1_0 ? 10 : 11);
  response.result(head.status);
  response.set(field::server, kServerName);
  response.set(field::date, {date.data(), date.size()});
  if (!head.content_type.empty()) {
    response.set(field::content_type, {head.content_type.data(), head.content_type.size()});
  }
  for (const auto& [name, value] : head.fields) {
    response.set(beast::string_view(name.data(), name.size()), value);
  }
  set_framing(response, head);
  response.keep_alive(head.keep_alive);
  return serialize(response);
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
