#include "server/http/download_pace.hpp"

#include <algorithm>

namespace fuota::server::http {

DownloadPace::TimePoint DownloadPace::reserve(std::size_t bytes, TimePoint now) {
  if (!limited()) return now;
  constexpr std::uint64_t kNanoseconds = 1'000'000'000;
  const auto time = std::chrono::duration_cast<TimePoint::duration>(std::chrono::nanoseconds(
      static_cast<std::int64_t>(bytes * kNanoseconds / bytes_per_second_)));
  TimePoint::rep next = next_.load();
  TimePoint::rep begin = 0;
  do {
    begin = std::max(next, now.time_since_epoch().count());
  } while (!next_.compare_exchange_weak(next, begin + time.count()));
  return TimePoint(TimePoint::duration(begin));
}

}  // namespace fuota::server::http
