#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <utility>

namespace fuota::test {

/// What is to happen later in a device's life, by its board's clock. Happens between two stretches
/// of virtual time, never inside of one.
class Agenda {
 public:
  void at(std::int64_t when_us, std::function<void()> action) {
    actions_.emplace(when_us, std::move(action));
  }

  /// When the next action is due; far away when there is none.
  [[nodiscard]] std::int64_t next_us() const {
    return actions_.empty() ? std::numeric_limits<std::int64_t>::max() : actions_.begin()->first;
  }

  /// Does what is due, in order of time; actions may put others on the agenda.
  void run_due(std::int64_t now_us) {
    while (next_us() <= now_us) {
      auto due = actions_.extract(actions_.begin());
      due.mapped()();
    }
  }

  /// Does everything that is left, at once.
  void run_all() { run_due(std::numeric_limits<std::int64_t>::max() - 1); }
  void clear() { actions_.clear(); }

 private:
  std::multimap<std::int64_t, std::function<void()>> actions_;
};

}  // namespace fuota::test
