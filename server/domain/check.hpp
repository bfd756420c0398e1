#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/domain/content_digest.hpp"
#include "server/domain/device.hpp"
#include "server/domain/running.hpp"

namespace fuota::server::domain {

/// The file that a device's row names.
struct AssignedFile {
  ContentDigest sha256{};
  std::uint64_t size_bytes = 0;
  std::string manifest;  ///< The signed manifest that goes with this content; empty without one.

  /// Names the offer of this content by this row (docs/protocol.md, "The native check").
  std::string deployment;
};

/// What a device asks.
struct CheckQuestion {
  std::string id;
  std::string version;     ///< The one that it says it runs.
  bool with_root = false;  ///< Whether it is to be told of newer root documents.
};

/// What is known when a device asks whether there is something for it.
struct CheckFacts {
  std::optional<Device> device;  ///< The device's row, if the device is known.

  /// The row's file, if it can be downloaded; looked at only where the row is for the version that
  /// was asked about.
  std::optional<AssignedFile> file;

  std::optional<Running> running;  ///< What the device has said last that it runs.

  /// The highest version of a root document, where it was asked for; 0 without any.
  std::uint32_t highest_root = 0;
};

/// What a device is told.
enum class CheckOutcome {
  offer,           ///< Fetch the row's file.
  nothing,         ///< The device is known, and there is nothing for the version that it runs.
  unknown_device,  ///< There is no row for the device.
  missing_file,    ///< There is something for this version, but its file was not uploaded.
};

/// The rule of assignment: a device that reports exactly the version of its row is offered the
/// row's file; one that reports any other version, or that it runs this very content, is offered
/// nothing. A missing file counts only when it would be offered. `running_image`: nothing when the
/// device hasn't said.
[[nodiscard]] CheckOutcome decide_check(
    const CheckFacts& facts, std::string_view reported_version,
    const std::optional<ContentDigest>& running_image = std::nullopt);

}  // namespace fuota::server::domain
