#include "server/app/admin_address.hpp"

#include <utility>
#include <vector>

#include "server/http/router.hpp"

namespace fuota::server::app {
namespace {

using boost::asio::awaitable;
using http::Request;
using http::Response;
using std::chrono::milliseconds;

constexpr unsigned kUnavailable = 503;
constexpr unsigned kFirstFailure = 400;

/// Enough for some scrapers and probes at a time; their descriptors are among the reserved ones.
constexpr std::size_t kConnectionsMax = 32;

/// A thread that doesn't come back to its loop for so long is stuck: no single request holds it for
/// more than a disk access.
constexpr milliseconds kThreadPatience{5'000};

/// No answer of this address is true for longer than a moment.
Response fresh(Response response) {
  response.fields.emplace_back("Cache-Control", "no-store");
  return response;
}

/// Whoever reaches the address may read it.
awaitable<http::Admission> admit_everybody(const Request&) {
  co_return http::Admission{};
}

class AdminPages final : public http::Handler {
 public:
  explicit AdminPages(AdminSources sources)
      : sources_(std::move(sources)), router_(make_table(), admit_everybody) {}

  awaitable<http::Handled> handle(Request request) override { return router_.handle(request); }

 private:
  using Member = awaitable<Response> (AdminPages::*)(Request);

  std::vector<http::Route> make_table() {
    const auto to = [this](Member member) {
      return [this, member](Request request) { return (this->*member)(request); };
    };
    return {
        {"GET", "/metrics", to(&AdminPages::metrics), std::nullopt},
        {"GET", "/healthz", to(&AdminPages::health), std::nullopt},
        {"GET", "/readyz", to(&AdminPages::readiness), std::nullopt},
    };
  }

  awaitable<Response> metrics(Request) {
    Gauges gauges = sources_.gauges();
    gauges.ready = (co_await sources_.readiness.complaints()).empty();
    Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = sources_.metrics.text(gauges);
    co_return fresh(std::move(response));
  }

  awaitable<Response> health(Request) {
    const std::size_t silent = co_await sources_.server.silent_threads(kThreadPatience);
    if (silent == 0) co_return fresh(http::text_response(200, "healthy"));
    co_return fresh(http::text_response(
        kUnavailable, std::to_string(silent) + " of the server's threads don't answer"));
  }

  awaitable<Response> readiness(Request) {
    std::string text;
    for (const std::string& line : co_await sources_.readiness.complaints()) {
      text += (text.empty() ? "" : "\n") + line;
    }
    if (text.empty()) co_return fresh(http::text_response(200, "ready"));
    co_return fresh(http::text_response(kUnavailable, std::move(text)));
  }

  AdminSources sources_;
  http::Router router_;
};

}  // namespace

std::unique_ptr<http::Handler> make_admin_pages(AdminSources sources) {
  return std::make_unique<AdminPages>(std::move(sources));
}

/// What happens at the admin address is logged where it is news: a scrape every few seconds isn't.
class AdminAddress::Events final : public http::Observer {
 public:
  explicit Events(http::Observer& log) : log_(log) {}

  void on_connection(http::ConnectionEvent) override {}
  void on_handshake(http::HandshakeOutcome, std::chrono::microseconds) override {}
  void on_request(const http::AccessRecord& record) override {
    if (record.status >= kFirstFailure) log_.on_request(record);
  }
  void on_event(http::Severity severity, std::string_view what) override {
    log_.on_event(severity, what);
  }

 private:
  http::Observer& log_;
};

AdminAddress::AdminAddress(AdminSources sources, http::Observer& log)
    : events_(std::make_unique<Events>(log)), pages_(make_admin_pages(std::move(sources))) {}

boost::system::result<std::unique_ptr<AdminAddress>, std::string> AdminAddress::open(
    boost::asio::ip::tcp::endpoint listen, http::TlsContext tls, AdminSources sources,
    http::Observer& log) {
  std::unique_ptr<AdminAddress> address(new AdminAddress(std::move(sources), log));
  http::ServerSettings settings;
  settings.listen = std::move(listen);
  settings.limits.connections_max = kConnectionsMax;
  auto server = http::Server::create(settings, std::move(tls), *address->pages_, *address->events_);
  if (!server) return server.error();
  address->server_ = std::move(*server);
  address->thread_ = std::jthread([running = address->server_.get()] { running->run(); });
  return address;
}

AdminAddress::~AdminAddress() {
  if (server_) server_->stop(milliseconds(0));
}

}  // namespace fuota::server::app
