#include "server/app/application.hpp"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <iostream>
#include <optional>
#include <thread>

#include "server/api/authenticator.hpp"
#include "server/app/admin_address.hpp"
#include "server/app/audit_retention.hpp"
#include "server/app/certificate.hpp"
#include "server/app/certificate_watch.hpp"
#include "server/app/data_directory.hpp"
#include "server/app/every_minute.hpp"
#include "server/app/fleet_survey.hpp"
#include "server/app/local_operator.hpp"
#include "server/app/log.hpp"
#include "server/app/metrics.hpp"
#include "server/app/observers.hpp"
#include "server/app/readiness.hpp"
#include "server/app/routes.hpp"
#include "server/app/timed_store.hpp"
#include "server/storage/sqlite/sqlite_store.hpp"

namespace fuota::server::app {
namespace {

namespace asio = boost::asio;

/// Descriptors for all that is no connection: database, log, certificate, the admin address;
/// uploads and downloads in progress beside their connections are counted by halving what is left.
constexpr rlim_t kReservedDescriptors = 96;

/// Threads beside the server's own that ask the store: the admin address's.
constexpr std::size_t kOtherReaders = 1;

/// The names for a certificate, where none were given: how the machine itself, and others in its
/// network, are likely to call it.
std::vector<std::string> default_hosts(const asio::ip::tcp::endpoint& listen) {
  std::vector<std::string> hosts{"localhost", "127.0.0.1"};
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) == 0 && name.front() != '\0') {
    hosts.emplace_back(name.data());
  }
  if (!listen.address().is_unspecified() && listen.address().to_string() != hosts[1]) {
    hosts.push_back(listen.address().to_string());
  }
  return hosts;
}

/// What TLS needs; where no certificate was named, the one that the server makes by itself.
Result<http::TlsFiles> find_tls_files(const Configuration& configuration,
                                      const DataDirectory& directory, Log& log) {
  http::TlsFiles tls = configuration.tls;
  if (!tls.certificates.empty()) return tls;
  const std::vector<std::string> hosts = configuration.hosts.empty()
                                             ? default_hosts(configuration.server.listen)
                                             : configuration.hosts;
  const auto files = provide_certificate(directory.path(), hosts);
  if (!files) return files.error();
  if (files->made) {
    std::string names;
    for (const std::string& host : hosts) names += (names.empty() ? "" : ", ") + host;
    log.info("made a certificate for " + names);
  }
  tls.certificates.push_back({files->certificate.string(), files->key.string()});
  return tls;
}

/// Says so when devices would refuse each certificate under a name that was asked for.
void warn_about_hosts(const http::TlsFiles& tls, std::vector<std::string> hosts, Log& log) {
  for (const http::CertificateFiles& files : tls.certificates) {
    hosts = hosts_not_covered(files.certificate, hosts);
  }
  for (const std::string& host : hosts) {
    log.on_event(http::Severity::warning,
                 "the certificate " + tls.certificates.front().certificate + " is not valid for " +
                     host + ": move it and its key away to have one made for all --host names");
  }
}

/// Where addresses are short (`ulimit -v`), all threads share one heap. glibc gives each one of its
/// own of 64 MiB of addresses otherwise, and one that finds no room for it has no way to the memory
/// that others have freed.
void fit_heaps_to_addresses() {
  rlimit addresses{};
  if (::getrlimit(RLIMIT_AS, &addresses) != 0 || addresses.rlim_cur == RLIM_INFINITY) return;
  ::mallopt(M_ARENA_MAX, 1);
}

/// Takes as many descriptors as the system gives, and lowers the limit of connections to what they
/// are enough for: a connection may have a file open beside its socket.
void fit_to_descriptors(http::Limits& limits, Log& log) {
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return;
  descriptors.rlim_cur = descriptors.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &descriptors);
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return;
  const rlim_t spare = std::max<rlim_t>(descriptors.rlim_cur, 2 * kReservedDescriptors);
  const auto connections_max = static_cast<std::size_t>((spare - kReservedDescriptors) / 2);
  if (limits.connections_max <= connections_max) return;
  log.on_event(http::Severity::warning, "the limit of open files allows " +
                                            std::to_string(connections_max) + " connections, not " +
                                            std::to_string(limits.connections_max));
  limits.connections_max = connections_max;
}

