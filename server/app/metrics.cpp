#include "server/app/metrics.hpp"

#include <algorithm>
#include <iterator>

#include "server/app/exposition.hpp"

namespace fuota::server::app {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// From a check on an open connection to the download of an image over a slow link.
constexpr nanoseconds kRequestBounds[] = {
    microseconds(100), microseconds(250), microseconds(500), milliseconds(1),    microseconds(2500),
    milliseconds(5),   milliseconds(10),  milliseconds(25),  milliseconds(50),   milliseconds(100),
    milliseconds(250), milliseconds(500), seconds(1),        milliseconds(2500), seconds(5),
    seconds(10),       seconds(30),       seconds(120)};
static_assert(std::size(kRequestBounds) <= kBucketsMax);

/// From one row that is in memory to a disk that is in trouble.
constexpr nanoseconds kStoreBounds[] = {
    microseconds(10),  microseconds(25), microseconds(50),   microseconds(100), microseconds(250),
    microseconds(500), milliseconds(1),  microseconds(2500), milliseconds(5),   milliseconds(10),
    milliseconds(25),  milliseconds(50), milliseconds(100),  milliseconds(250), milliseconds(500),
    seconds(1),        seconds(5)};
static_assert(std::size(kStoreBounds) <= kBucketsMax);

constexpr std::string_view kMethods[] = {"GET", "HEAD", "PUT", "POST", "DELETE", "other"};

/// What the server answers (docs/protocol.md), ascending.
constexpr unsigned kStatuses[] = {200, 201, 204, 206, 304, 400, 401, 403, 404, 405, 408, 409, 411,
                                  413, 414, 415, 416, 417, 422, 429, 431, 500, 501, 503, 505, 507};
/// Behind these stands "other".
constexpr std::size_t kStatusCells = std::size(kStatuses) + 1;

constexpr std::string_view kOutcomes[] = {"full", "resumed", "failed"};
constexpr std::string_view kNoRoute = "none";

std::size_t method_index(std::string_view method) {
  const auto* const found = std::find(std::begin(kMethods), std::end(kMethods) - 1, method);
  return static_cast<std::size_t>(found - std::begin(kMethods));
}

std::size_t status_index(unsigned status) {
  const auto* const found = std::lower_bound(std::begin(kStatuses), std::end(kStatuses), status);
  const bool known = found != std::end(kStatuses) && *found == status;
  return known ? static_cast<std::size_t>(found - std::begin(kStatuses)) : std::size(kStatuses);
}

std::string status_name(std::size_t index) {
  return index < std::size(kStatuses) ? std::to_string(kStatuses[index]) : "other";
}

template <typename Enumeration>
constexpr std::size_t index_of(Enumeration value) {
  return static_cast<std::size_t>(value);
}

std::string_view name_of(StoreEffect effect) {
  return effect == StoreEffect::read ? "read" : "change";
}

bool is_used(const LatencyCell& cell, BucketBounds bounds) {
  for (std::size_t bucket = 0; bucket <= bounds.size(); ++bucket) {
    if (cell.count(bucket) > 0) return true;
  }
  return false;
}

}  // namespace

/// What is counted of one route.
struct Metrics::RouteCells {
  std::array<std::array<CountCell, kStatusCells>, std::size(kMethods)> requests;
  std::array<LatencyCell, std::size(kMethods)> latencies;
};

Metrics::Metrics(std::chrono::system_clock::time_point started) : started_(started) {
  static_assert(kConnectionEvents == index_of(http::ConnectionEvent::file_ended) + 1);
  static_assert(kHandshakeOutcomes == std::size(kOutcomes));
  set_routes({});
}

Metrics::~Metrics() = default;

void Metrics::set_routes(const std::vector<std::string_view>& routes) {
  for (const std::string_view route : routes) {
    routes_.try_emplace(std::string(route), std::make_unique<RouteCells>());
  }
  none_ = routes_.try_emplace(std::string(kNoRoute), std::make_unique<RouteCells>())
              .first->second.get();
}

Metrics::RouteCells& Metrics::cells_of(std::string_view route) {
  if (route.empty()) return *none_;
  const auto found = routes_.find(route);
  return found == routes_.end() ? *none_ : *found->second;
}

