#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "server/app/log.hpp"
#include "server/http/observer.hpp"
#include "server/http/tls_context.hpp"

namespace fuota::server::app {

/// What is to be said about a certificate that will not be valid much longer.
struct ExpiryNotice {
  http::Severity severity = http::Severity::warning;
  std::string text;
};

/// The notice about a certificate at `now`: a warning in its last kExpiryWarning, an error in its
/// last kExpiryError and after its end; nothing before.
[[nodiscard]] std::optional<ExpiryNotice> notice_of(const http::CertificateExpiry& expiry,
                                                    std::chrono::system_clock::time_point now);

constexpr std::chrono::hours kExpiryWarning{30 * 24};
constexpr std::chrono::hours kExpiryError{7 * 24};

/// Keeps the server's certificates up to date while it runs, on a thread of its own: reads them
/// again when their files change, and at SIGHUP; says at the start and once a day which of them end
/// soon.
class CertificateWatch {
 public:
  /// Looks at the files of `tls` every `period`. `log` outlives the watch.
  CertificateWatch(http::TlsContext tls, Log& log,
                   std::chrono::milliseconds period = std::chrono::seconds(5));
  CertificateWatch(const CertificateWatch&) = delete;
  CertificateWatch& operator=(const CertificateWatch&) = delete;
  ~CertificateWatch();

 private:
  void wait_for_signal();
  void wait_for_change();
  void wait_for_next_day();
  void reload();
  void tell_expiries();

  http::TlsContext tls_;
  Log& log_;
  std::chrono::milliseconds period_;
  std::string last_failure_;  ///< What was said about files that can't be used; empty: they can.
  boost::asio::io_context context_{1};
  boost::asio::signal_set hang_up_;
  boost::asio::steady_timer next_look_{context_};
  boost::asio::steady_timer next_day_{context_};
  std::jthread thread_;
};

}  // namespace fuota::server::app
