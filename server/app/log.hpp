#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "server/app/log_line.hpp"
#include "server/app/metric_cells.hpp"
#include "server/http/observer.hpp"

namespace fuota::server::app {

struct LogSettings {
  LogFormat format = LogFormat::text;
  bool verbose = false;  ///< Logs what is of interest only when looking for a fault.
};

/// How much of the lines of requests is kept until their turn is over.
constexpr std::size_t kLogPendingBytesMax = 64 * 1024;

/// The server's log: lines, each with the time and its severity. The lines of requests that are
/// answered together are written together (http::Observer::on_turn_end), all others at once. Any
/// thread.
class Log final : public http::Observer {
 public:
  /// Writes to `fd`, which outlives it: standard error. Where that is systemd's journal, each line
  /// begins with its priority as the journal takes it (sd-daemon(3)).
  Log(LogSettings settings, int fd);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log() override;

  void info(std::string_view message) { write(LogLevel::info, message); }

  /// How many messages of that level it has written.
  [[nodiscard]] std::uint64_t count(LogLevel level) const {
    return counts_[static_cast<std::size_t>(level)].value();
  }

  /// Connections and handshakes are counted, not logged: a failed handshake is an event too.
  void on_connection(http::ConnectionEvent) override {}
  void on_handshake(http::HandshakeOutcome, std::chrono::microseconds) override {}

  void on_request(const http::AccessRecord& record) override;
  void on_turn_end() override;
  void on_event(http::Severity severity, std::string_view what) override;

 private:
  void begin(LineBuffer& line, LogLevel level) const;
  void write(LogLevel level, std::string_view message);
  void write_pending();

  const LogSettings settings_;
  const int fd_;
  const bool to_journal_;
  std::array<CountCell, 4> counts_;  ///< By level.
  std::mutex mutex_;
  LineBuffer pending_;  ///< Whole lines. Under the mutex.
};

}  // namespace fuota::server::app
