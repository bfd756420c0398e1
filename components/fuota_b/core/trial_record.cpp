#include "trial_record.hpp"

#include <cstring>

namespace fuota::update {
namespace {

constexpr std::uint8_t kMagic[] = {'F', 'T'};
constexpr std::uint8_t kVersion = 1;

// Offsets in the encoded record.
constexpr std::size_t kVersionOffset = 2;
constexpr std::size_t kStateOffset = 3;
constexpr std::size_t kSlotOffset = 4;
constexpr std::size_t kTrialsOffset = 5;
constexpr std::size_t kReasonOffset = 6;
constexpr std::size_t kImageOffset = 8;
constexpr std::size_t kInstallerOffset = kImageOffset + kSha256Bytes;
constexpr std::size_t kElfOffset = kInstallerOffset + kSha256Bytes;
constexpr std::size_t kCounterOffset = kElfOffset + kSha256Bytes;
static_assert(kCounterOffset + sizeof(std::uint32_t) == kTrialRecordBytes, "nothing is left over");

bool is_state(std::uint8_t byte) {
  return byte == static_cast<std::uint8_t>(TrialRecord::State::on_trial) ||
         byte == static_cast<std::uint8_t>(TrialRecord::State::failed);
}

/// By esp_reset_reason_t (esp_system.h); v4.4 ends with SDIO, v5 and v6 with a CPU lock-up.
constexpr const char* kResets[] = {
    "unknown",    "power-on",           "reset pin",     "restart by software",
    "panic",      "interrupt watchdog", "task watchdog", "other watchdog",
    "deep sleep", "brown-out",          "SDIO",          "USB",
    "JTAG",       "eFuse error",        "power glitch",  "CPU lock-up",
};
constexpr std::uint8_t kResetCount = sizeof kResets / sizeof kResets[0];

/// One bit for each that came from outside: power-on, brown-out, USB, JTAG, power glitch.
constexpr std::uint32_t kCuts = 1U << 1 | 1U << 9 | 1U << 11 | 1U << 12 | 1U << 14;

struct DecisionRow {
  SlotState state;
  TrialDecision after_cut;
  TrialDecision after_other_reset;
};

constexpr DecisionRow kDecisions[] = {
    // Either the switch to the slot was cut, or the bootloader's note that the trial is over. After
    // another reset it was the switch that failed, or somebody erased otadata.
    {SlotState::unknown, TrialDecision::retry, TrialDecision::forget},
    // The bootloader chose the slot and could not boot it.
    {SlotState::unfinished, TrialDecision::retry, TrialDecision::fail},
    {SlotState::aborted, TrialDecision::retry, TrialDecision::fail},
    {SlotState::refused, TrialDecision::fail, TrialDecision::fail},
    // The switch to the slot was cut before it began: the entry is that of an image which the slot
    // held before. After another reset, somebody chose the other slot.
    {SlotState::usable, TrialDecision::retry, TrialDecision::forget},
};

constexpr bool is_ordered_by_state() {
  std::size_t expected = 0;
  for (const DecisionRow& row : kDecisions) {
    if (static_cast<std::size_t>(row.state) != expected++) return false;
  }
  return expected == static_cast<std::size_t>(SlotState::usable) + 1;
}
static_assert(is_ordered_by_state(), "every state has its row, in order");

}  // namespace

TrialRecordBytes encode(const TrialRecord& record) {
  TrialRecordBytes bytes{};
  std::memcpy(bytes.data(), kMagic, sizeof kMagic);
  bytes[kVersionOffset] = kVersion;
  bytes[kStateOffset] = static_cast<std::uint8_t>(record.state);
  bytes[kSlotOffset] = record.slot;
  bytes[kTrialsOffset] = record.trials;
  bytes[kReasonOffset] = record.reset_reason;
  std::memcpy(bytes.data() + kImageOffset, record.image.data(), kSha256Bytes);
  std::memcpy(bytes.data() + kInstallerOffset, record.installer.data(), kSha256Bytes);
  std::memcpy(bytes.data() + kElfOffset, record.elf.data(), kSha256Bytes);
  for (std::size_t i = 0; i < sizeof record.counter; ++i) {
    bytes[kCounterOffset + i] = static_cast<std::uint8_t>(record.counter >> (8 * i));
  }
  return bytes;
}

bool decode(const std::uint8_t* data, std::size_t bytes, TrialRecord& record) {
  if (bytes != kTrialRecordBytes || std::memcmp(data, kMagic, sizeof kMagic) != 0 ||
      data[kVersionOffset] != kVersion || !is_state(data[kStateOffset])) {
    return false;
  }
  record.state = static_cast<TrialRecord::State>(data[kStateOffset]);
  record.slot = data[kSlotOffset];
  record.trials = data[kTrialsOffset];
  record.reset_reason = data[kReasonOffset];
  std::memcpy(record.image.data(), data + kImageOffset, kSha256Bytes);
  std::memcpy(record.installer.data(), data + kInstallerOffset, kSha256Bytes);
  std::memcpy(record.elf.data(), data + kElfOffset, kSha256Bytes);
  record.counter = 0;
  for (std::size_t i = 0; i < sizeof record.counter; ++i) {
    record.counter |= static_cast<std::uint32_t>(data[kCounterOffset + i]) << (8 * i);
  }
  return true;
}

TrialDecision decide(const TrialRecord& record, const TrialSituation& situation,
                     std::uint8_t trials_max) {
  if (situation.is_running_on_trial) return TrialDecision::leave;
  if (record.slot == situation.running_slot) return TrialDecision::forget;
  if (record.state == TrialRecord::State::failed) return TrialDecision::leave;
  if (record.installer != situation.running_image) return TrialDecision::forget;
  const DecisionRow& row = kDecisions[static_cast<std::size_t>(situation.slot_state)];
  const TrialDecision decision =
      is_cut(situation.reset_reason) ? row.after_cut : row.after_other_reset;
  if (decision == TrialDecision::retry && record.trials >= trials_max) return TrialDecision::fail;
  return decision;
}

bool is_cut(std::uint8_t reset_reason) {
  return reset_reason < kResetCount && (kCuts >> reset_reason & 1U) != 0;
}

bool is_failed(const TrialRecord& record, const TrialRecord::Sha256& elf) {
  return record.state == TrialRecord::State::failed && record.elf == elf &&
         elf != TrialRecord::Sha256{};
}

std::uint32_t confirmed_counter(const TrialRecord& record, std::uint8_t running_slot,
                                const TrialRecord::Sha256& running_elf) {
  const bool is_about_it = record.state == TrialRecord::State::on_trial &&
                           record.slot == running_slot && record.elf == running_elf;
  return is_about_it ? record.counter : 0;
}

const char* describe_reset(std::uint8_t reset_reason) {
  return kResets[reset_reason < kResetCount ? reset_reason : 0];
}

}  // namespace fuota::update
