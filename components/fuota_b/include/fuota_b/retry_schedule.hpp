#pragma once

#include <cstdint>

#include "fuota_b/update.hpp"

namespace fuota::update {

/// When to ask again. A fleet whose server comes back must not ask in step, and one whose server is
/// down must not ask as often as before: the waits grow with each failure, by chance and within
/// bounds. Rules only: the caller waits, and has the random numbers (esp_random()).
class RetrySchedule {
 public:
  struct Options {
    std::uint32_t period_s = 30;     ///< between two checks when all is well; at least 1
    std::uint32_t wait_max_s = 900;  ///< after failures; not below `period_s`
  };

  explicit constexpr RetrySchedule(const Options& options) : options_(options) {}

  /// How long to wait after a check that ended with `report`, in seconds, at least 1.
  ///
  /// After a check that worked (an update, none, or an answer that is final for now): `period_s`.
  /// After the n-th failure in a row: between half of and all of period_s * 2^(n-1), at most
  /// `wait_max_s`. When the server said when to come back (`Report::retry_after_s`): not before
  /// that, and up to an eighth and a second more, so that devices that were sent away together do
  /// not come back together; but not sooner than without it, either. `random` is a fresh random
  /// number.
  [[nodiscard]] std::uint32_t next_wait_s(const Report& report, std::uint32_t random);

 private:
  [[nodiscard]] std::uint32_t own_wait(std::uint32_t random) const;

  Options options_;
  std::uint8_t failures_ = 0;
};

}  // namespace fuota::update
