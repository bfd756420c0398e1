#include "server/app/routes.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <utility>

#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/offer.hpp"
#include "fuota_protocol/percent.hpp"
#include "server/api/answer.hpp"
#include "server/api/device_endpoints.hpp"
#include "server/api/download_queue.hpp"
#include "server/api/file_endpoints.hpp"
#include "server/api/history_endpoints.hpp"
#include "server/api/manifest_endpoints.hpp"
#include "server/api/root_endpoints.hpp"
#include "server/app/problem.hpp"
#include "server/http/router.hpp"

namespace fuota::server::app {
namespace {

using boost::asio::awaitable;
using http::Request;
using http::Response;

constexpr unsigned kForbidden = 403;

/// Where the management API begins.
constexpr std::string_view kManagement = "/api/v1/";

/// The statuses of the outcomes, in the order of the enumeration.
constexpr unsigned kStatuses[] = {200, 204, 400, kForbidden, 404, 409, 507, 503, 503};
static_assert(std::size(kStatuses) == static_cast<std::size_t>(api::Outcome::busy) + 1);

unsigned status_of(api::Outcome outcome) {
  return kStatuses[static_cast<std::size_t>(outcome)];
}

/// The body of a request as the endpoints want it.
class RequestOctets final : public api::BodySource {
 public:
  explicit RequestOctets(http::RequestBody* body) : body_(body) {}

  awaitable<std::optional<std::size_t>> read(std::span<char> destination) override {
    const http::BodyRead step = co_await body_->read(destination);
    if (step.status == http::BodyStatus::data) co_return step.bytes;
    if (step.status == http::BodyStatus::end) co_return 0;
    co_return std::nullopt;
  }

 private:
  http::RequestBody* body_;
};

/// CSV in pieces as the connection wants it.
class CsvBody final : public http::BodyPieces {
 public:
  explicit CsvBody(std::unique_ptr<api::CsvPieces> pieces) : pieces_(std::move(pieces)) {}

  awaitable<std::optional<std::string>> next() override { return pieces_->next(); }

 private:
  std::unique_ptr<api::CsvPieces> pieces_;
};

/// RFC 6266: a name of ASCII as it is (a valid name has neither quotes nor backslashes), any other
/// one as UTF-8 in percent escapes.
std::string content_disposition(const std::string& name) {
  const bool ascii =
      std::all_of(name.begin(), name.end(), [](char c) { return static_cast<signed char>(c) > 0; });
  if (ascii) return "attachment; filename=\"" + name + "\"";
  std::string encoded(3 * name.size(), '\0');
  encoded.resize(*protocol::percent_encode(name, encoded.data(), encoded.size()));
  return "attachment; filename*=UTF-8''" + encoded;
}

http::BodyFile body_file(api::Download download) {
  storage::FileContent& content = download.content;
  std::string etag = "\"" + storage::to_hex(content.sha256) + "\"";
  return http::BodyFile(content.file.release(), content.size_bytes, std::move(etag),
                        std::move(download.admission));
}

/// Who stands in the queue for downloads. Devices that share one user are told apart by address.
std::string caller_of(const Request& request) {
  return std::string(request.client_name.empty() ? request.peer_address : request.client_name);
}

api::Answer busy_answer(std::uint32_t retry_after_s) {
  api::Answer answer = api::plain_answer(
      api::Outcome::busy, "too many downloads at a time: come back when Retry-After says");
  answer.retry_after_s = retry_after_s;
  return answer;
}

std::string content_type_of(api::TextKind kind) {
  switch (kind) {
    case api::TextKind::csv:
      return "text/csv";
    case api::TextKind::offer:
      return std::string(protocol::kOfferMediaType);
    case api::TextKind::jose:
      return "application/jose+json";  // RFC 7515 section 9.2.1
    case api::TextKind::json:
      return "application/json";
    case api::TextKind::none:
    case api::TextKind::plain:
      break;
  }
  return "";
}

Response to_response(api::Answer answer) {
  Response response;
  response.status = status_of(answer.outcome);
  if (answer.text_kind == api::TextKind::plain) {
    response = http::text_response(response.status, std::move(answer.text));
  } else if (answer.download) {
    response.content_type = "application/octet-stream";
    response.fields.emplace_back("Content-Disposition", content_disposition(answer.download->name));
    response.body = body_file(std::move(*answer.download));
  } else if (answer.pieces) {
    response.content_type = "text/csv";
    response.body = std::make_unique<CsvBody>(std::move(answer.pieces));
  } else {
    response.content_type = content_type_of(answer.text_kind);
    // The compatible answer stays as it always was, to the byte.
    if (answer.text_kind == api::TextKind::offer) response.fields.emplace_back("Vary", "Accept");
    response.body = std::move(answer.text);
  }
  if (answer.newer_root) {
    response.fields.emplace_back("Fuota-Root", std::to_string(*answer.newer_root));
  }
  if (answer.retry_after_s) {
    response.fields.emplace_back("Retry-After", std::to_string(*answer.retry_after_s));
  }
  return response;
}

/// The handler: owns what the endpoints need.
class Routes final : public http::Handler {
 public:
  Routes(storage::Store& store, api::Authenticator authenticator, http::Observer& observer,
         std::uint64_t file_bytes_max, const api::Clock& clock, const OverloadSettings& overload)
      : authenticator_(std::move(authenticator)),
        observer_(observer),
        clock_(clock),
        devices_(store, clock),
        files_(store),
        history_(store, clock),
        manifests_(store),
        roots_(store),
        poll_pacer_(overload.polls),
        downloads_(overload.downloads_max),
        router_(make_table(file_bytes_max),
                [this](const Request& request) { return admit(request); }) {}

