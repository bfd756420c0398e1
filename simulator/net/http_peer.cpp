#include <http_parser.h>

#include <algorithm>
#include <utility>

#include "simulator/net/ignoring_case.hpp"
#include "simulator/net/peer.hpp"

namespace simulator::net {

/// Cuts the stream into requests.
class HttpPeer::Parser {
 public:
  Parser() {
    http_parser_init(&parser_, HTTP_REQUEST);
    parser_.data = this;
    http_parser_settings_init(&settings_);
    settings_.on_message_begin = [](http_parser* parser) {
      self(parser).current_ = {};
      self(parser).in_value_ = true;
      return 0;
    };
    settings_.on_url = [](http_parser* parser, const char* at, std::size_t size) {
      self(parser).current_.target.append(at, size);
      return 0;
    };
    settings_.on_header_field = [](http_parser* parser, const char* at, std::size_t size) {
      self(parser).add_to_name({at, size});
      return 0;
    };
    settings_.on_header_value = [](http_parser* parser, const char* at, std::size_t size) {
      self(parser).in_value_ = true;
      self(parser).current_.headers.back().second.append(at, size);
      return 0;
    };
    settings_.on_body = [](http_parser* parser, const char* at, std::size_t size) {
      self(parser).current_.body.append(at, size);
      return 0;
    };
    settings_.on_message_complete = [](http_parser* parser) {
      self(parser).complete_ = true;
      http_parser_pause(parser, 1);
      return 0;
    };
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  enum class Result { request, more, malformed };

  /// Takes what it needs of `bytes` from the front.
  Result parse(std::string_view& bytes) {
    const std::size_t size = http_parser_execute(&parser_, &settings_, bytes.data(), bytes.size());
    const http_errno error = HTTP_PARSER_ERRNO(&parser_);
    if (complete_) {
      raw_.append(bytes.substr(0, size));
      bytes.remove_prefix(size);
      http_parser_init(&parser_, HTTP_REQUEST);
      return Result::request;
    }
    if (error != HPE_OK) return Result::malformed;
    raw_.append(bytes);
    bytes = {};
    return Result::more;
  }

  PeerRequest take() {
    complete_ = false;
    current_.method = http_method_str(static_cast<http_method>(parser_method_));
    current_.raw = std::exchange(raw_, {});
    return std::exchange(current_, {});
  }

 private:
  static Parser& self(http_parser* parser) { return *static_cast<Parser*>(parser->data); }

  void add_to_name(std::string_view part) {
    parser_method_ = parser_.method;
    if (std::exchange(in_value_, false)) current_.headers.emplace_back();
    current_.headers.back().first.append(part);
  }

  http_parser parser_{};
  http_parser_settings settings_{};
  PeerRequest current_;
  std::string raw_;
  unsigned parser_method_ = HTTP_GET;
  bool in_value_ = true;
  bool complete_ = false;
};

std::string PeerRequest::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
    return equals_ignoring_case(header.first, name);
  });
  return found == headers.end() ? std::string() : found->second;
}

HttpPeer::HttpPeer(Handler handler)
    : handler_(std::move(handler)), parser_(std::make_unique<Parser>()) {}

HttpPeer::~HttpPeer() = default;

void HttpPeer::on_data(PeerSide& connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const Parser::Result result = parser_->parse(bytes);
    if (result == Parser::Result::malformed) {
      connection.send(http_response(400, {}, "malformed request"), 0);
      connection.close(0);
      return;
    }
    if (result == Parser::Result::more) return;
    const PeerAnswer answer = handler_(parser_->take());
    connection.send(answer.bytes, answer.think_us);
    if (answer.close) connection.close(0);
  }
}

std::string http_response(int status, std::string_view header_lines, std::string_view body) {
  std::string response = "HTTP/1.1 " + std::to_string(status) + " " +
                         http_status_str(static_cast<http_status>(status)) + "\r\n";
  response.append(header_lines);
  response += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  response.append(body);
  return response;
}

}  // namespace simulator::net
