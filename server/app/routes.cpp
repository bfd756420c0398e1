#include "server/app/routes.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <string>
#include <utility>

#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/offer.hpp"
#include "fuota_protocol/percent.hpp"
#include "server/api/access_json.hpp"
#include "server/api/account_endpoints.hpp"
#include "server/api/answer.hpp"
#include "server/api/audit_endpoints.hpp"
#include "server/api/credential_endpoints.hpp"
#include "server/api/device_endpoints.hpp"
#include "server/api/download_queue.hpp"
#include "server/api/file_endpoints.hpp"
#include "server/api/history_endpoints.hpp"
#include "server/api/json_members.hpp"
#include "server/api/manifest_endpoints.hpp"
#include "server/api/root_endpoints.hpp"
#include "server/api/token_endpoints.hpp"
#include "server/app/permissions.hpp"
#include "server/app/problem.hpp"
#include "server/http/router.hpp"

namespace fuota::server::app {
namespace {

using boost::asio::awaitable;
using http::Request;
using http::Response;

constexpr unsigned kUnauthorized = 401;
constexpr unsigned kForbidden = 403;
constexpr unsigned kTooManyRequests = 429;
constexpr unsigned kServiceUnavailable = 503;

/// Where the management API begins.
constexpr std::string_view kManagement = "/api/v1/";

/// The statuses of the outcomes, in the order of the enumeration.
constexpr unsigned kStatuses[] = {200, 201, 204, 400, kForbidden, 404, 409, 507, 503, 503};
static_assert(std::size(kStatuses) == static_cast<std::size_t>(api::Outcome::busy) + 1);

unsigned status_of(api::Outcome outcome) {
  return kStatuses[static_cast<std::size_t>(outcome)];
}

/// Who asks, as the guard tells it to the endpoints.
struct KnownCaller final : http::Caller {
  explicit KnownCaller(api::Principal known) : principal(std::move(known)) {}
  api::Principal principal;
};

/// The guard has let the request pass, so there is one.
const api::Principal& principal_of(const Request& request) {
  return static_cast<const KnownCaller&>(*request.caller).principal;
}

void add_retry_after(Response& response, std::optional<std::chrono::seconds> retry_after) {
  if (retry_after) {
    response.fields.emplace_back("Retry-After", std::to_string(retry_after->count()));
  }
}

/// The answer to who shows nothing. A device takes 403 for what it is, and a browser asks its user
/// after a 401.
Response nothing_shown(std::string_view path) {
  constexpr char kRemedy[] = "credentials are missing: use HTTP Basic authentication";
  if (!path.starts_with(kManagement)) return http::text_response(kForbidden, kRemedy);
  Response response = http::text_response(kUnauthorized, kRemedy);
  response.fields.emplace_back("WWW-Authenticate", "Basic realm=\"fuota\"");
  return response;
}

Response forbidden() {
  return http::text_response(
      kForbidden, "these credentials don't allow that: use those of somebody who may do it");
}

/// Why a request that was let in goes no further; nothing when it does.
using Renewal = std::function<awaitable<std::optional<Response>>()>;

/// The body of a request that changes something. At its end `renew` finds out whether that is still
/// allowed: the body takes as long as its sender likes. Where it isn't, the end is a failure, upon
/// which no endpoint changes anything, and the answer is the refusal.
class GuardedBody final : public http::RequestBody {
 public:
  GuardedBody(http::RequestBody* body, Renewal renew) : body_(body), renew_(std::move(renew)) {}

  bool declared() const override { return body_->declared(); }
  bool limit(std::uint64_t bytes_max) override { return body_->limit(bytes_max); }

  awaitable<http::BodyRead> read(std::span<char> destination) override {
    http::BodyRead step = co_await body_->read(destination);
    if (step.status != http::BodyStatus::end) co_return step;
    if (!refusal_) refusal_ = co_await renew_();
    if (refusal_) step.status = http::BodyStatus::cut_short;
    co_return step;
  }

