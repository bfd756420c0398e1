#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "fuota_protocol/update_report.hpp"
#include "server/domain/check.hpp"
#include "server/domain/contact.hpp"
#include "server/domain/running.hpp"

namespace fuota::server::domain {

/// What a device tells about an update.
using Report = protocol::UpdateReport;

/// The events that are kept of one device, the newest ones: some years of updates, and no more than
/// a device that reports without end may take of the disk.
constexpr std::size_t kEventsPerDeviceMax = 1000;

/// What happened to a device: it sent a report, or it was found to run another image.
struct Event {
  /// Counts the device's events from 1 on, without a gap.
  std::uint64_t number = 0;
  Time received;
  std::variant<Report, RunningImage> what;
};

/// A part of a device's history, and what is known of it now.
struct History {
  std::string file;                    ///< The one that the device's row names.
  std::optional<AssignedFile> update;  ///< That file, if it can be downloaded.

  /// The report that tells how far `update` has come: of the stream that has reported last about
  /// this deployment, the one with the highest sequence.
  std::optional<Report> last_report;

  std::optional<Running> running;
  std::optional<Contact> contact;  ///< The last one.
  std::vector<Event> events;       ///< Newest first.
  bool has_more = false;           ///< Whether there are older ones than these.
};

}  // namespace fuota::server::domain
