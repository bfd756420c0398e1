#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/authenticator.hpp"
#include "server/app/metric_cells.hpp"
#include "server/app/overload.hpp"
#include "server/app/process_figures.hpp"
#include "server/app/timed_store.hpp"
#include "server/domain/fleet_counts.hpp"
#include "server/http/observer.hpp"
#include "server/http/tls_certificate.hpp"

namespace fuota::server::app {

class Exposition;

/// What is looked at, rather than counted, when metrics are asked for. Nothing where it isn't
/// known.
struct Gauges {
  ProcessFigures process;
  bool ready = false;
  std::size_t connections_max = 0;
  std::optional<std::uint64_t> disk_free_bytes;  ///< Of the data directory's file system.
  std::optional<std::uint64_t> disk_size_bytes;
  std::vector<http::CertificateExpiry> certificates;
  storage::ContactCounts contacts;
  std::optional<domain::FleetCounts> fleet;
  api::AuthenticationCounts authentication;
  OverloadCounts overload;
  std::uint64_t warnings = 0;  ///< That were logged.
  std::uint64_t errors = 0;    ///< That were logged.
};

/// Counts what happens, for Prometheus. Counting takes a few atomic additions, no lock and no
/// memory, on whatever thread it happens. docs/monitoring.md says what each metric means.
///
/// How many series there can be is bounded by tables, whatever clients send: a path is one of the
/// routes or "none", a method one of six words, a status one of those that the server answers.
class Metrics final : public http::Observer, public StoreObserver {
 public:
  /// `started` is when the process was.
  explicit Metrics(std::chrono::system_clock::time_point started);
  ~Metrics() override;

  /// Names the routes. Called once, before the first request; other routes are "none".
  void set_routes(const std::vector<std::string_view>& routes);

  void on_connection(http::ConnectionEvent event) override;
  void on_handshake(http::HandshakeOutcome outcome, std::chrono::microseconds duration) override;
  void on_request(const http::AccessRecord& record) override;
  /// The log counts its own lines.
  void on_event(http::Severity, std::string_view) override {}
  void on_store_call(StoreCall call, std::chrono::nanoseconds duration,
                     std::optional<storage::StoreError> error) override;

  /// A transaction has made the contacts of so many devices durable.
  void on_contact_batch(std::size_t devices, std::chrono::nanoseconds duration);

  /// Everything in Prometheus' text format. Any thread.
  [[nodiscard]] std::string text(const Gauges& gauges) const;

 private:
  struct RouteCells;
  struct StoreCells {
    LatencyCell latency;
    CountCell full;
    CountCell unavailable;
  };

  [[nodiscard]] RouteCells& cells_of(std::string_view route);
  void write_connections(Exposition& out, const Gauges& gauges) const;
  void write_requests(Exposition& out) const;
  static void write_authentication(Exposition& out, const api::AuthenticationCounts& counts);
  void write_store(Exposition& out) const;
  static void write_overload(Exposition& out, const OverloadCounts& counts);
  void write_contacts(Exposition& out, const storage::ContactCounts& contacts) const;
  static void write_fleet(Exposition& out, const Gauges& gauges);
  void write_server(Exposition& out, const Gauges& gauges) const;
  void write_process(Exposition& out, const ProcessFigures& process) const;

  static constexpr std::size_t kConnectionEvents = 6;
  static constexpr std::size_t kHandshakeOutcomes = 3;

  const std::chrono::system_clock::time_point started_;
  std::array<CountCell, kConnectionEvents> connection_events_;
  std::array<LatencyCell, kHandshakeOutcomes> handshakes_;
  /// By pattern; "none" for paths of no route. Not changed while requests are served.
  std::map<std::string, std::unique_ptr<RouteCells>, std::less<>> routes_;
  RouteCells* none_ = nullptr;
  CountCell received_bytes_;
  CountCell sent_bytes_;
  CountCell incomplete_;
  std::array<StoreCells, kStoreCalls> store_;
  LatencyCell contact_batches_;
  CountCell contacts_written_;
};

}  // namespace fuota::server::app