void Metrics::on_connection(http::ConnectionEvent event) {
  connection_events_[index_of(event)].add();
}

void Metrics::on_handshake(http::HandshakeOutcome outcome, microseconds duration) {
  handshakes_[index_of(outcome)].observe(kRequestBounds, duration);
}

void Metrics::on_request(const http::AccessRecord& record) {
  RouteCells& cells = cells_of(record.route);
  const std::size_t method = method_index(record.method);
  cells.requests[method][status_index(record.status)].add();
  cells.latencies[method].observe(kRequestBounds, record.duration);
  if (record.body_bytes > 0) sent_bytes_.add(record.body_bytes);
  if (record.received_bytes > 0) received_bytes_.add(record.received_bytes);
  if (!record.complete) incomplete_.add();
}

void Metrics::on_store_call(StoreCall call, nanoseconds duration,
                            std::optional<storage::StoreError> error) {
  StoreCells& cells = store_[index_of(call)];
  cells.latency.observe(kStoreBounds, duration);
  if (error == storage::StoreError::full) cells.full.add();
  if (error == storage::StoreError::unavailable) cells.unavailable.add();
}

void Metrics::on_contact_batch(std::size_t devices, nanoseconds duration) {
  contacts_written_.add(devices);
  contact_batches_.observe(kStoreBounds, duration);
}

std::string Metrics::text(const Gauges& gauges) const {
  Exposition out;
  write_connections(out, gauges);
  write_requests(out);
  write_authentication(out, gauges.authentication);
  write_store(out);
  write_overload(out, gauges.overload);
  write_contacts(out, gauges.contacts);
  write_fleet(out, gauges);
  write_server(out, gauges);
  write_process(out, gauges.process);
  return out.text();
}

void Metrics::write_connections(Exposition& out, const Gauges& gauges) const {
  const auto count = [this](http::ConnectionEvent event) {
    return static_cast<double>(connection_events_[index_of(event)].value());
  };
  // What ended is read first, so that the difference is never negative.
  const double closed = count(http::ConnectionEvent::closed);
  const double opened = count(http::ConnectionEvent::opened);
  const double files_ended = count(http::ConnectionEvent::file_ended);
  const double files_begun = count(http::ConnectionEvent::file_begun);
  out.gauge("fuota_connections_open", "Connections that are open.");
  out.sample({}, opened - closed);
  out.gauge("fuota_connections_limit", "Connections that may be open at a time.");
  out.sample({}, static_cast<double>(gauges.connections_max));
  out.counter("fuota_connections_total", "Connections that were accepted.");
  out.sample({}, opened);
  out.counter("fuota_connections_waited_total",
              "Times that a new connection had to wait, since the limit was reached.");
  out.sample({}, count(http::ConnectionEvent::waiting));
  out.counter("fuota_accept_failures_total",
              "Connections that could not be accepted, for want of descriptors or memory.");
  out.sample({}, count(http::ConnectionEvent::accept_failed));
  out.histogram("fuota_tls_handshake_duration_seconds",
                "From the accepted connection to the end of its handshake.");
  for (std::size_t i = 0; i < kHandshakeOutcomes; ++i) {
    out.sample({{"outcome", std::string(kOutcomes[i])}}, kRequestBounds, handshakes_[i]);
  }
  out.counter("fuota_downloads_total", "Files that began to be sent.");
  out.sample({}, files_begun);
  out.gauge("fuota_downloads_in_progress", "Files that are being sent.");
  out.sample({}, files_begun - files_ended);
}

