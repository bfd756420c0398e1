#pragma once

#include <optional>
#include <string_view>

#include "server/domain/device.hpp"

namespace fuota::server::domain {

/// What is known when a device asks whether there is something for it.
struct CheckFacts {
  std::optional<Device> device;  ///< The device's row, if the device is known.
  bool file_exists = false;      ///< Whether the row's file can be downloaded.
};

/// What a device is told.
enum class CheckOutcome {
  offer,           ///< Fetch the row's file.
  nothing,         ///< The device is known, and there is nothing for the version that it runs.
  unknown_device,  ///< There is no row for the device.
  missing_file,    ///< There is something for this version, but its file was not uploaded.
};

/// The rule of assignment: a device that reports exactly the version of its row is offered the
/// row's file; one that reports any other version is offered nothing. A missing file counts only
/// when it would be offered.
[[nodiscard]] CheckOutcome decide_check(const CheckFacts& facts, std::string_view reported_version);

}  // namespace fuota::server::domain