std::string to_text(const asio::ip::tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

/// Waits for signals on a thread of its own: the first stops the server with grace, a second one at
/// once.
class StopOnSignal {
 public:
  StopOnSignal(http::Server& server, api::Authenticator& authenticator, Readiness& readiness,
               std::chrono::milliseconds grace, Log& log)
      : server_(server),
        authenticator_(authenticator),
        readiness_(readiness),
        grace_(grace),
        log_(log) {
    wait();
    thread_ = std::jthread([this] { context_.run(); });
  }
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;
  ~StopOnSignal() { context_.stop(); }

 private:
  void wait() {
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      readiness_.begin_stop();
      authenticator_.begin_stop();
      log_.info(stopping_ ? "stopping at once" : "stopping after the requests in progress");
      server_.stop(stopping_ ? std::chrono::milliseconds(0) : grace_);
      stopping_ = true;
      wait();
    });
  }

  http::Server& server_;
  api::Authenticator& authenticator_;
  Readiness& readiness_;
  std::chrono::milliseconds grace_;
  Log& log_;
  bool stopping_ = false;
  asio::io_context context_{1};
  asio::signal_set signals_{context_, SIGTERM, SIGINT};
  std::jthread thread_;
};

domain::Time system_time() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

/// Where there is something to be seen when metrics are asked for.
struct Sights {
  std::filesystem::path directory;
  const http::TlsContext& tls;
  std::size_t connections_max = 0;
  const Log& log;
  const storage::Store& store;
  FleetSurvey& survey;
  const api::Authenticator& authenticator;
  const Overload& overload;
};

Gauges look_at(const Sights& sights) {
  Gauges gauges;
  gauges.process = read_process_figures();
  gauges.connections_max = sights.connections_max;
  if (const auto room = disk_room(sights.directory)) {
    gauges.disk_free_bytes = room->free_bytes;
    gauges.disk_size_bytes = room->size_bytes;
  }
  gauges.certificates = sights.tls.expiries();
  gauges.contacts = sights.store.contact_counts();
  gauges.fleet = sights.survey.counts();
  gauges.authentication = sights.authenticator.counts();
  gauges.overload = sights.overload.counts();
  gauges.warnings = sights.log.count(LogLevel::warning);
  gauges.errors = sights.log.count(LogLevel::error);
  return gauges;
}

/// Opens the admin address, if there shall be one. Where nobody asked for it, another server may
/// have it.
Result<std::unique_ptr<AdminAddress>> open_admin(const AdminSettings& settings,
                                                 const http::TlsContext& tls, AdminSources sources,
                                                 Log& log) {
  if (!settings.listen) return std::unique_ptr<AdminAddress>();
  auto admin = AdminAddress::open(*settings.listen, tls, std::move(sources), log);
  if (!admin && settings.by_default) {
    log.on_event(http::Severity::warning,
                 "no metrics and health: " + admin.error() + " with --admin-listen");
    return std::unique_ptr<AdminAddress>();
  }
  if (!admin) {
    return StartFailure{"the admin address can't be had: " + admin.error() +
                        " with --admin-listen, or switch it off with --admin-listen off"};
  }
  log.info("metrics and health on https://" + to_text((*admin)->address()) +
           ": /metrics, /healthz, /readyz");
  return std::move(*admin);
}

storage::SqliteStoreSettings store_settings(std::size_t threads, Metrics& metrics, Log& log) {
  storage::SqliteStoreSettings settings;
  settings.readers = threads + kOtherReaders;
  settings.on_failure = [&log](const storage::Failure& failure) {
    log.on_event(http::Severity::error, "contacts wait in memory: " + failure.detail);
  };
  settings.on_contact_batch = [&metrics](std::size_t devices, std::chrono::nanoseconds duration) {
    metrics.on_contact_batch(devices, duration);
  };
  return settings;
}

asio::awaitable<void> look_at_audit(AuditRetention& retention) {
  static_cast<void>(co_await retention.look(std::chrono::steady_clock::now()));
}

