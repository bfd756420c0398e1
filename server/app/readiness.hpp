#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "server/app/timed_store.hpp"
#include "server/http/observer.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::app {

/// Room in a file system, for a user without privileges.
struct DiskRoom {
  std::uint64_t free_bytes = 0;
  std::uint64_t size_bytes = 0;
};

/// Nothing when the system doesn't tell.
[[nodiscard]] std::optional<DiskRoom> disk_room(const std::filesystem::path& directory);

/// Whether the server can do its work: read, change and store a file.
///
/// That changes can be made is known from the last one that was tried, be it of a caller or a batch
/// of contacts. When that one failed, or
/// none was tried yet, a change is made that changes nothing, at most every kProbePeriod: so a
/// server that nobody writes to finds out by itself that its disk works again.
class Readiness final : public StoreObserver {
 public:
  static constexpr std::chrono::seconds kProbePeriod{5};

  /// `store` and `log` outlive it; the store's calls need not be observed by this object.
  /// `file_bytes_max` is the greatest file that may be uploaded.
  Readiness(storage::Store& store, std::filesystem::path directory, std::uint64_t file_bytes_max,
            http::Observer& log);

  /// From now on the server isn't ready. Any thread.
  void begin_stop() { stopping_ = true; }

  void on_store_call(StoreCall call, std::chrono::nanoseconds duration,
                     std::optional<storage::StoreError> error) override;

  /// Why the server isn't ready, a line each; none when it is. The log is told of a failure when it
  /// is new. Calls are made on one thread; they may write to the disk, on the store's own thread.
  [[nodiscard]] boost::asio::awaitable<std::vector<std::string>> complaints();

 private:
  enum class Change : std::uint8_t { untried, made, full, failed };
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] boost::asio::awaitable<bool> can_read();
  [[nodiscard]] boost::asio::awaitable<void> probe();
  void note(std::optional<storage::StoreError> error);

  storage::Store& store_;
  const std::filesystem::path directory_;
  const std::uint64_t file_bytes_max_;
  http::Observer& log_;
  std::atomic<bool> stopping_{false};
  std::atomic<Change> last_change_{Change::untried};
  std::uint64_t failed_batches_ = 0;  ///< Of contacts, as far as they were noted.
  bool read_failed_ = false;
  bool probe_failed_ = false;
  Clock::time_point next_probe_ = Clock::time_point::min();
};

}  // namespace fuota::server::app
