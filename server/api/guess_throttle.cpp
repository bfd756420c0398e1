#include "server/api/guess_throttle.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <cmath>
#include <utility>

namespace fuota::server::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr double kSecondsPerMinute = 60;

/// Both halves are keyed hashes, so that this is one, too.
std::uint64_t pair_key(const Guesser& who) {
  return (who.address << 1 | who.address >> 63) ^ who.account;
}

double to_seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

seconds rounded_up(double time_s) {
  return seconds(std::max(1L, std::lround(std::ceil(time_s))));
}

}  // namespace

GuessThrottle::Entry& GuessThrottle::Table::use(std::uint64_t key, std::size_t most) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    items_.splice(items_.begin(), items_, found->second);
    return items_.front().second;
  }
  if (items_.size() >= most) {
    by_key_.erase(items_.back().first);
    items_.pop_back();
  }
  items_.emplace_front(key, Entry{});
  by_key_.emplace(key, items_.begin());
  return items_.front().second;
}

GuessThrottle::Entry* GuessThrottle::Table::find(std::uint64_t key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &found->second->second;
}

void GuessThrottle::leak(Bucket& bucket, double per_second, TimePoint now) const {
  if (now > bucket.since) {
    bucket.level = std::max(0.0, bucket.level - to_seconds(now - bucket.since) * per_second);
  }
  bucket.since = now;
}

/// Nothing when one more of `most` fits; else the time until it does.
std::optional<seconds> GuessThrottle::wait_for_room(Bucket& bucket, double most,
                                                    TimePoint now) const {
  const double per_second = most / kSecondsPerMinute;
  leak(bucket, per_second, now);
  const double excess = bucket.level + 1 - most;
  if (excess <= 0) return std::nullopt;
  return rounded_up(excess / per_second);
}

Admission GuessThrottle::admit_verification(const Guesser& who, TimePoint now) {
  if (Entry* known = known_.find(pair_key(who))) {
    const auto wait = wait_for_room(known->verifications, settings_.verifications_per_address, now);
    if (!wait) known->verifications.level += 1;
    return {wait, true};
  }
  Bucket& address = addresses_.use(who.address, settings_.remembered_max).verifications;
  const auto by_address = wait_for_room(address, settings_.verifications_per_address, now);
  // An address that has no tries left must not make an account be forgotten by naming others.
  if (by_address) return {by_address, false};
  Bucket& account = accounts_.use(who.account, settings_.remembered_max).verifications;
  const auto by_account = wait_for_room(account, settings_.verifications_per_account, now);
  if (by_account) return {by_account, false};
  address.level += 1;
  account.level += 1;
  return {};
}

void GuessThrottle::succeeded(const Guesser& who, TimePoint now) {
  Entry& entry = known_.use(pair_key(who), settings_.remembered_max);
  // The password that came was no guess.
  leak(entry.verifications, settings_.verifications_per_address / kSecondsPerMinute, now);
  entry.verifications.level = std::max(0.0, entry.verifications.level - 1);
}

/// Counts one more: how many there are now.
double GuessThrottle::count_failure(Entry& entry, TimePoint now) const {
  leak(entry.failures, 1 / to_seconds(settings_.forgiveness), now);
  // More would only lengthen the time until they are forgotten.
  const double most = settings_.failures_free + 2 +
                      std::log2(static_cast<double>(settings_.delay_max.count()) /
                                static_cast<double>(settings_.delay_first.count()));
  entry.failures.level = std::min(most, entry.failures.level + 1);
  return entry.failures.level;
}

milliseconds GuessThrottle::delay_after(double failures) const {
  const double beyond = failures - settings_.failures_free;
  if (beyond <= 0) return milliseconds(0);
  const double delay_ms =
      static_cast<double>(settings_.delay_first.count()) * std::exp2(std::max(0.0, beyond - 1));
  return std::min(settings_.delay_max, milliseconds(std::llround(delay_ms)));
}

/// How many are to be reported now, this one included.
std::uint64_t GuessThrottle::report(Entry& entry, TimePoint now) const {
  ++entry.unreported;
  if (entry.reported && now - *entry.reported < settings_.report_period) return 0;
  entry.reported = now;
  return std::exchange(entry.unreported, 0);
}

std::uint64_t GuessThrottle::noted(const Guesser& who, TimePoint now) {
  return report(addresses_.use(who.address, settings_.remembered_max), now);
}

Slowdown GuessThrottle::failed(const Guesser& who, TimePoint now) {
  Entry& address = addresses_.use(who.address, settings_.remembered_max);
  double failures = count_failure(address, now);
  if (who.account != 0) {
    Entry& account = accounts_.use(who.account, settings_.remembered_max);
    failures = std::max(failures, count_failure(account, now));
  }
  Slowdown slowdown;
  slowdown.to_report = report(address, now);
  slowdown.delay = delay_after(failures);
  if (slowdown.delay == milliseconds(0)) return slowdown;
  if (delayed_ >= settings_.delayed_max || address.delayed >= settings_.delayed_per_address_max) {
    slowdown.retry_after = rounded_up(to_seconds(slowdown.delay));
    slowdown.delay = milliseconds(0);
    return slowdown;
  }
  ++delayed_;
  ++address.delayed;
  return slowdown;
}

void GuessThrottle::end_delay(const Guesser& who) {
  if (delayed_ > 0) --delayed_;
  // The address may have been forgotten meanwhile.
  Entry* const address = addresses_.find(who.address);
  if (address != nullptr && address->delayed > 0) --address->delayed;
}

std::uint64_t network_of(std::string_view text) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(text, error);
  if (error) return 0;
  if (address.is_v4()) return address.to_v4().to_uint();
  constexpr std::size_t kPrefixBytes = 8;
  const auto bytes = address.to_v6().to_bytes();
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < kPrefixBytes; ++i) prefix = prefix << 8 | bytes[i];
  return prefix;
}

}  // namespace fuota::server::api