/// Without the shared user somebody else must be there, or nobody could ever let anybody in.
Result<void> require_accounts(const Configuration& configuration, storage::Store& store) {
  if (configuration.accounts.shared_user != api::SharedUserScope::off) return {};
  const auto accounts = run_now(store.accounts());
  if (!accounts) return StartFailure{"the accounts can't be read: " + accounts.error().detail};
  if (!accounts->empty()) return {};
  return StartFailure{
      "there is no account, and --shared-user is off: make one with \"fuota-server user add NAME "
      "--role admin --data-dir " +
      configuration.data_directory.string() + "\""};
}

/// Says where somebody guesses.
api::FailureReport report_failures(Log& log) {
  return [&log](std::string_view address, std::uint64_t failures) {
    log.on_event(http::Severity::warning,
                 "credentials were wrong: address=" + std::string(address) +
                     " count=" + std::to_string(failures));
  };
}

Result<void> serve(Configuration configuration, Log& log) {
  Metrics metrics(std::chrono::system_clock::now());
  Observers observers({&log, &metrics});
  http::ServerSettings& settings = configuration.server;
  if (settings.threads == 0) settings.threads = std::max(1U, std::thread::hardware_concurrency());
  fit_to_descriptors(settings.limits, log);

  const auto directory = DataDirectory::open(configuration.data_directory);
  if (!directory) return directory.error();
  const auto files = find_tls_files(configuration, *directory, log);
  if (!files) return files.error();
  auto tls = http::TlsContext::create(*files);
  if (!tls) return StartFailure{tls.error()};
  warn_about_hosts(*files, configuration.hosts, log);
  const auto store =
      storage::open_sqlite_store(directory->path(), store_settings(settings.threads, metrics, log));
  if (!store) return StartFailure{"the data can't be opened: " + store.error().detail};
  Readiness readiness(**store, directory->path(), configuration.file_bytes_max, observers);
  TimedStore timed_store(**store, {&metrics, &readiness});

  if (auto accounts = require_accounts(configuration, **store); !accounts) return accounts;
  api::Authenticator authenticator(timed_store,
                                   api::SharedUser(configuration.username, configuration.password,
                                                   configuration.accounts.shared_user),
                                   system_time, report_failures(log));
  const auto overload = std::make_shared<Overload>(configuration.overload);
  const auto routes = make_routes(timed_store, authenticator, observers,
                                  configuration.file_bytes_max, system_time, overload);
  metrics.set_routes(routes->routes());
  auto server = http::Server::create(settings, *tls, *routes, observers);
  if (!server) return StartFailure{server.error()};
  FleetSurvey survey(timed_store, observers);
  const Sights sights{
      directory->path(), *tls,     settings.limits.connections_max, log, timed_store, survey,
      authenticator,     *overload};
  const auto admin = open_admin(
      configuration.admin, *tls,
      AdminSources{metrics, readiness, **server, [&sights] { return look_at(sights); }}, log);
  if (!admin) return admin.error();
  AuditRetention retention(timed_store, observers, configuration.audit_keep, system_time);
  std::optional<EveryMinute> shorten_audit;
  if (configuration.audit_keep.count() > 0) {
    shorten_audit.emplace([&retention] { return look_at_audit(retention); });
  }
  const StopOnSignal stop(**server, authenticator, readiness, configuration.shutdown_grace, log);
  const CertificateWatch watch(*tls, log);
  log.info("fuota-server " FUOTA_VERSION " listening on https://" + to_text((*server)->address()) +
           ", data in " + directory->path().string());
  log.info("devices need the certificate: copy " + files->certificates.front().certificate +
           " to server_certs/ca_cert.pem of their project");
  (*server)->run();
  return {};
}

}  // namespace

int run_application(Configuration configuration) {
  // OpenSSL writes to sockets with write(), which raises the signal when the client is gone.
  std::signal(SIGPIPE, SIG_IGN);
  // Where the system limits the size of files, a write fails, and the server lives on.
  std::signal(SIGXFSZ, SIG_IGN);
  fit_heaps_to_addresses();
  const LogSettings log_settings = configuration.log;
  Log log(log_settings, STDERR_FILENO);
  const auto served = serve(std::move(configuration), log);
  if (!served) {
    if (log_settings.format == LogFormat::json) {
      log.on_event(http::Severity::error, served.error().line);
    } else {
      std::cerr << "fuota-server: " << served.error().line << "\n";
    }
    return 1;
  }
  log.info("stopped");
  return 0;
}

}  // namespace fuota::server::app
