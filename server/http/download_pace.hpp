#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace fuota::server::http {

/// The rate at which all files together are sent. Who has a piece to send is given a time for it,
/// behind all that was given before; so those who send take turns, piece by piece, whatever thread
/// they are on. Any thread.
class DownloadPace {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// `bytes_per_second` 0: without end.
  explicit DownloadPace(std::uint64_t bytes_per_second) : bytes_per_second_(bytes_per_second) {}

  [[nodiscard]] bool limited() const { return bytes_per_second_ > 0; }

  /// When the next `bytes`, at most 1 MiB, may be sent; `now` or later.
  [[nodiscard]] TimePoint reserve(std::size_t bytes, TimePoint now);

 private:
  const std::uint64_t bytes_per_second_;
  std::atomic<TimePoint::rep> next_{0};  ///< When what comes next may be sent.
};

}  // namespace fuota::server::http
