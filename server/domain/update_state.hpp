#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "fuota_protocol/update_report.hpp"
#include "server/domain/content_digest.hpp"

namespace fuota::server::domain {

/// How far the update of one device has come.
enum class UpdateState : std::uint8_t {
  offered,      ///< It is there for the device, which has said nothing about it yet.
  downloading,  ///< The device says so; so do the next four.
  installed,
  confirmed,
  rolled_back,
  failed,
  done,  ///< The device itself has come back and runs the image.
};

/// What the state of an update follows from.
struct UpdateFacts {
  ContentDigest image{};  ///< Of the update.
  std::optional<protocol::ReportState> last_report;
  std::optional<ContentDigest> running;  ///< What the device said last that it runs.
};

/// The rule: done is an update when the device runs its image, and nothing else makes it so,
/// whatever was reported. Otherwise its state is what was reported last.
[[nodiscard]] UpdateState decide_update_state(const UpdateFacts& facts);

/// "rolled_back": the state as it is written. Static storage.
[[nodiscard]] std::string_view name_of(UpdateState state);

}  // namespace fuota::server::domain
