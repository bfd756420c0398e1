#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "server/app/log_line.hpp"
#include "server/app/metric_cells.hpp"
#include "server/http/observer.hpp"

namespace fuota::server::app {

struct LogSettings {
  LogFormat format = LogFormat::text;
  bool verbose = false;  ///< Logs what is of interest only when looking for a fault.
};

/// The server's log: lines, each with the time and its severity, each written in one piece, so that
/// threads need no lock. Any thread.
class Log final : public http::Observer {
 public:
  /// Writes to `fd`, which outlives it: standard error. Where that is systemd's journal, each line
  /// begins with its priority as the journal takes it (sd-daemon(3)).
  Log(LogSettings settings, int fd);

  void info(std::string_view message) { write(LogLevel::info, message); }

  /// How many messages of that level it has written.
  [[nodiscard]] std::uint64_t count(LogLevel level) const {
    return counts_[static_cast<std::size_t>(level)].value();
  }

  /// Connections and handshakes are counted, not logged: a failed handshake is an event too.
  void on_connection(http::ConnectionEvent) override {}
  void on_handshake(http::HandshakeOutcome, std::chrono::microseconds) override {}

  void on_request(const http::AccessRecord& record) override;
  void on_event(http::Severity severity, std::string_view what) override;

 private:
  void begin(LineBuffer& line, LogLevel level) const;
  void write(LogLevel level, std::string_view message);
  void write_out(const LineBuffer& line) const;

  const LogSettings settings_;
  const int fd_;
  const bool to_journal_;
  std::array<CountCell, 4> counts_;  ///< By level.
};

}  // namespace fuota::server::app
