#include "server/http/request_parser.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace fuota::server::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;
using BeastError = beast::http::error;

constexpr unsigned kBadRequest = 400;
constexpr unsigned kUriTooLong = 414;
constexpr unsigned kExpectationFailed = 417;
constexpr unsigned kHeaderTooLarge = 431;
constexpr unsigned kNotImplemented = 501;
constexpr unsigned kVersionNotSupported = 505;

/// The least that is left of a body in chunks that is not complete: "0", two line ends. Beast must
/// not see less: it asserts that the last chunk's header is not split there.
constexpr std::size_t kChunkedRestBytesMin = 5;

std::string_view to_std(beast::string_view text) {
  return {text.data(), text.size()};
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

/// Where the header ends, found line by line.
struct HeadEnd {
  enum class Status { need_more, found, bad_line_end, folded_line } status = Status::need_more;
  std::size_t bytes = 0;
};

/// Looks for the empty line that ends the header. `scanned` is how many bytes at the beginning were
/// whole lines at the last call, and is moved on.
HeadEnd find_head_end(std::string_view input, std::size_t& scanned) {
  for (;;) {
    const std::size_t line_feed = input.find('\n', scanned);
    if (line_feed == std::string_view::npos) return {};
    if (line_feed == 0 || input[line_feed - 1] != '\r') return {HeadEnd::Status::bad_line_end, 0};
    if (line_feed == scanned + 1) return {HeadEnd::Status::found, line_feed + 1};
    if (scanned > 0 && (input[scanned] == ' ' || input[scanned] == '\t')) {
      return {HeadEnd::Status::folded_line, 0};
    }
    scanned = line_feed + 1;
  }
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  });
}

/// Whether a quoted text of a chunk's extension does not end in its line. `rest` is what Beast
/// wants more behind: the line end of the chunk before, if there was one, and a chunk's header.
bool has_open_quote(std::string_view rest) {
  if (rest.starts_with("\r\n")) rest.remove_prefix(2);
  const std::string_view line = rest.substr(0, rest.find("\r\n"));
  if (line.size() == rest.size()) return false;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (line[i] == '\\' && quoted) ++i;
  }
  return quoted;
}

}  // namespace

RequestHead glimpse_head(std::string_view input) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  RequestHead head;
  while (input.starts_with("\r\n")) input.remove_prefix(2);
  const std::string_view line = input.substr(0, input.find_first_of("\r\n"));
  const std::size_t blank = line.find_first_not_of(kLetters);
  if (blank == 0 || blank == std::string_view::npos || line[blank] != ' ') return head;
  head.method = line.substr(0, blank);
  const std::string_view rest = line.substr(blank + 1);
  head.target = rest.substr(0, rest.find(' '));
  return head;
}

/// Beast calls this as it finds the parts of the request.
class RequestParser::Impl final : public beast::http::basic_parser<true> {
 public:
  explicit Impl(std::size_t header_bytes_max) : header_bytes_max_(header_bytes_max) {
    // The length is bounded here, where its answer depends on what is too long.
    header_limit(std::numeric_limits<std::uint32_t>::max());
    body_limit(boost::none);
  }

  HeadParse parse_head(std::string_view input);
  BodyParse parse_body(std::string_view input, std::span<char> destination);
  [[nodiscard]] const RequestHead& head() const { return head_; }

 private:
  HeadParse reject(unsigned status, std::string reason) {
    HeadParse parse;
    parse.status = HeadStatus::rejected;
    parse.rejection = Rejection{status, std::move(reason)};
    return parse;
  }
  HeadParse reject_too_long(std::string_view input);
  HeadParse finish_head(std::size_t head_bytes);
  std::optional<Rejection> check_framing() const;
  void take_field(field name, std::string_view value);

  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target,
                       int version, beast::error_code&) override {
    head_.method = to_std(method);
    head_.target = to_std(target);
    head_.http_1_0 = version == 10;
  }
  void on_field_impl(field name, beast::string_view, beast::string_view value,
                     beast::error_code&) override {
    // Fields behind the body are none of the header's.
    if (!is_header_done()) take_field(name, to_std(value));
  }
  std::size_t on_body_impl(beast::string_view body, beast::error_code&) override {
    const std::size_t bytes = std::min(body.size(), destination_.size() - produced_);
    std::copy_n(body.data(), bytes, destination_.data() + produced_);
    produced_ += bytes;
    return bytes;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body,
                                 beast::error_code& error) override {
    return on_body_impl(body, error);
  }
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_header_impl(beast::error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
  void on_chunk_header_impl(std::uint64_t, beast::string_view extension,
                            beast::error_code& error) override {
    // Beast takes anything between quotes, a line feed too, at which another reader's line ends.
    if (has_control_character(to_std(extension))) error = BeastError::bad_chunk_extension;
  }
  void on_finish_impl(beast::error_code&) override {}

  std::size_t header_bytes_max_;
  std::size_t scanned_ = 0;
  RequestHead head_;
  std::span<char> destination_;
  std::size_t produced_ = 0;

  // How often a field stood in the header, where that matters, and what it said.
  int hosts_ = 0;
  int authorizations_ = 0;
  int content_lengths_ = 0;
  int transfer_encodings_ = 0;
  int ranges_ = 0;
  int accepts_ = 0;
  bool only_chunked_ = true;
  bool expectation_known_ = true;
};

