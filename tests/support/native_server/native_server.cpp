#include "tests/support/native_server/native_server.hpp"

#include <algorithm>
#include <cstdlib>

#include "simulator/net/base64.hpp"
#include "tests/support/native_server/byte_range.hpp"

namespace fuota::test {
namespace {

using simulator::net::Endpoint;
using simulator::net::PeerRequest;
using Kind = AnswerFault::Kind;

constexpr std::string_view kOfferType = "application/vnd.fuota.offer+json";
/// The credentials of the sample application's menu.
constexpr std::string_view kCredentials = "Basic c2VydmVyX3VzZXJuYW1lOnNlcnZlcl9wYXNzd29yZA==";
constexpr std::size_t kReportBytesMax = 1024;
constexpr std::size_t kTokenBytes = 47;

/// What is behind `prefix` in `text`, or nothing.
std::optional<std::string> behind(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  return std::string(text.substr(prefix.size()));
}

std::string field(std::string_view name, std::string_view value) {
  return std::string(name).append(": ").append(value).append("\r\n");
}

std::string range_field(std::uint64_t first, std::uint64_t last, std::uint64_t bytes) {
  return field("Content-Range", "bytes " + std::to_string(first) + '-' + std::to_string(last) +
                                    '/' + std::to_string(bytes));
}

std::string quoted(std::string_view text) {
  return std::string("\"").append(text).append("\"");
}

std::string basic(const std::string& username, const std::string& password) {
  return "Basic " + simulator::net::base64(username + ":" + password);
}

/// No answer of HTTP, no image, and the same for everybody.
std::string noise(std::size_t bytes) {
  std::string text(bytes, '\0');
  std::uint32_t state = 0x2545F491;
  for (char& byte : text) {
    state = state * 1'664'525 + 1'013'904'223;
    byte = static_cast<char>(state >> 24);
  }
  return text;
}

void replace(std::string& text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  if (at != std::string::npos) text.replace(at, what.size(), with);
}

/// Content-Length as `fault` has it; empty when there is none.
std::string length_field(int status, std::size_t body_bytes, const AnswerFault& fault) {
  const std::uint64_t number = std::min<std::uint64_t>(fault.number, body_bytes);
  if (status == 204 || (fault.kind == Kind::no_length && body_bytes > 0)) return {};
  std::uint64_t length = body_bytes;
  if (body_bytes > 0 && fault.kind == Kind::length_too_short) length -= number;
  if (body_bytes > 0 && fault.kind == Kind::length_too_long) length += fault.number;
  return field("Content-Length", std::to_string(length));
}

bool is_transport(Kind kind) {
  return kind == Kind::no_answer || kind == Kind::closed || kind == Kind::reset ||
         kind == Kind::stalled;
}

}  // namespace

std::string HeldRelease::full_artifact(std::string_view url, std::size_t size_bytes,
                                       std::string_view sha256) {
  return std::string(R"([{"format":"full","url":")")
      .append(url)
      .append(R"(","size":)")
      .append(std::to_string(size_bytes))
      .append(R"(,"sha256":")")
      .append(sha256)
      .append(R"("}])");
}

std::optional<std::string> ServedRequest::parameter(std::string_view name) const {
  std::string_view rest = target;
  for (std::size_t at = rest.find('?'); at != std::string_view::npos; at = rest.find('&')) {
    rest.remove_prefix(at + 1);
    const std::string_view pair = rest.substr(0, rest.find('&'));
    if (pair.starts_with(name) && pair.size() > name.size() && pair[name.size()] == '=') {
      return std::string(pair.substr(name.size() + 1));
    }
  }
  return std::nullopt;
}

NativeServer::NativeServer(simulator::net::Network& network) : network_(network) {
  start();
}

void NativeServer::start() {
  network_.listen(Endpoint{kHost, kPort}, [this] {
    Connection connection;
    connection.number = connections_++;
    return std::make_unique<SpoiledConnection>(
        [this, connection](const PeerRequest& request) mutable {
          return answer(connection, request);
        });
  });
}

void NativeServer::stop() {
  network_.stop_listening(Endpoint{kHost, kPort});
}

void NativeServer::set_conditions(simulator::net::Network::ChooseConditions choose) {
  network_.set_conditions(Endpoint{kHost, kPort}, std::move(choose));
}

void NativeServer::assign(const std::string& device, std::shared_ptr<const HeldRelease> release) {
  devices_[device] = {std::move(release), "deployment-" + std::to_string(++deployments_)};
}

std::size_t NativeServer::count(ServedRequest::Kind kind) const {
  return static_cast<std::size_t>(
      std::count_if(requests_.begin(), requests_.end(),
                    [kind](const ServedRequest& request) { return request.kind == kind; }));
}

