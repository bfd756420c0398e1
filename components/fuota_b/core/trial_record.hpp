#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "image_checker.hpp"
#include "update_subject.hpp"

/// Trials that were cut: rules only. ESP-IDF's bootloader gives a new image one boot to confirm
/// itself, and takes a power loss in that time for a failure. The device remembers in NVS what it
/// put on trial, so that the old image can tell the two apart and try a good image again.
namespace fuota::update {

/// What is remembered of an image that was put on trial.
struct TrialRecord {
  enum class State : std::uint8_t {
    on_trial = 1,
    failed = 2,  ///< it is not tried again
  };
  using Sha256 = std::array<std::uint8_t, kSha256Bytes>;

  State state = State::on_trial;
  std::uint8_t slot = 0;  ///< subtype of the app partition that holds it (esp_partition_subtype_t)
  std::uint8_t trials = 0;  ///< how often it was put on trial
  /// esp_reset_reason_t of the restart that ended its last trial; counts only when failed.
  std::uint8_t reset_reason = 0;
  Sha256 image{};  ///< as esp_partition_get_sha256 gives it
  /// The image that put it there, by the SHA-256 of its ELF file (esp_app_desc_t). When another
  /// one runs, by a serial cable say, the record is about a past that is over.
  Sha256 installer{};
  Sha256 elf{};  ///< of the ELF file of `image`; all zeros when its descriptor has none
  /// Security counter of the signed release that `image` is; 0 when no signature was asked for.
  std::uint32_t counter = 0;

  UpdateSubject update;

  /// What the server is to be told of it was put among the reports: nothing yet, that it is
  /// installed, or that it failed.
  enum class Told : std::uint8_t { nothing = 0, installed = 1, failed = 2 };
  Told told = Told::nothing;
};

/// "FT", version, state, slot, trials, reset reason, told, image, installer, elf, counter (little
/// endian), deployment and version with their lengths in front, file. NVS has a CRC of its own for
/// each blob, and stores one whole or not at all.
constexpr std::size_t kTrialRecordBytes = 8 + 4 * kSha256Bytes + sizeof(std::uint32_t) + 1 +
                                          protocol::kDeploymentBytesMax + 1 +
                                          protocol::kReleaseVersionBytesMax;
using TrialRecordBytes = std::array<std::uint8_t, kTrialRecordBytes>;

[[nodiscard]] TrialRecordBytes encode(const TrialRecord& record);

/// False when the bytes are no record of a known version; `record` is unchanged then.
[[nodiscard]] bool decode(const std::uint8_t* data, std::size_t bytes, TrialRecord& record);

/// What otadata says about the slot of a record.
enum class SlotState : std::uint8_t {
  unknown,     ///< no entry, or one that a power loss left unreadable
  unfinished,  ///< chosen for a trial that did not begin, or did not end (NEW, PENDING_VERIFY)
  aborted,     ///< the bootloader fell back: the trial ended without a confirmation
  refused,     ///< the image itself asked to be rolled back (INVALID)
  usable,      ///< confirmed, or booted without a trial
};

/// What the device finds after a boot.
struct TrialSituation {
  bool is_running_on_trial = false;
  std::uint8_t running_slot = 0;
  TrialRecord::Sha256 running_image{};  ///< of its ELF file, as in `TrialRecord::installer`
  SlotState slot_state = SlotState::unknown;
  std::uint8_t reset_reason = 0;  ///< esp_reset_reason_t of this boot
};

enum class TrialDecision : std::uint8_t {
  leave,   ///< nothing is to be done
  forget,  ///< erase the record: its image is confirmed, or it is about a past that is over
  retry,   ///< the trial was cut: put the image on trial again, if the slot still holds it
  fail,    ///< the image failed, or was tried often enough: remember that
};

/// What is to be done about `record`. `trials_max`: how often an image is put on trial at most,
/// 1 or more.
[[nodiscard]] TrialDecision decide(const TrialRecord& record, const TrialSituation& situation,
                                   std::uint8_t trials_max);

/// True for a reset that came from outside, and so tells nothing about the software: the power
/// failed, or a person's debugger or serial monitor restarted the chip.
[[nodiscard]] bool is_cut(std::uint8_t reset_reason);

/// True when `record` says that the image of that ELF file failed. All zeros are no image.
[[nodiscard]] bool is_failed(const TrialRecord& record, const TrialRecord::Sha256& elf);

/// True when `record` says that the image with this file failed, and it was offered by this very
/// deployment: under another one, the operator offers it anew.
[[nodiscard]] bool is_failed(const TrialRecord& record, const protocol::Sha256& file,
                             std::string_view deployment);

/// What is still to be told about the trial that `record` is about, by a device that runs from
/// `running_slot` and, with `is_running_on_trial`, is on trial itself.
[[nodiscard]] TrialRecord::Told to_be_told(const TrialRecord& record, bool is_running_on_trial,
                                           std::uint8_t running_slot);

/// True when `record` is about the image with that ELF file that runs from `running_slot`, so that
/// its confirmation ends the trial: the counter of the record is then what was confirmed.
[[nodiscard]] bool is_confirmation(const TrialRecord& record, std::uint8_t running_slot,
                                   const TrialRecord::Sha256& running_elf);

/// A few words for the log, "task watchdog": lower-case letters, spaces and '-'. Static storage.
[[nodiscard]] const char* describe_reset(std::uint8_t reset_reason);

/// The failure code of a trial that ended with this reset, "rolled_back_task_watchdog", or, when
/// `slot_state` says that the image gave itself up, "rolled_back_by_itself". Static storage.
[[nodiscard]] const char* rollback_code(SlotState slot_state, std::uint8_t reset_reason);

}  // namespace fuota::update
