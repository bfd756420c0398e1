#include "cli/fleet_answer.hpp"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <charconv>

#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/names.hpp"
#include "fuota_protocol/offer.hpp"
#include "fuota_protocol/percent.hpp"

namespace fuota::cli {
namespace {

namespace beast = boost::beast;
using beast::http::field;

/// A path segment in percent escapes, or nothing for what is no file name.
std::optional<std::string> path_of_file(std::string_view name) {
  if (protocol::check_file_name(name) != protocol::NameError::none) return std::nullopt;
  std::string path(3 * name.size(), '\0');
  const auto bytes = protocol::percent_encode(name, path.data(), path.size());
  if (!bytes) return std::nullopt;
  path.resize(*bytes);
  return "/files/" + path;
}

}  // namespace

/// Beast calls this as it finds the parts of the answer.
class AnswerReader::Impl final : public beast::http::basic_parser<false> {
 public:
  Impl() {
    eager(true);
    header_limit(kHeadMax);
    body_limit(boost::none);
  }

  FleetAnswer answer;

 private:
  void on_response_impl(int code, beast::string_view, int, beast::error_code&) override {
    answer.status = static_cast<unsigned>(code);
  }
  void on_field_impl(field name, beast::string_view, beast::string_view value,
                     beast::error_code&) override {
    if (name == field::content_type) {
      answer.offer = beast::iequals(
          value, {protocol::kOfferMediaType.data(), protocol::kOfferMediaType.size()});
    } else if (name == field::retry_after) {
      std::uint32_t seconds = 0;
      const char* const last = value.data() + value.size();
      const auto parsed = std::from_chars(value.data(), last, seconds);
      if (parsed.ec == std::errc() && parsed.ptr == last) answer.retry_after_s = seconds;
    }
  }
  std::size_t on_body_impl(beast::string_view body, beast::error_code&) override {
    answer.body_bytes += body.size();
    const std::size_t room = kBodyKeptMax - answer.body.size();
    answer.body.append(body.data(), std::min(room, body.size()));
    return body.size();
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body,
                                 beast::error_code& error) override {
    return on_body_impl(body, error);
  }
  void on_finish_impl(beast::error_code&) override { answer.keep_alive = keep_alive(); }
  void on_request_impl(beast::http::verb, beast::string_view, beast::string_view, int,
                       beast::error_code&) override {}
  void on_header_impl(beast::error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
};

AnswerReader::AnswerReader() : impl_(std::make_unique<Impl>()) {}

AnswerReader::~AnswerReader() = default;

AnswerReader::State AnswerReader::take(std::string_view input, std::size_t& used) {
  beast::error_code error;
  used = impl_->put(boost::asio::const_buffer(input.data(), input.size()), error);
  if (error && error != beast::http::error::need_more) return State::malformed;
  return impl_->is_done() ? State::complete : State::need_more;
}

AnswerReader::State AnswerReader::end() {
  if (!impl_->is_header_done() || !impl_->need_eof()) return State::need_more;
  beast::error_code error;
  impl_->put_eof(error);
  return error ? State::malformed : State::complete;
}

FleetAnswer& AnswerReader::answer() {
  return impl_->answer;
}

std::optional<std::string> offered_path(const FleetAnswer& answer) {
  if (!answer.offer) return path_of_file(answer.body);
  const auto parse = protocol::parse_offer(answer.body);
  if (parse.problem.error != protocol::DocumentError::none) return std::nullopt;
  return std::string(parse.offer.artifacts[0].url);
}

}  // namespace fuota::cli