  awaitable<http::Handled> handle(Request request) override {
    if (request.path.starts_with(kManagement)) return handle_management(request);
    return router_.handle(request);
  }

 private:
  using Member = awaitable<Response> (Routes::*)(Request);

  std::vector<http::Route> make_table(std::uint64_t file_bytes_max) {
    const auto to = [this](Member member) {
      return [this, member](Request request) { return (this->*member)(request); };
    };
    return {
        {"GET", "/devices", to(&Routes::list_devices), std::nullopt},
        {"GET", "/devices/{}", to(&Routes::check_device), std::nullopt},
        {"PUT", "/devices/{}", to(&Routes::put_device), protocol::kDeviceRowBytesMax},
        {"DELETE", "/devices/{}", to(&Routes::remove_device), std::nullopt},
        {"GET", "/files/{}", to(&Routes::get_file), std::nullopt},
        {"PUT", "/files/{}", to(&Routes::put_file), file_bytes_max},
        {"DELETE", "/files/{}", to(&Routes::remove_file), std::nullopt},
        {"GET", "/files/{}/manifest", to(&Routes::get_manifest), std::nullopt},
        {"PUT", "/files/{}/manifest", to(&Routes::put_manifest), protocol::kSignedManifestBytesMax},
        {"POST", "/devices/{}/reports", to(&Routes::record_report), protocol::kReportBytesMax},
        {"GET", "/api/v1/devices/{}/history", to(&Routes::get_history), std::nullopt},
        {"GET", "/roots/{}", to(&Routes::get_root), std::nullopt},
        {"PUT", "/roots/{}", to(&Routes::put_root), protocol::kSignedRootBytesMax},
    };
  }

  http::Admission admit(const Request& request) const {
    http::Admission admission;
    if (auto user = authenticator_.recognise(request.authorization)) {
      admission.user = std::move(*user);
    } else {
      admission.refusal = http::text_response(
          kForbidden,
          "the user or the password is missing or wrong: use HTTP Basic authentication");
    }
    return admission;
  }