  [[nodiscard]] std::optional<Response>& refusal() { return refusal_; }

 private:
  http::RequestBody* body_;
  Renewal renew_;
  std::optional<Response> refusal_;
};

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
  const api::Principal& principal = principal_of(request);
  if (principal.kind == api::PrincipalKind::device) return principal.name;
  return std::string(request.peer_address);
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
  Routes(storage::Store& store, api::Authenticator& authenticator, http::Observer& observer,
         std::uint64_t file_bytes_max, const api::Clock& clock, std::shared_ptr<Overload> overload)
      : authenticator_(authenticator),
        shared_caller_(authenticator.shared_principal()),
        observer_(observer),
        clock_(clock),
        accounts_(store, authenticator, reserved_name(authenticator.shared_user())),
        audit_(store),
        credentials_(store, clock),
        devices_(store, clock),
        files_(store),
        fleet_keys_(store),
        history_(store, clock),
        manifests_(store),
        roots_(store),
        tokens_(store),
        overload_(std::move(overload)),
        router_(make_table(file_bytes_max),
                [this](const Request& request) { return admit(request); }) {}

  awaitable<http::Handled> handle(Request request) override {
    if (request.path.starts_with(kManagement)) return handle_management(request);
    return router_.handle(request);
  }

  std::vector<std::string_view> routes() const override { return router_.routes(); }

 private:
  using Member = awaitable<Response> (Routes::*)(Request);
  using PromptMember = http::Eventual<Response> (Routes::*)(const Request&);

  static std::string reserved_name(const api::SharedUser& shared) {
    return shared.scope() == api::SharedUserScope::off ? "" : shared.name();
  }

  std::vector<http::Route> make_table(std::uint64_t file_bytes_max) {
    constexpr auto kNoBody = std::nullopt;
    constexpr std::uint64_t kJson = api::kManagementBodyBytesMax;
    return {
        route("GET", "/devices", &Routes::list_devices, kNoBody),
        prompt_route("GET", "/devices/{}", &Routes::check_device),
        route("PUT", "/devices/{}", &Routes::put_device, protocol::kDeviceRowBytesMax),
        route("DELETE", "/devices/{}", &Routes::remove_device, kNoBody),
        route("GET", "/files/{}", &Routes::get_file, kNoBody),
        route("PUT", "/files/{}", &Routes::put_file, file_bytes_max),
        route("DELETE", "/files/{}", &Routes::remove_file, kNoBody),
        route("GET", "/files/{}/manifest", &Routes::get_manifest, kNoBody),
        route("PUT", "/files/{}/manifest", &Routes::put_manifest,
              protocol::kSignedManifestBytesMax),
        route("POST", "/devices/{}/reports", &Routes::record_report, protocol::kReportBytesMax),
        route("POST", "/devices/{}/enrolment", &Routes::enrol_device, api::kEnrolmentBytesMax),
        route("GET", "/roots/{}", &Routes::get_root, kNoBody),
        route("PUT", "/roots/{}", &Routes::put_root, protocol::kSignedRootBytesMax),
        route("GET", "/api/v1/devices/{}/history", &Routes::get_history, kNoBody),
        route("GET", "/api/v1/devices/{}/credential", &Routes::get_credential, kNoBody),
        route("PUT", "/api/v1/devices/{}/credential", &Routes::put_credential, kJson),
        route("DELETE", "/api/v1/devices/{}/credential", &Routes::remove_credential, kNoBody),
        route("GET", "/api/v1/whoami", &Routes::tell_caller, kNoBody),
        route("GET", "/api/v1/accounts", &Routes::list_accounts, kNoBody),
        route("GET", "/api/v1/accounts/{}", &Routes::get_account, kNoBody),
        route("PUT", "/api/v1/accounts/{}", &Routes::put_account, kJson),
        route("DELETE", "/api/v1/accounts/{}", &Routes::remove_account, kNoBody),
        route("GET", "/api/v1/tokens", &Routes::list_tokens, kNoBody),
        route("POST", "/api/v1/tokens", &Routes::create_token, kJson),
        route("DELETE", "/api/v1/tokens/{}", &Routes::remove_token, kNoBody),
        route("GET", "/api/v1/fleet-keys", &Routes::list_fleet_keys, kNoBody),
        route("POST", "/api/v1/fleet-keys", &Routes::create_fleet_key, kJson),
        route("DELETE", "/api/v1/fleet-keys/{}", &Routes::remove_fleet_key, kNoBody),
        route("GET", "/api/v1/audit", &Routes::get_audit, kNoBody),
    };
  }

