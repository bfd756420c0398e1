#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/failure.hpp"
#include "cli/fleet_id_format.hpp"
#include "cli/fleet_options.hpp"
#include "cli/fleet_pace.hpp"
#include "cli/fleet_stream.hpp"
#include "cli/fleet_tls.hpp"

namespace fuota::cli {

/// A fleet that can set out: what was asked for, understood and looked up. Read by all threads.
class FleetPlan {
 public:
  using Clock = FleetDeadline::Clock;
  using TimePoint = Clock::time_point;

  /// Understands the options and looks up the server, for as long as the system's resolver takes.
  [[nodiscard]] static Result<std::unique_ptr<FleetPlan>> make(FleetOptions options);

  [[nodiscard]] const FleetOptions& options() const { return options_; }
  [[nodiscard]] const FleetTls& tls() const { return tls_; }
  [[nodiscard]] const std::optional<Pace>& pace() const { return pace_; }
  [[nodiscard]] std::chrono::nanoseconds timeout() const { return timeout_; }

  /// How many checks are made at a time where there is no pace: at least 1.
  [[nodiscard]] std::uint64_t lanes() const;

  /// How many descriptors may be open at a time.
  [[nodiscard]] std::uint64_t descriptors_needed() const;

  [[nodiscard]] std::optional<std::uint64_t> share(std::uint64_t device) const;
  [[nodiscard]] FleetRoute route(std::uint64_t device) const;
  [[nodiscard]] std::string check_request(std::uint64_t device) const;

  /// `path` is percent-encoded.
  [[nodiscard]] std::string download_request(std::uint64_t device, std::string_view path) const;

  /// The path of `--file`; empty without.
  [[nodiscard]] const std::string& file_path() const { return file_path_; }

  /// The time counts from now.
  void start();
  [[nodiscard]] TimePoint started() const { return started_; }

  /// No check is begun from then on; what is under way may go on until `cut()`.
  [[nodiscard]] TimePoint end() const { return TimePoint(Clock::duration(end_.load())); }
  [[nodiscard]] TimePoint cut() const;
  void end_now() { end_ = Clock::now().time_since_epoch().count(); }

 private:
  struct Token {
    std::string id;
    std::string authorization;
  };

  FleetPlan(FleetOptions options, IdFormat id_format, FleetTls tls)
      : options_(std::move(options)), id_format_(std::move(id_format)), tls_(std::move(tls)) {}

  Result<void> take_credentials();
  Result<void> take_sources();
  Result<void> take_file();
  Result<void> check_ports() const;
  [[nodiscard]] std::string id(std::uint64_t device) const;
  [[nodiscard]] std::string request(std::uint64_t device, std::string_view target,
                                    std::string_view fields) const;

  FleetOptions options_;
  IdFormat id_format_;
  FleetTls tls_;
  std::string host_field_;
  std::string user_authorization_;
  std::vector<Token> tokens_;
  std::string check_query_;
  std::string file_path_;
  boost::asio::ip::tcp::endpoint server_;
  std::vector<boost::asio::ip::address> sources_;
  std::optional<Pace> pace_;
  std::chrono::nanoseconds timeout_{};
  TimePoint started_;
  std::atomic<Clock::rep> end_ = TimePoint::max().time_since_epoch().count();
};

}  // namespace fuota::cli
