#include "trial_record.hpp"

#include "little_endian.hpp"

namespace fuota::update {
namespace {

constexpr std::uint8_t kMagic[] = {'F', 'T'};
constexpr std::uint8_t kVersion = 2;

bool is_state(std::uint8_t byte) {
  return byte == static_cast<std::uint8_t>(TrialRecord::State::on_trial) ||
         byte == static_cast<std::uint8_t>(TrialRecord::State::failed);
}

struct ResetRow {
  const char* description;
  const char* rollback_code;
};

/// By esp_reset_reason_t (esp_system.h); v4.4 ends with SDIO, v5 and v6 with a CPU lock-up.
constexpr ResetRow kResets[] = {
    {"unknown", "rolled_back_unknown"},
    {"power-on", "rolled_back_power_on"},
    {"reset pin", "rolled_back_reset_pin"},
    {"restart by software", "rolled_back_software"},
    {"panic", "rolled_back_panic"},
    {"interrupt watchdog", "rolled_back_interrupt_watchdog"},
    {"task watchdog", "rolled_back_task_watchdog"},
    {"other watchdog", "rolled_back_other_watchdog"},
    {"deep sleep", "rolled_back_deep_sleep"},
    {"brown-out", "rolled_back_brown_out"},
    {"sdio", "rolled_back_sdio"},
    {"usb", "rolled_back_usb"},
    {"jtag", "rolled_back_jtag"},
    {"efuse error", "rolled_back_efuse_error"},
    {"power glitch", "rolled_back_power_glitch"},
    {"cpu lock-up", "rolled_back_cpu_lock_up"},
};
constexpr std::uint8_t kResetCount = sizeof kResets / sizeof kResets[0];

/// One bit for each that came from outside: power-on, brown-out, USB, JTAG, power glitch.
constexpr std::uint32_t kCuts = 1U << 1 | 1U << 9 | 1U << 11 | 1U << 12 | 1U << 14;

/// A text takes its room whatever its length, so that every record has the same size.
template <std::size_t N>
void put_text(RecordWriter& out, const protocol::FixedText<N>& text) {
  char room[N] = {};
  if (!text.empty()) std::memcpy(room, text.view().data(), text.view().size());
  out.u8(static_cast<std::uint8_t>(text.view().size()));
  out.bytes(room, N);
}

template <std::size_t N>
bool get_text(RecordReader& in, protocol::FixedText<N>& text) {
  char room[N];
  const std::size_t size = in.u8();
  in.bytes(room, N);
  return size <= N && text.assign({room, size});
}

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
    // It gave itself up, which ends in a restart by software; or this is the verdict on the image
    // that the slot held before, and the switch to this one was cut before it began.
    {SlotState::refused, TrialDecision::retry, TrialDecision::fail},
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
  RecordWriter out(bytes.data());
  out.bytes(kMagic, sizeof kMagic);
  out.u8(kVersion);
  out.u8(static_cast<std::uint8_t>(record.state));
  out.u8(record.slot);
  out.u8(record.trials);
  out.u8(record.reset_reason);
  out.u8(static_cast<std::uint8_t>(record.told));
  out.bytes(record.image.data(), kSha256Bytes);
  out.bytes(record.installer.data(), kSha256Bytes);
  out.bytes(record.elf.data(), kSha256Bytes);
  out.u32(record.counter);
  put_text(out, record.update.deployment);
  put_text(out, record.update.version);
  out.bytes(record.update.file.data(), kSha256Bytes);
  return bytes;
}

bool decode(const std::uint8_t* data, std::size_t bytes, TrialRecord& record) {
  if (bytes != kTrialRecordBytes || std::memcmp(data, kMagic, sizeof kMagic) != 0 ||
      data[sizeof kMagic] != kVersion) {
    return false;
  }
  RecordReader in(data + sizeof kMagic + 1);
  const std::uint8_t state = in.u8();
  TrialRecord read;
  read.state = static_cast<TrialRecord::State>(state);
  read.slot = in.u8();
  read.trials = in.u8();
  read.reset_reason = in.u8();
  const std::uint8_t told = in.u8();
  read.told = static_cast<TrialRecord::Told>(told);
  in.bytes(read.image.data(), kSha256Bytes);
  in.bytes(read.installer.data(), kSha256Bytes);
  in.bytes(read.elf.data(), kSha256Bytes);
  read.counter = in.u32();
  if (!get_text(in, read.update.deployment) || !get_text(in, read.update.version)) return false;
  in.bytes(read.update.file.data(), kSha256Bytes);
  if (!is_state(state) || told > static_cast<std::uint8_t>(TrialRecord::Told::failed)) return false;
  record = read;
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

bool is_failed(const TrialRecord& record, const protocol::Sha256& file,
               std::string_view deployment) {
  return record.state == TrialRecord::State::failed && record.update.file == file &&
         !record.update.empty() && record.update.deployment.view() == deployment;
}

TrialRecord::Told to_be_told(const TrialRecord& record, bool is_running_on_trial,
                             std::uint8_t running_slot) {
  using Told = TrialRecord::Told;
  if (record.update.empty()) return Told::nothing;
  if (record.state == TrialRecord::State::failed) {
    return record.told == Told::failed ? Told::nothing : Told::failed;
  }
  const bool is_it = is_running_on_trial && record.slot == running_slot;
  return is_it && record.told == Told::nothing ? Told::installed : Told::nothing;
}

bool is_confirmation(const TrialRecord& record, std::uint8_t running_slot,
                     const TrialRecord::Sha256& running_elf) {
  return record.state == TrialRecord::State::on_trial && record.slot == running_slot &&
         record.elf == running_elf;
}

const char* describe_reset(std::uint8_t reset_reason) {
  return kResets[reset_reason < kResetCount ? reset_reason : 0].description;
}

const char* rollback_code(SlotState slot_state, std::uint8_t reset_reason) {
  if (slot_state == SlotState::refused) return "rolled_back_by_itself";
  return kResets[reset_reason < kResetCount ? reset_reason : 0].rollback_code;
}

}  // namespace fuota::update