SpoiledAnswer NativeServer::answer(Connection& connection, const PeerRequest& request) {
  SpoiledAnswer spoiled;
  spoiled.answer.close = false;
  ServedRequest served = parse(request);
  if (!may_ask(served, request.header("Authorization"))) {
    ++turned_away_;
    spoiled.answer.bytes = simulator::net::http_response(403, {}, {});
    return spoiled;
  }
  served.connection = connection.number;
  served.number = connection.requests++;
  AnswerFault fault = choose_fault_ ? choose_fault_(served) : AnswerFault{};
  served.fault = fault.kind;

  Answer right;
  if (fault.kind == Kind::status) {
    right = {static_cast<int>(fault.number), fault.headers, "refused by the test\n"};
    if (right.status == 204) right.body.clear();
  } else if (!replaces_answer(fault.kind)) {
    right = answer_rightly(served, request);
    served.status = right.status;
  }
  const bool is_last = requests_max_ != 0 && connection.requests >= requests_max_;
  const bool closes = is_last || request.header("Connection") == "close" ||
                      request.raw.find(" HTTP/1.0\r\n") != std::string::npos;
  if (fault.kind == Kind::bytes) {
    spoiled.answer.bytes = fault.text;
  } else if (fault.kind != Kind::no_answer) {
    if (fault.kind == Kind::garbage_body) right.body = noise(right.body.size());
    spoiled.answer.bytes = "HTTP/1.1 " + std::to_string(right.status) + " X\r\n" + right.headers +
                           length_field(right.status, right.body.size(), fault) +
                           (closes ? "Connection: close\r\n" : "") + "\r\n";
    served.header_bytes = spoiled.answer.bytes.size();
    if (request.method != "HEAD") spoiled.answer.bytes += right.body;
  }
  const bool ends_body = fault.kind == Kind::no_length && !right.body.empty();
  spoiled.answer.close = closes || ends_body || fault.kind == Kind::bytes;
  if (is_transport(fault.kind)) spoiled.fault = std::move(fault);
  requests_.push_back(std::move(served));
  return spoiled;
}

std::string NativeServer::token(const std::string& device) const {
  const auto found = tokens_.find(device);
  return found == tokens_.end() ? std::string() : found->second;
}

bool NativeServer::may_ask(const ServedRequest& served, const std::string& authorization) const {
  if (served.kind == ServedRequest::Kind::enrolment) {
    // One that the server has already does not count again.
    const bool is_used_up = enrolments_left_ == 0 && token(served.device).empty();
    return !fleet_key_.empty() && !is_used_up && authorization == basic(served.device, fleet_key_);
  }
  if (takes_shared_user_ && authorization == kCredentials) return true;
  return std::any_of(tokens_.begin(), tokens_.end(), [&](const auto& known) {
    const bool is_its_own = served.device.empty() || served.device == known.first;
    return is_its_own && authorization == basic(known.first, known.second);
  });
}

ServedRequest NativeServer::parse(const PeerRequest& request) const {
  ServedRequest served;
  served.method = request.method;
  served.target = request.target;
  served.range = request.header("Range");
  served.if_range = request.header("If-Range");
  const std::string path = request.target.substr(0, request.target.find('?'));
  const bool reads = request.method == "GET" || request.method == "HEAD";
  const auto device = behind(path, "/devices/");
  constexpr std::string_view kReports = "/reports";
  constexpr std::string_view kEnrolment = "/enrolment";
  if (device && request.method == "POST" && device->ends_with(kEnrolment)) {
    served.kind = ServedRequest::Kind::enrolment;
    served.device = device->substr(0, device->size() - kEnrolment.size());
  } else if (device && request.method == "POST" && device->ends_with(kReports)) {
    served.kind = ServedRequest::Kind::report;
    served.device = device->substr(0, device->size() - kReports.size());
  } else if (device && request.method == "GET") {
    served.kind = ServedRequest::Kind::check;
    served.device = *device;
  } else if (const auto file = behind(path, "/files/"); file && reads) {
    served.kind = ServedRequest::Kind::file;
    served.file = *file;
  } else if (path.starts_with("/roots/") && reads) {
    served.kind = ServedRequest::Kind::root;
  }
  return served;
}

NativeServer::Answer NativeServer::answer_rightly(const ServedRequest& served,
                                                  const PeerRequest& request) {
  Answer answer;
  switch (served.kind) {
    case ServedRequest::Kind::check:
      answer = answer_check(served, request);
      break;
    case ServedRequest::Kind::file:
      answer = answer_file(served, request);
      break;
    case ServedRequest::Kind::report:
      answer = answer_report(served, request);
      break;
    case ServedRequest::Kind::root:
      answer = answer_root(served);
      break;
    case ServedRequest::Kind::enrolment:
      answer = answer_enrolment(served, request);
      break;
    case ServedRequest::Kind::other:
      answer.status = 404;
      break;
  }
  if (served.fault == Kind::wrong_etag) {
    const std::size_t digest = answer.headers.find("ETag: \"");
    if (digest != std::string::npos) answer.headers.replace(digest + 7, 4, "wild");
  }
  return answer;
}

