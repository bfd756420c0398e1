#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace fuota::test {

class UpdateLife;

/// How images come to the devices of a campaign, and where a device has to come to. A row of a
/// table: what another scenario needs is another row.
struct Scenario {
  std::string_view name;
  std::string_view what;  ///< for people
  bool is_signed;         ///< it needs release keys
  /// What devices enrol with, at a server that knows no shared user; null: username and password.
  const char* fleet_key;
  /// How long a device that is left alone may take: for downloads of the largest image, trials, and
  /// the waits between.
  std::int64_t recovery_minutes;
  /// Before the first power-on: what the server offers.
  void (*prepare)(UpdateLife& life);
  /// After each boot, before the firmware runs.
  void (*on_boot)(UpdateLife& life);
  /// Whether the device has done what else it has to, when it runs the update.
  bool (*is_done)(UpdateLife& life);
};

[[nodiscard]] std::span<const Scenario> scenarios();
/// Null when there is none of this name.
[[nodiscard]] const Scenario* find_scenario(std::string_view name);

}  // namespace fuota::test
