#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <variant>

namespace fuota::server::api {

/// Who may download now, and in which order the others may. A caller that is refused gets a place
/// in a queue, and is told when to come back. Until some time after that, a slot is kept for it
/// before those behind it; of all slots one in eight, or one, may stand empty for that. One that
/// comes later keeps its place, but nothing is kept for it; after kPlaceKept the place may be lost.
/// So nobody who comes back is overtaken for ever, and nobody who doesn't come back holds up the
/// others. Any thread. Takes at most kQueuedCallersMax places.
class DownloadQueue {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// The right to download, until it is destroyed.
  using Admission = std::shared_ptr<const void>;

  struct ComeBack {
    std::uint32_t in_s = 0;  ///< From 1 to kComeBackSMax.
  };

  /// Admits `downloads_max` at a time; 0: as many as come. `clock` is called from any thread.
  explicit DownloadQueue(std::size_t downloads_max,
                         std::function<TimePoint()> clock = std::chrono::steady_clock::now);

  /// Asks for `caller`, a device's id or an address. `chance` as in PollPacer::count. An admission
  /// doesn't outlive the queue.
  [[nodiscard]] std::variant<Admission, ComeBack> ask(const std::string& caller, double chance);

  /// Callers that have a place.
  [[nodiscard]] std::size_t queued() const;

  /// How often a caller was told to come back so far.
  [[nodiscard]] std::uint64_t put_off() const;

 private:
  struct Place {
    std::uint64_t ticket = 0;  ///< The lower, the earlier in the queue.
    TimePoint kept_until;      ///< Until then, a slot is kept for it.
  };

  [[nodiscard]] bool has_room_before(std::uint64_t ticket, TimePoint now);
  [[nodiscard]] Admission admit(TimePoint now);
  [[nodiscard]] std::uint32_t wait_s(std::uint64_t ticket, double chance) const;
  void keep_place(const std::string& caller, Place place);
  void leave(TimePoint began);
  void forget_lost(TimePoint now);

  const std::size_t downloads_max_;
  const std::size_t kept_max_;  ///< Slots that may be kept free for those who are expected.
  const std::function<TimePoint()> clock_;
  mutable std::mutex mutex_;
  std::size_t admitted_ = 0;
  std::uint64_t put_off_ = 0;
  std::uint64_t next_ticket_ = 0;
  std::unordered_map<std::string, Place> places_;  ///< By caller.
  std::map<std::uint64_t, TimePoint> expected_;    ///< kept_until by ticket, of who isn't late.
  std::chrono::duration<double> download_time_;    ///< What one takes, of late.
};

constexpr std::size_t kQueuedCallersMax = 65536;
constexpr std::uint32_t kComeBackSMax = 60 * 60;

/// For how long after the time that it was told a slot is kept for a caller: a device adds up to an
/// eighth and a second, and needs some time to connect.
constexpr std::chrono::seconds kSlotKept{15};

/// For how long after that time a caller's place is kept: what a device waits at most by itself.
constexpr std::chrono::minutes kPlaceKept{20};

}  // namespace fuota::server::api