void Metrics::write_requests(Exposition& out) const {
  out.counter("fuota_http_requests_total", "Requests that were answered.");
  for (const auto& [route, cells] : routes_) {
    for (std::size_t method = 0; method < std::size(kMethods); ++method) {
      for (std::size_t status = 0; status < kStatusCells; ++status) {
        const std::uint64_t requests = cells->requests[method][status].value();
        if (requests == 0) continue;
        out.sample({{"route", route},
                    {"method", std::string(kMethods[method])},
                    {"status", status_name(status)}},
                   static_cast<double>(requests));
      }
    }
  }
  out.histogram("fuota_http_request_duration_seconds",
                "From the first byte of a request to the last one of its answer.");
  for (const auto& [route, cells] : routes_) {
    for (std::size_t method = 0; method < std::size(kMethods); ++method) {
      if (!is_used(cells->latencies[method], kRequestBounds)) continue;
      out.sample({{"route", route}, {"method", std::string(kMethods[method])}}, kRequestBounds,
                 cells->latencies[method]);
    }
  }
  out.counter("fuota_http_requests_incomplete_total",
              "Requests whose answer was not sent whole: the client was gone, or too slow.");
  out.sample({}, static_cast<double>(incomplete_.value()));
  out.counter("fuota_http_received_body_bytes_total", "Bytes of requests' bodies.");
  out.sample({}, static_cast<double>(received_bytes_.value()));
  out.counter("fuota_http_sent_body_bytes_total", "Bytes of answers' bodies.");
  out.sample({}, static_cast<double>(sent_bytes_.value()));
}

void Metrics::write_authentication(Exposition& out, const api::AuthenticationCounts& counts) {
  out.counter("fuota_authentication_failures_total", "Requests with wrong credentials.");
  out.sample({}, static_cast<double>(counts.failures));
  out.counter("fuota_authentication_delayed_total", "Such requests that were answered late.");
  out.sample({}, static_cast<double>(counts.delayed));
  out.counter("fuota_authentication_sent_away_total",
              "Requests that were answered 429, since there were too many tries before.");
  out.sample({}, static_cast<double>(counts.sent_away));
  out.counter("fuota_password_verifications_total", "Passwords of accounts that were hashed.");
  out.sample({}, static_cast<double>(counts.verifications));
  out.counter("fuota_password_verifications_refused_total",
              "Passwords that were not hashed, since too many others waited.");
  out.sample({}, static_cast<double>(counts.busy));
}

void Metrics::write_store(Exposition& out) const {
  out.histogram("fuota_store_call_duration_seconds",
                "How long calls of the database and the files took, waits and syncs included.");
  for (std::size_t call = 0; call < kStoreCalls; ++call) {
    if (!is_used(store_[call].latency, kStoreBounds)) continue;
    const StoreCallInfo& info = info_of(static_cast<StoreCall>(call));
    out.sample({{"call", std::string(info.name)}, {"effect", std::string(name_of(info.effect))}},
               kStoreBounds, store_[call].latency);
  }
  out.counter("fuota_store_failures_total", "Calls of the database and the files that failed.");
  for (const StoreEffect effect : {StoreEffect::read, StoreEffect::change}) {
    std::uint64_t full = 0;
    std::uint64_t unavailable = 0;
    for (std::size_t call = 0; call < kStoreCalls; ++call) {
      if (info_of(static_cast<StoreCall>(call)).effect != effect) continue;
      full += store_[call].full.value();
      unavailable += store_[call].unavailable.value();
    }
    const std::string name(name_of(effect));
    out.sample({{"effect", name}, {"error", "full"}}, static_cast<double>(full));
    out.sample({{"effect", name}, {"error", "unavailable"}}, static_cast<double>(unavailable));
  }
}

void Metrics::write_overload(Exposition& out, const OverloadCounts& counts) {
  out.counter("fuota_checks_put_off_total",
              "Checks beyond --checks-per-second: the device was told to come later.");
  out.sample({}, static_cast<double>(counts.checks_put_off));
  out.counter("fuota_downloads_put_off_total",
              "Downloads that were refused, and told when to come back.");
  out.sample({}, static_cast<double>(counts.downloads_put_off));
  out.gauge("fuota_downloads_waiting", "Who has a place in the queue for downloads.");
  out.sample({}, static_cast<double>(counts.downloads_waiting));
  out.gauge("fuota_downloads_limit", "Downloads that are admitted at a time; 0: as many as come.");
  out.sample({}, static_cast<double>(counts.downloads_max));
}

