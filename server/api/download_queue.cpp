#include "server/api/download_queue.hpp"

#include <algorithm>
#include <utility>

namespace fuota::server::api {
namespace {

using Seconds = std::chrono::duration<double>;

/// What a download is taken to last before one has ended.
constexpr Seconds kDownloadTimeAtFirst{10};

/// One download's share in what they last of late.
constexpr double kShareOfLast = 1.0 / 8;

constexpr double kJitter = 0.1;

/// The share of the slots that may stand empty for callers that are expected.
constexpr std::size_t kKeptShare = 8;

}  // namespace

DownloadQueue::DownloadQueue(std::size_t downloads_max, std::function<TimePoint()> clock)
    : downloads_max_(downloads_max),
      kept_max_(std::max<std::size_t>(1, downloads_max / kKeptShare)),
      clock_(std::move(clock)),
      download_time_(kDownloadTimeAtFirst) {}

std::variant<DownloadQueue::Admission, DownloadQueue::ComeBack> DownloadQueue::ask(
    const std::string& caller, double chance) {
  if (downloads_max_ == 0) return Admission{};
  const TimePoint now = clock_();
  const std::lock_guard lock(mutex_);
  const auto known = places_.find(caller);
  Place place = known == places_.end() ? Place{next_ticket_, now} : known->second;
  if (has_room_before(place.ticket, now)) {
    if (known != places_.end()) places_.erase(known);
    expected_.erase(place.ticket);
    return admit(now);
  }
  ++put_off_;
  const std::uint32_t told_s = wait_s(place.ticket, chance);
  // A device adds up to an eighth to what it is told.
  place.kept_until = now + std::chrono::seconds(told_s + told_s / 8) + kSlotKept;
  if (known == places_.end() && places_.size() >= kQueuedCallersMax) forget_lost(now);
  if (known != places_.end() || places_.size() < kQueuedCallersMax) {
    keep_place(caller, place);
  }
  return ComeBack{told_s};
}

std::size_t DownloadQueue::queued() const {
  const std::lock_guard lock(mutex_);
  return places_.size();
}

std::uint64_t DownloadQueue::put_off() const {
  const std::lock_guard lock(mutex_);
  return put_off_;
}

/// Whether more slots are free than are kept for those who stand before `ticket`.
bool DownloadQueue::has_room_before(std::uint64_t ticket, TimePoint now) {
  if (admitted_ >= downloads_max_) return false;
  const std::size_t free = downloads_max_ - admitted_;
  std::size_t kept = 0;
  auto place = expected_.begin();
  while (place != expected_.end() && place->first < ticket && kept < kept_max_ && kept < free) {
    if (place->second < now) {
      place = expected_.erase(place);
    } else {
      ++place;
      ++kept;
    }
  }
  return free > kept;
}

DownloadQueue::Admission DownloadQueue::admit(TimePoint now) {
  ++admitted_;
  // Nobody looks at what the pointer leads to: what counts is when its last copy goes.
  return {this, [this, now](const void*) { leave(now); }};
}

/// When a slot should be free for `ticket`, if all before it take theirs.
std::uint32_t DownloadQueue::wait_s(std::uint64_t ticket, double chance) const {
  const std::uint64_t first = expected_.empty() ? ticket : expected_.begin()->first;
  const auto before =
      ticket < first ? 0 : std::min<std::uint64_t>(expected_.size(), ticket - first);
  const Seconds wait = download_time_ *
                       (static_cast<double>(before + 1) / static_cast<double>(downloads_max_)) *
                       (1 + kJitter * chance);
  return static_cast<std::uint32_t>(
      std::clamp(wait.count() + chance, 1.0, static_cast<double>(kComeBackSMax)));
}

void DownloadQueue::keep_place(const std::string& caller, Place place) {
  if (place.ticket == next_ticket_) ++next_ticket_;
  places_[caller] = place;
  expected_[place.ticket] = place.kept_until;
}

void DownloadQueue::leave(TimePoint began) {
  const TimePoint now = clock_();
  const std::lock_guard lock(mutex_);
  --admitted_;
  download_time_ += (Seconds(now - began) - download_time_) * kShareOfLast;
}

void DownloadQueue::forget_lost(TimePoint now) {
  std::erase_if(places_, [&](const auto& entry) {
    const bool lost = entry.second.kept_until + kPlaceKept < now;
    if (lost) expected_.erase(entry.second.ticket);
    return lost;
  });
}

}  // namespace fuota::server::api
