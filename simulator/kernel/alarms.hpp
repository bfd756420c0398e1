#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>

namespace simulator::kernel {

/// Callbacks in the order of the time at which they are due; those of one time in the order in
/// which they were added.
class Alarms {
 public:
  using Callback = std::function<void()>;

  /// Returns an id, never 0.
  std::uint64_t add(std::int64_t when_us, Callback callback);
  void cancel(std::uint64_t id);
  /// When the first one is due; `kNever` when there is none.
  [[nodiscard]] std::int64_t next_us() const;
  /// Takes the first one out; there must be one.
  Callback take_first();

 private:
  using Key = std::pair<std::int64_t, std::uint64_t>;  ///< time and id

  std::map<Key, Callback> callbacks_;
  std::unordered_map<std::uint64_t, std::int64_t> times_;  ///< by id
  std::uint64_t last_id_ = 0;
};

}  // namespace simulator::kernel
