#include "server/app/audit_retention.hpp"

#include <string>
#include <utility>

namespace fuota::server::app {

bool ClockTrial::look(domain::Time wall, Steady steady) {
  const auto last = std::exchange(last_, Look{wall, steady});
  const auto jump = last ? (wall - last->wall) - (steady - last->steady) : Steady::duration::max();
  if (jump > kClockJump || jump < -kClockJump) trusted_from_ = steady + kClockTrial;
  return steady >= trusted_from_;
}

AuditRetention::AuditRetention(storage::Store& store, http::Observer& observer,
                               std::chrono::days keep, api::Clock clock)
    : store_(store), observer_(observer), keep_(keep), clock_(std::move(clock)) {}

boost::asio::awaitable<std::size_t> AuditRetention::look(ClockTrial::Steady steady) {
  const domain::Time now = clock_();
  if (!trial_.look(now, steady)) co_return 0;
  const domain::Change change{"server:audit-keep-days", "local", now};
  const auto removed = co_await store_.shorten_audit(audit_kept_from(now, keep_), change);
  if (!removed && !failed_) {
    observer_.on_event(http::Severity::error,
                       "the audit log can't be shortened: " + removed.error().detail);
  }
  failed_ = !removed;
  co_return removed ? *removed : 0;
}

domain::Time audit_kept_from(domain::Time now, std::chrono::days keep) {
  return std::chrono::floor<std::chrono::days>(now) - keep;
}

}  // namespace fuota::server::app