  /// A route for those whom its permission allows it.
  http::Route route(const char* method, const char* pattern, Member member,
                    std::optional<std::uint64_t> body_bytes_max) {
    const Permission& permission = permission_of(method, pattern);
    const bool takes_body = body_bytes_max.has_value();
    const auto endpoint = [this, member, takes_body,
                           &permission](const Request& request) -> http::Eventual<Response> {
      switch (decide(permission, principal_of(request), request.argument)) {
        case Verdict::allowed:
          return takes_body ? guard(request, member, &permission) : (this->*member)(request);
        case Verdict::own_file_only:
          return if_own_file(request, member);
        case Verdict::forbidden:
          break;
      }
      return forbidden();
    };
    return {method, pattern, endpoint, body_bytes_max};
  }

  /// The same for what takes no body and waits at times only.
  http::Route prompt_route(const char* method, const char* pattern, PromptMember member) {
    const Permission& permission = permission_of(method, pattern);
    const auto endpoint = [this, member,
                           &permission](const Request& request) -> http::Eventual<Response> {
      const Verdict verdict = decide(permission, principal_of(request), request.argument);
      if (verdict != Verdict::allowed) return forbidden();
      return (this->*member)(request);
    };
    return {method, pattern, endpoint, std::nullopt};
  }

  /// Answers a request with a body, at whose end who asks must still be allowed to. The endpoint
  /// sees then who that is by then: the role may have changed.
  awaitable<Response> guard(Request request, Member member, const Permission* permission) {
    KnownCaller caller(principal_of(request));
    GuardedBody body(request.body, [this, &request, &caller, permission] {
      return renew(&caller, permission, request.argument, request.path);
    });
    request.caller = &caller;
    request.body = &body;
    Response response = co_await (this->*member)(request);
    if (body.refusal()) co_return std::move(*body.refusal());
    co_return response;
  }

  /// Finds out anew who `caller` is. The refusal, if that isn't enough any more.
  awaitable<std::optional<Response>> renew(KnownCaller* caller, const Permission* permission,
                                           std::string_view argument, std::string_view path) {
    api::Authentication found = co_await authenticator_.renew(caller->principal);
    if (found.outcome == api::Authentication::Outcome::wrong) co_return forbidden();
    if (found.outcome != api::Authentication::Outcome::known) co_return refusal(found, path);
    caller->principal = std::move(found.principal);
    if (decide(*permission, caller->principal, argument) == Verdict::allowed) {
      co_return std::nullopt;
    }
    co_return forbidden();
  }

  awaitable<Response> if_own_file(Request request, Member member) {
    const auto assigned = co_await files_.is_assigned(principal_of(request).name, request.argument);
    if (!assigned) co_return respond(api::failure_answer(assigned.error()));
    if (!*assigned) co_return forbidden();
    co_return co_await (this->*member)(request);
  }

  http::Eventual<http::Admission> admit(const Request& request) {
    if (!authenticator_.is_shared_user(request.authorization)) return find_out(request);
    http::Admission admission;
    admission.user = shared_caller_.principal.name;
    // Not owned, so that all threads don't count up and down the same number.
    admission.caller =
        std::shared_ptr<const http::Caller>(std::shared_ptr<void>(), &shared_caller_);
    return admission;
  }