HeadParse RequestParser::Impl::parse_head(std::string_view input) {
  std::size_t skipped = 0;
  while (input.substr(skipped, 2) == "\r\n") skipped += 2;
  if (skipped > header_bytes_max_) return reject(kHeaderTooLarge, "the request is empty lines");
  // What stands behind the limit is not looked at: whether it has arrived yet is chance.
  const std::string_view request = input.substr(skipped, header_bytes_max_);
  const HeadEnd end = find_head_end(request, scanned_);
  switch (end.status) {
    case HeadEnd::Status::need_more:
      if (request.size() == header_bytes_max_) return reject_too_long(request);
      return {};
    case HeadEnd::Status::bad_line_end:
      return reject(kBadRequest, "a line of the header does not end in CR LF");
    case HeadEnd::Status::folded_line:
      return reject(kBadRequest, "a field of the header is folded over two lines");
    case HeadEnd::Status::found:
      break;
  }

  beast::error_code error;
  put(boost::asio::const_buffer(request.data(), end.bytes), error);
  if (error == BeastError::bad_version) {
    return reject(kVersionNotSupported, "send HTTP/1.0 or HTTP/1.1");
  }
  if (error) return reject(kBadRequest, "the header is not valid: " + error.message());
  return finish_head(skipped + end.bytes);
}

HeadParse RequestParser::Impl::reject_too_long(std::string_view input) {
  if (scanned_ == 0 && input.find('\n') == std::string_view::npos) {
    return reject(kUriTooLong, "the request line is too long");
  }
  return reject(kHeaderTooLarge,
                "the header is longer than " + std::to_string(header_bytes_max_) + " bytes");
}

HeadParse RequestParser::Impl::finish_head(std::size_t head_bytes) {
  if (auto rejection = check_framing()) return reject(rejection->status, rejection->reason);
  head_.keep_alive = keep_alive();
  head_.chunked = chunked();
  if (const auto length = content_length()) head_.content_length = *length;
  if (ranges_ > 1) head_.range.reset();
  if (accepts_ > 1) head_.accept = "";
  // HTTP/1.0 knows no "100 Continue" (RFC 9110 section 10.1.1).
  if (head_.http_1_0) head_.expects_continue = false;
  HeadParse parse;
  parse.status = HeadStatus::complete;
  parse.head_bytes = head_bytes;
  return parse;
}

std::optional<Rejection> RequestParser::Impl::check_framing() const {
  if (hosts_ > 1 || (hosts_ == 0 && !head_.http_1_0)) {
    return Rejection{kBadRequest, "send one Host field"};
  }
  if (authorizations_ > 1) return Rejection{kBadRequest, "send one Authorization field"};
  if (content_lengths_ > 1) return Rejection{kBadRequest, "send one Content-Length"};
  if (transfer_encodings_ > 0 && (head_.http_1_0 || content_lengths_ > 0)) {
    return Rejection{kBadRequest, "Transfer-Encoding goes with HTTP/1.1 and no Content-Length"};
  }
  if (transfer_encodings_ > 1 || !only_chunked_) {
    return Rejection{kNotImplemented, "the one Transfer-Encoding served is chunked"};
  }
  if (!expectation_known_) {
    return Rejection{kExpectationFailed, "the one expectation served is 100-continue"};
  }
  return std::nullopt;
}

void RequestParser::Impl::take_field(field name, std::string_view value) {
  switch (name) {
    case field::host:
      ++hosts_;
      break;
    case field::authorization:
      ++authorizations_;
      head_.authorization = value;
      break;
    case field::accept:
      ++accepts_;
      head_.accept = value;
      break;
    case field::content_length:
      ++content_lengths_;
      // Beast takes "5, 5" for 5.
      if (value.find(',') != std::string_view::npos) ++content_lengths_;
      break;
    case field::transfer_encoding:
      ++transfer_encodings_;
      only_chunked_ = equals_ignoring_case(value, "chunked");
      break;
    case field::range:
      ++ranges_;
      head_.range = value;
      break;
    case field::if_range:
      head_.if_range = value;
      break;
    case field::expect:
      head_.expects_continue = equals_ignoring_case(value, "100-continue");
      expectation_known_ = expectation_known_ && head_.expects_continue;
      break;
    default:
      break;
  }
}

BodyParse RequestParser::Impl::parse_body(std::string_view input, std::span<char> destination) {
  destination_ = destination;
  produced_ = 0;
  BodyParse parse;
  if (head_.chunked && input.size() < kChunkedRestBytesMin) return parse;
  beast::error_code error;
  parse.consumed = put(boost::asio::const_buffer(input.data(), input.size()), error);
  parse.produced = produced_;
  if (error == BeastError::need_more) {
    // Beast would go on behind the line's end, and count the chunk at each attempt.
    const bool open_quote = head_.chunked && has_open_quote(input.substr(parse.consumed));
    parse.status = open_quote ? BodyParseStatus::malformed : BodyParseStatus::need_more;
  } else if (error == BeastError::body_limit) {
    parse.status = BodyParseStatus::too_large;
  } else if (error) {
    parse.status = BodyParseStatus::malformed;
  } else {
    parse.status = is_done() ? BodyParseStatus::complete : BodyParseStatus::progress;
  }
  return parse;
}

RequestParser::RequestParser(std::size_t header_bytes_max)
    : impl_(std::make_unique<Impl>(header_bytes_max)) {}
RequestParser::~RequestParser() = default;

HeadParse RequestParser::parse_head(std::string_view input) {
  return impl_->parse_head(input);
}
const RequestHead& RequestParser::head() const {
  return impl_->head();
}
void RequestParser::limit_chunked_body(std::uint64_t bytes_max) {
  impl_->body_limit(bytes_max);
}
bool RequestParser::body_complete() const {
  return impl_->is_done();
}
BodyParse RequestParser::parse_body(std::string_view input, std::span<char> destination) {
  return impl_->parse_body(input, destination);
}

}  // namespace fuota::server::http