NativeServer::Answer NativeServer::answer_check(const ServedRequest& served,
                                                const PeerRequest& request) const {
  Answer answer;
  const auto device = devices_.find(served.device);
  const auto image = served.parameter("image");
  const bool is_native = request.header("Accept").find(kOfferType) != std::string::npos;
  if (!served.parameter("app_ver")) {
    answer.status = 400;
  } else if (device == devices_.end()) {
    answer.status = 404;
  } else if (!is_native || device->second.release == nullptr ||
             image == device->second.release->image) {
    answer.status = 204;
  } else {
    const HeldRelease& release = *device->second.release;
    answer.status = 200;
    answer.headers = field("Content-Type", kOfferType) + field("Vary", "Accept");
    answer.body = R"({"deployment":")" + device->second.deployment + R"(","manifest":)" +
                  release.manifest + R"(,"artifacts":)" + release.artifacts + "}";
  }
  if (retry_after_s_ && (answer.status == 200 || answer.status == 204)) {
    answer.headers += field("Retry-After", std::to_string(*retry_after_s_));
  }
  const auto root = served.parameter("root");
  if (is_native && root && !roots_.empty()) {
    const std::uint32_t highest = roots_.rbegin()->first;
    if (std::strtoull(root->c_str(), nullptr, 10) < highest) {
      answer.headers += field("Fuota-Root", std::to_string(highest));
    }
  }
  return answer;
}

NativeServer::Answer NativeServer::answer_file(const ServedRequest& served,
                                               const PeerRequest& request) const {
  const auto found = files_.find(served.file);
  if (found == files_.end()) return {404, {}, {}};
  const std::string& content = found->second->content;
  const std::string etag = quoted(found->second->sha256);
  Answer answer;
  answer.headers = field("Content-Type", "application/octet-stream") + field("ETag", etag) +
                   field("Accept-Ranges", "bytes");
  ByteRange range = parse_byte_range(served.range, content.size());
  const std::string condition = request.header("If-Range");
  const bool ignores_range =
      (!condition.empty() && condition != etag) || served.fault == Kind::range_ignored;
  if (ignores_range) range = {};
  if (served.fault == Kind::range_refused && !served.range.empty()) {
    range.kind = ByteRange::Kind::not_satisfied;
  }
  switch (range.kind) {
    case ByteRange::Kind::whole:
      answer.status = 200;
      answer.body = content;
      break;
    case ByteRange::Kind::part:
      answer.status = 206;
      answer.headers += range_field(range.first, range.last, content.size());
      answer.body = content.substr(range.first, range.last - range.first + 1);
      break;
    case ByteRange::Kind::not_satisfied:
      answer.status = 416;
      answer.headers = field("Content-Range", "bytes */" + std::to_string(content.size()));
      break;
  }
  const bool has_range = range.kind == ByteRange::Kind::part;
  if (has_range &&
      (served.fault == Kind::range_elsewhere || served.fault == Kind::range_without_range)) {
    const std::string right = range_field(range.first, range.last, content.size());
    const std::string elsewhere = range_field(range.first + 1, range.last + 1, content.size() + 1);
    replace(answer.headers, right, served.fault == Kind::range_elsewhere ? elsewhere : "");
  }
  return answer;
}

NativeServer::Answer NativeServer::answer_root(const ServedRequest& served) const {
  const std::string version = served.target.substr(std::string_view("/roots/").size());
  const auto found =
      roots_.find(static_cast<std::uint32_t>(std::strtoul(version.c_str(), nullptr, 10)));
  if (found == roots_.end()) return {404, {}, {}};
  return {200, field("Content-Type", "application/jose+json"), found->second};
}

NativeServer::Answer NativeServer::answer_enrolment(const ServedRequest& served,
                                                    const PeerRequest& request) {
  posted_tokens_.push_back(request.body);
  if (request.body.size() != kTokenBytes || !request.body.starts_with("fud_") ||
      request.header("Content-Type") != "text/plain") {
    return {400, {}, {}};
  }
  const std::string known = token(served.device);
  if (known == request.body) return {204, {}, {}};
  if (!known.empty()) return {409, {}, {}};
  --enrolments_left_;
  set_token(served.device, request.body);
  return {204, {}, {}};
}

NativeServer::Answer NativeServer::answer_report(const ServedRequest& served,
                                                 const PeerRequest& request) {
  if (request.body.size() > kReportBytesMax) return {413, {}, {}};
  if (!devices_.contains(served.device)) return {404, {}, {}};
  std::optional<ReceivedReport> report = read_report(request.body);
  if (!report || request.header("Content-Type") != "application/json") return {400, {}, {}};
  report->device = served.device;
  report->is_repeat =
      !stored_.emplace(served.device + ' ' + report->stream, report->sequence).second;
  reports_.push_back(std::move(*report));
  return {204, {}, {}};
}

}  // namespace fuota::test