  /// What goes wrong there, be it in the router, is told to programs.
  awaitable<http::Handled> handle_management(Request request) {
    http::Handled handled = co_await router_.handle(request);
    handled.response = as_problem(std::move(handled.response));
    co_return handled;
  }

  awaitable<Response> list_devices(Request) { co_return respond(co_await devices_.list()); }
  awaitable<Response> check_device(Request request) {
    api::Answer answer = co_await devices_.check(request.argument, request.query, request.accept,
                                                 request.peer_address);
    const auto next_s = poll_pacer_.count(std::chrono::steady_clock::now(), api::draw_chance());
    answer.retry_after_s = std::max(answer.retry_after_s, next_s);
    co_return respond(std::move(answer));
  }
  awaitable<Response> put_device(Request request) {
    RequestOctets body(request.body);
    co_return respond(co_await devices_.put(request.argument, &body, change_by(request)));
  }
  awaitable<Response> remove_device(Request request) {
    co_return respond(co_await devices_.remove(request.argument, change_by(request)));
  }
  awaitable<Response> get_file(Request request) {
    if (request.method == "HEAD") co_return respond(co_await files_.get(request.argument));
    const auto asked = downloads_.ask(caller_of(request), api::draw_chance());
    if (const auto* come_back = std::get_if<api::DownloadQueue::ComeBack>(&asked)) {
      co_return respond(busy_answer(come_back->in_s));
    }
    api::Answer answer = co_await files_.get(request.argument);
    if (answer.download) {
      answer.download->admission = std::get<api::DownloadQueue::Admission>(asked);
    }
    co_return respond(std::move(answer));
  }
  awaitable<Response> put_file(Request request) {
    RequestOctets body(request.body);
    co_return respond(co_await files_.put(request.argument, &body, change_by(request)));
  }
  awaitable<Response> remove_file(Request request) {
    co_return respond(co_await files_.remove(request.argument, change_by(request)));
  }
  awaitable<Response> get_manifest(Request request) {
    co_return respond(co_await manifests_.get(request.argument));
  }
  awaitable<Response> put_manifest(Request request) {
    RequestOctets body(request.body);
    co_return respond(co_await manifests_.put(request.argument, &body, change_by(request)));
  }

  awaitable<Response> record_report(Request request) {
    RequestOctets body(request.body);
    co_return respond(co_await history_.record(request.argument, &body));
  }
  awaitable<Response> get_history(Request request) {
    co_return respond(co_await history_.get(request.argument, request.query));
  }
  awaitable<Response> get_root(Request request) {
    co_return respond(co_await roots_.get(request.argument));
  }
  awaitable<Response> put_root(Request request) {
    RequestOctets body(request.body);
    co_return respond(co_await roots_.put(request.argument, &body, change_by(request)));
  }

  /// Who makes the change that is asked for, of those whom `admit` has let in.
  domain::Change change_by(const Request& request) const {
    const auto user = authenticator_.recognise(request.authorization);
    return {"shared:" + user.value_or(""), std::string(request.peer_address), clock_()};
  }

  Response respond(api::Answer answer) const {
    if (!answer.detail.empty()) observer_.on_event(http::Severity::error, answer.detail);
    return to_response(std::move(answer));
  }

  api::Authenticator authenticator_;
  http::Observer& observer_;
  api::Clock clock_;
  api::DeviceEndpoints devices_;
  api::FileEndpoints files_;
  api::HistoryEndpoints history_;
  api::ManifestEndpoints manifests_;
  api::RootEndpoints roots_;
  api::PollPacer poll_pacer_;
  api::DownloadQueue downloads_;
  http::Router router_;
};

}  // namespace

std::unique_ptr<http::Handler> make_routes(storage::Store& store, api::Authenticator authenticator,
                                           http::Observer& observer, std::uint64_t file_bytes_max,
                                           api::Clock clock, OverloadSettings overload) {
  return std::make_unique<Routes>(store, std::move(authenticator), observer, file_bytes_max, clock,
                                  overload);
}

}  // namespace fuota::server::app