  /// Admits those who are not the shared user.
  awaitable<http::Admission> find_out(const Request& request) {
    api::Presented shown;
    shown.authorization = request.authorization;
    shown.client_name = request.client_name;
    shown.peer_address = request.peer_address;
    api::Authentication found = co_await authenticator_.authenticate(shown);
    http::Admission admission;
    if (found.outcome != api::Authentication::Outcome::known) {
      admission.close = found.outcome == api::Authentication::Outcome::too_many;
      admission.refusal = refusal(found, request.path);
      co_return admission;
    }
    admission.user = api::audit_name_of(found.principal);
    admission.caller = std::make_shared<KnownCaller>(std::move(found.principal));
    co_return admission;
  }

  Response refusal(const api::Authentication& found, std::string_view path) const {
    switch (found.outcome) {
      case api::Authentication::Outcome::missing:
        return nothing_shown(path);
      case api::Authentication::Outcome::too_many: {
        Response response = http::text_response(
            kTooManyRequests, "there were too many wrong passwords: come back later");
        add_retry_after(response, found.retry_after);
        return response;
      }
      case api::Authentication::Outcome::unavailable: {
        if (!found.detail.empty()) observer_.on_event(http::Severity::error, found.detail);
        Response response = http::text_response(
            kServiceUnavailable, "the server can't look at credentials now: try again");
        add_retry_after(response, found.retry_after);
        return response;
      }
      case api::Authentication::Outcome::wrong:
      case api::Authentication::Outcome::known:
        break;
    }
    return http::text_response(
        kForbidden, "the user or the password is missing or wrong: use HTTP Basic authentication");
  }

  /// Who makes the change that `request` asks for, for the audit log.
  [[nodiscard]] domain::Change change_of(const Request& request) const {
    domain::Change change;
    change.by = api::audit_name_of(principal_of(request));
    change.from = request.peer_address;
    change.at = clock_();
    return change;
  }

  /// What goes wrong there, be it in the router, is told to programs.
  awaitable<http::Handled> handle_management(Request request) {
    http::Handled handled = co_await router_.handle(request);
    handled.response = as_problem(std::move(handled.response));
    co_return handled;
  }

  awaitable<Response> list_devices(Request) { co_return respond(co_await devices_.list()); }
  http::Eventual<Response> check_device(const Request& request) {
    const api::PrincipalKind kind = principal_of(request).kind;
    const bool is_device = kind == api::PrincipalKind::device || kind == api::PrincipalKind::shared;
    const std::string_view from = is_device ? request.peer_address : std::string_view();
    api::CheckAnswer checked =
        devices_.check(request.argument, request.query, request.accept, from);
    const auto next_s =
        overload_->polls.count(std::chrono::steady_clock::now(), api::draw_chance());
    checked.answer.retry_after_s = std::max(checked.answer.retry_after_s, next_s);
    if (checked.news) return remember(std::move(checked));
    return respond(std::move(checked.answer));
  }
  awaitable<Response> remember(api::CheckAnswer checked) {
    co_return respond(co_await devices_.remember(std::move(checked)));
  }
  awaitable<Response> put_device(Request request) {
    RequestOctets body(request.body);
    co_return respond(co_await devices_.put(request.argument, &body, change_of(request)));
  }
  awaitable<Response> remove_device(Request request) {
    co_return respond(co_await devices_.remove(request.argument, change_of(request)));
  }
  awaitable<Response> get_file(Request request) {
    if (request.method == "HEAD") co_return respond(co_await files_.get(request.argument));
    const auto asked = overload_->downloads.ask(caller_of(request), api::draw_chance());
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
    co_return respond(co_await files_.put(request.argument, &body, change_of(request)));
  }
  awaitable<Response> remove_file(Request request) {
    co_return respond(co_await files_.remove(request.argument, change_of(request)));
  }
  awaitable<Response> get_manifest(Request request) {
    co_return respond(co_await manifests_.get(request.argument));
  }
  awaitable<Response> put_manifest(Request request) {
    RequestOctets body(request.body);
    co_return respond(co_await manifests_.put(request.argument, &body, change_of(request)));
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
    co_return respond(co_await roots_.put(request.argument, &body, change_of(request)));
  }

