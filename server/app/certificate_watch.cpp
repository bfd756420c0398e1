#include "server/app/certificate_watch.hpp"

#include <array>
#include <csignal>
#include <ctime>
#include <utility>

namespace fuota::server::app {
namespace {

using std::chrono::system_clock;

constexpr std::chrono::hours kDay{24};

std::string date_of(system_clock::time_point time) {
  const std::time_t seconds = system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts)};
}

std::string name_of(const http::CertificateExpiry& expiry) {
  return "the certificate " + expiry.file + " (" + expiry.name + ")";
}

}  // namespace

std::optional<ExpiryNotice> notice_of(const http::CertificateExpiry& expiry,
                                      system_clock::time_point now) {
  const auto left = expiry.not_after - now;
  if (left >= kExpiryWarning) return std::nullopt;
  ExpiryNotice notice;
  if (left < kExpiryError) notice.severity = http::Severity::error;
  notice.text = name_of(expiry) + (left.count() > 0 ? " is valid only until " : " has ended on ") +
                date_of(expiry.not_after) + ": replace it as docs/certificates.md says";
  return notice;
}

CertificateWatch::CertificateWatch(http::TlsContext tls, Log& log, std::chrono::milliseconds period)
    : tls_(std::move(tls)), log_(log), period_(period), hang_up_(context_, SIGHUP) {
  tell_expiries();
  wait_for_signal();
  wait_for_change();
  wait_for_next_day();
  thread_ = std::jthread([this] { context_.run(); });
}

CertificateWatch::~CertificateWatch() {
  context_.stop();
}

void CertificateWatch::wait_for_signal() {
  hang_up_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    // Who asks wants to hear about it, be it the same as before.
    last_failure_.clear();
    reload();
    wait_for_signal();
  });
}

void CertificateWatch::wait_for_change() {
  next_look_.expires_after(period_);
  next_look_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    if (tls_.outdated()) reload();
    wait_for_change();
  });
}

void CertificateWatch::wait_for_next_day() {
  next_day_.expires_after(kDay);
  next_day_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    tell_expiries();
    wait_for_next_day();
  });
}

void CertificateWatch::reload() {
  const auto reloaded = tls_.reload();
  if (!reloaded) {
    if (std::exchange(last_failure_, reloaded.error()) == reloaded.error()) return;
    log_.on_event(http::Severity::error,
                  reloaded.error() +
                      "; the certificates that were read before stay in use. Put a "
                      "certificate and its key there: they are read when both fit");
    return;
  }
  last_failure_.clear();
  for (const http::CertificateExpiry& expiry : tls_.expiries()) {
    log_.info(name_of(expiry) + " was read again, valid until " + date_of(expiry.not_after));
  }
  tell_expiries();
}

void CertificateWatch::tell_expiries() {
  for (const http::CertificateExpiry& expiry : tls_.expiries()) {
    const auto notice = notice_of(expiry, system_clock::now());
    if (notice) log_.on_event(notice->severity, notice->text);
  }
}

}  // namespace fuota::server::app
