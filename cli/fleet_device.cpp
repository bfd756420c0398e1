#include "cli/fleet_device.hpp"

#include <string_view>
#include <utility>

namespace fuota::cli {
namespace {

using boost::asio::awaitable;

constexpr unsigned kOk = 200;
constexpr unsigned kNothing = 204;
constexpr unsigned kUnavailable = 503;
/// How often one download may be put off before it counts as an error.
constexpr unsigned kPutOffMax = 10000;
constexpr std::size_t kReasonMax = 160;

}  // namespace

FleetDevice::FleetDevice(const FleetScope& scope, std::uint64_t index)
    : scope_(scope),
      index_(index),
      client_(scope, index),
      timer_(scope.context),
      left_(scope.plan.share(index)) {}

bool FleetDevice::wants_more() const {
  return put_off_since_.has_value() || !left_ || *left_ > 0;
}

awaitable<bool> FleetDevice::contact(TimePoint due) {
  // To come back for a download that was put off is no contact of its share.
  if (!put_off_since_ && left_) --*left_;
  const std::string& file = scope_.plan.file_path();
  const bool reached = file.empty() ? co_await check(due) : co_await download(file, due);
  client_.leave();
  co_return reached;
}

awaitable<void> FleetDevice::hold() {
  if (auto failure = co_await client_.hold()) scope_.tally.count_error(std::move(*failure));
}

void FleetDevice::give_up() {
  if (put_off_since_) ++scope_.tally.unfinished;
}

void FleetDevice::interrupt() {
  timer_.cancel();
  client_.interrupt();
}

awaitable<bool> FleetDevice::check(TimePoint due) {
  auto asked = co_await client_.ask(scope_.plan.check_request(index_));
  if (!asked) co_return fail(std::move(asked.error()));
  const FleetAnswer& answer = *asked;
  ++scope_.tally.statuses[answer.status];
  if (answer.retry_after_s) {
    ++scope_.tally.spread;
    stay_away(*answer.retry_after_s);
  }
  if (answer.status != kOk && answer.status != kNothing) {
    fail_status(answer);
    co_return true;
  }
  ++scope_.tally.checks;
  scope_.tally.check_latency.record(FleetPlan::Clock::now() - due);
  if (answer.status == kNothing) put_off_since_.reset();
  if (answer.status == kNothing || !scope_.plan.options().downloads) co_return true;
  auto path = offered_path(answer);
  if (!path) {
    co_return fail({FleetError::malformed,
                    "the answer to a check names no file: " + answer.body.substr(0, kReasonMax)});
  }
  co_return co_await download(std::move(*path), FleetPlan::Clock::now());
}

awaitable<bool> FleetDevice::download(std::string path, TimePoint asked) {
  const TimePoint since = put_off_since_.value_or(asked);
  put_off_since_.reset();
  auto download = co_await client_.download(scope_.plan.download_request(index_, path));
  if (!download) {
    ++scope_.tally.unfinished;
    co_return true;
  }
  if (!*download) co_return fail(std::move(download->error()));
  const FleetAnswer& answer = **download;
  ++scope_.tally.statuses[answer.status];
  const bool patient = scope_.plan.options().honour_retry_after && put_off_ < kPutOffMax;
  if (answer.status == kOk) {
    ++scope_.tally.downloads;
    scope_.tally.download_latency.record(FleetPlan::Clock::now() - since);
    put_off_ = 0;
  } else if (answer.status == kUnavailable && answer.retry_after_s && patient) {
    ++scope_.tally.deferred;
    ++put_off_;
    put_off_since_ = since;
    stay_away(*answer.retry_after_s);
  } else {
    fail_status(answer);
  }
  co_return true;
}

/// False when no connection came about.
bool FleetDevice::fail(FleetFailure failure) {
  const bool reached = failure.error != FleetError::connect && failure.error != FleetError::local &&
                       failure.error != FleetError::handshake;
  scope_.tally.count_error(std::move(failure));
  return reached;
}

void FleetDevice::fail_status(const FleetAnswer& answer) {
  std::string reason = answer.body.substr(0, answer.body.find_first_of("\r\n"));
  if (reason.size() > kReasonMax) reason.resize(kReasonMax);
  scope_.tally.count_error(
      {FleetError::status, "HTTP " + std::to_string(answer.status) + ": " + reason});
}

void FleetDevice::stay_away(std::uint32_t seconds) {
  if (!scope_.plan.options().honour_retry_after) return;
  not_before_ = FleetPlan::Clock::now() + std::chrono::seconds(seconds);
}

}  // namespace fuota::cli