  awaitable<Response> enrol_device(Request request) {
    RequestOctets body(request.body);
    co_return respond(co_await credentials_.enrol(request.argument, &body, &principal_of(request),
                                                  change_of(request)));
  }
  awaitable<Response> get_credential(Request request) {
    co_return respond(co_await credentials_.get(request.argument));
  }
  awaitable<Response> put_credential(Request request) {
    RequestOctets body(request.body);
    co_return respond(co_await credentials_.put(request.argument, &body, change_of(request)));
  }
  awaitable<Response> remove_credential(Request request) {
    co_return respond(co_await credentials_.remove(request.argument, change_of(request)));
  }
  awaitable<Response> tell_caller(Request request) {
    api::Answer answer;
    answer.text_kind = api::TextKind::json;
    answer.text = api::to_json(principal_of(request));
    co_return respond(std::move(answer));
  }
  awaitable<Response> list_accounts(Request) { co_return respond(co_await accounts_.list()); }
  awaitable<Response> get_account(Request request) {
    co_return respond(co_await accounts_.get(request.argument));
  }
  awaitable<Response> put_account(Request request) {
    RequestOctets body(request.body);
    co_return respond(co_await accounts_.put(request.argument, &body, &principal_of(request),
                                             change_of(request)));
  }
  awaitable<Response> remove_account(Request request) {
    co_return respond(co_await accounts_.remove(request.argument, change_of(request)));
  }
  awaitable<Response> list_tokens(Request request) {
    co_return respond(co_await tokens_.list(&principal_of(request)));
  }
  awaitable<Response> create_token(Request request) {
    RequestOctets body(request.body);
    co_return respond(co_await tokens_.create(&body, &principal_of(request), change_of(request)));
  }
  awaitable<Response> remove_token(Request request) {
    co_return respond(
        co_await tokens_.remove(request.argument, &principal_of(request), change_of(request)));
  }
  awaitable<Response> list_fleet_keys(Request) { co_return respond(co_await fleet_keys_.list()); }
  awaitable<Response> create_fleet_key(Request request) {
    RequestOctets body(request.body);
    co_return respond(
        co_await fleet_keys_.create(&body, &principal_of(request), change_of(request)));
  }
  awaitable<Response> remove_fleet_key(Request request) {
    co_return respond(co_await fleet_keys_.remove(request.argument, change_of(request)));
  }
  awaitable<Response> get_audit(Request request) {
    co_return respond(co_await audit_.get(request.query));
  }

  Response respond(api::Answer answer) const {
    if (!answer.detail.empty()) observer_.on_event(http::Severity::error, answer.detail);
    return to_response(std::move(answer));
  }

  api::Authenticator& authenticator_;
  const KnownCaller shared_caller_;
  http::Observer& observer_;
  api::Clock clock_;
  api::AccountEndpoints accounts_;
  api::AuditEndpoints audit_;
  api::CredentialEndpoints credentials_;
  api::DeviceEndpoints devices_;
  api::FileEndpoints files_;
  api::FleetKeyEndpoints fleet_keys_;
  api::HistoryEndpoints history_;
  api::ManifestEndpoints manifests_;
  api::RootEndpoints roots_;
  api::TokenEndpoints tokens_;
  std::shared_ptr<Overload> overload_;
  http::Router router_;
};

}  // namespace

std::unique_ptr<http::Handler> make_routes(storage::Store& store, api::Authenticator& authenticator,
                                           http::Observer& observer, std::uint64_t file_bytes_max,
                                           api::Clock clock, std::shared_ptr<Overload> overload) {
  return std::make_unique<Routes>(store, authenticator, observer, file_bytes_max, clock,
                                  std::move(overload));
}

}  // namespace fuota::server::app
