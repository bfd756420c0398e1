#pragma once

#include <cstddef>
#include <cstdint>

#include "server/api/download_queue.hpp"
#include "server/api/poll_pacer.hpp"

namespace fuota::server::app {

/// What is done when more devices come than can be served at a time (docs/overload.md).
struct OverloadSettings {
  api::PollPacing polls;
  std::size_t downloads_max = 0;  ///< At a time; 0: as many as come.
};

/// What was done so far, and how it stands.
struct OverloadCounts {
  std::uint64_t checks_put_off = 0;     ///< Told to come later than by themselves.
  std::uint64_t downloads_put_off = 0;  ///< Refused, and told when to come back.
  std::size_t downloads_waiting = 0;    ///< Callers that have a place in the queue.
  std::size_t downloads_max = 0;        ///< At a time; 0: as many as come.
};

/// Who paces checks and downloads. Any thread.
struct Overload {
  explicit Overload(const OverloadSettings& settings)
      : polls(settings.polls),
        downloads(settings.downloads_max),
        downloads_max(settings.downloads_max) {}

  [[nodiscard]] OverloadCounts counts() const {
    return {polls.put_off(), downloads.put_off(), downloads.queued(), downloads_max};
  }

  api::PollPacer polls;
  api::DownloadQueue downloads;
  const std::size_t downloads_max;
};

}  // namespace fuota::server::app