void Metrics::write_contacts(Exposition& out, const storage::ContactCounts& contacts) const {
  out.counter("fuota_contacts_recorded_total", "Checks of devices that were remembered.");
  out.sample({}, static_cast<double>(contacts.recorded));
  out.counter("fuota_contacts_dropped_total",
              "Checks of devices for which there was no room to remember them.");
  out.sample({}, static_cast<double>(contacts.dropped));
  out.gauge("fuota_contacts_pending", "Devices whose last check is in memory alone.");
  out.sample({}, static_cast<double>(contacts.pending));
  out.counter("fuota_contact_batches_total", "Transactions that made checks durable.");
  out.sample({}, static_cast<double>(contacts.batches));
  out.counter("fuota_contact_batch_failures_total",
              "Such transactions that failed; the checks are kept and tried again.");
  out.sample({}, static_cast<double>(contacts.failed_batches));
  out.counter("fuota_contacts_written_total", "Devices whose last check became durable so.");
  out.sample({}, static_cast<double>(contacts_written_.value()));
  out.histogram("fuota_contact_batch_duration_seconds",
                "How long such transactions took, their syncs included.");
  out.sample({}, kStoreBounds, contact_batches_);
}

void Metrics::write_fleet(Exposition& out, const Gauges& gauges) {
  out.gauge("fuota_devices", "Devices that have a row.");
  if (gauges.fleet) out.sample({}, static_cast<double>(gauges.fleet->devices));
  out.gauge("fuota_devices_by_update_state", "Devices that have an update, by how far it is.");
  if (!gauges.fleet) return;
  for (std::size_t i = 0; i < gauges.fleet->by_state.size(); ++i) {
    const auto state = static_cast<domain::UpdateState>(i);
    out.sample({{"state", std::string(domain::name_of(state))}},
               static_cast<double>(gauges.fleet->by_state[i]));
  }
}

void Metrics::write_server(Exposition& out, const Gauges& gauges) const {
  out.gauge("fuota_ready", "1 when /readyz says so, else 0.");
  out.sample({}, gauges.ready ? 1 : 0);
  out.counter("fuota_log_events_total", "Warnings and errors that were logged.");
  out.sample({{"severity", "warning"}}, static_cast<double>(gauges.warnings));
  out.sample({{"severity", "error"}}, static_cast<double>(gauges.errors));
  if (gauges.disk_free_bytes) {
    out.gauge("fuota_disk_free_bytes", "Room that is left for the data directory.");
    out.sample({}, static_cast<double>(*gauges.disk_free_bytes));
  }
  if (gauges.disk_size_bytes) {
    out.gauge("fuota_disk_size_bytes", "Size of the file system of the data directory.");
    out.sample({}, static_cast<double>(*gauges.disk_size_bytes));
  }
  out.gauge("fuota_certificate_expiry_timestamp_seconds",
            "When a certificate ends, in seconds since 1970.");
  for (const http::CertificateExpiry& expiry : gauges.certificates) {
    out.sample({{"file", expiry.file}, {"name", expiry.name}},
               std::chrono::duration<double>(expiry.not_after.time_since_epoch()).count());
  }
  out.gauge("fuota_build_info", "1; the version is a label.");
  out.sample({{"version", FUOTA_VERSION}}, 1);
}

void Metrics::write_process(Exposition& out, const ProcessFigures& process) const {
  out.counter("process_cpu_seconds_total", "Processor time of the server, user and system.");
  out.sample({}, process.cpu_seconds);
  out.gauge("process_resident_memory_bytes", "Memory of the server that is in RAM.");
  out.sample({}, static_cast<double>(process.resident_bytes));
  out.gauge("process_virtual_memory_bytes", "Address space of the server.");
  out.sample({}, static_cast<double>(process.virtual_bytes));
  out.gauge("process_open_fds", "Open file descriptors.");
  out.sample({}, static_cast<double>(process.open_descriptors));
  out.gauge("process_max_fds", "File descriptors that may be open.");
  out.sample({}, static_cast<double>(process.descriptors_max));
  out.gauge("process_threads", "Threads of the server.");
  out.sample({}, static_cast<double>(process.threads));
  out.gauge("process_start_time_seconds", "When the server was started, in seconds since 1970.");
  out.sample({}, std::chrono::duration<double>(started_.time_since_epoch()).count());
}

}  // namespace fuota::server::app
