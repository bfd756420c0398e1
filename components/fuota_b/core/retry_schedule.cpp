#include "fuota_b/retry_schedule.hpp"

#include <algorithm>

#include "check_answer.hpp"

namespace fuota::update {

std::uint32_t RetrySchedule::next_wait_s(const Report& report, std::uint32_t random) {
  if (is_success(report.code)) {
    failures_ = 0;
  } else if (failures_ < UINT8_MAX) {
    ++failures_;
  }
  const std::uint32_t own_wait_s = own_wait(random);
  if (report.retry_after_s == 0) return own_wait_s;
  const std::uint32_t spread_s = report.retry_after_s / 8 + 2;
  return std::max(own_wait_s, report.retry_after_s + random % spread_s);
}

std::uint32_t RetrySchedule::own_wait(std::uint32_t random) const {
  if (failures_ == 0) return options_.period_s;
  std::uint64_t bound_s = options_.period_s;
  for (unsigned i = 1; i < failures_ && bound_s < options_.wait_max_s; ++i) bound_s *= 2;
  bound_s = std::min<std::uint64_t>(bound_s, options_.wait_max_s);
  const auto half_s = static_cast<std::uint32_t>(bound_s / 2);
  const auto rest_s = static_cast<std::uint32_t>(bound_s - half_s);
  return std::max<std::uint32_t>(1, half_s + random % (rest_s + 1));
}

}  // namespace fuota::update
