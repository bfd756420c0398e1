#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "simulator/flash/fault_hook.hpp"
#include "simulator/flash/result.hpp"

namespace simulator::flash {

constexpr std::size_t kSectorBytes = 4096;  ///< the smallest unit that can be erased
constexpr std::size_t kPageBytes = 256;     ///< the most that one program command writes
constexpr std::uint8_t kErasedByte = 0xFF;
constexpr std::size_t kChipBytesMax = 128u << 20;  ///< the largest SPI NOR chip of an ESP32 board

/// How long an operation takes in virtual time: typical figures of the SPI NOR chips on ESP32
/// boards.
constexpr std::int64_t kSectorEraseUs = 45'000;
constexpr std::int64_t kPageProgramUs = 700;
constexpr std::int64_t kReadBytesPerUs = 10;  ///< 40 MHz, two data lines

/// A SPI NOR flash chip, with its rules enforced: an erase sets whole sectors to 0xFF, a write can
/// only turn ones into zeros. Breaking a rule (a range outside of the chip, an erase that is not a
/// number of whole sectors, a write that needs a 0 to become a 1) is a defect in the firmware that
/// a real chip would answer with corrupt data: it ends the process with a message that names the
/// address.
///
/// The chip outlives reboots and power cuts: it belongs to whoever owns the board, not to a
/// power-on session. While a Scheduler is current and one of its tasks runs, an operation lets the
/// virtual clock pass by what it takes, and a cut of the power ends the session from inside
/// (StopReason::power_off). Otherwise operations take no time, and a cut is returned as
/// Power::lost.
///
/// The content of a chip with a file behind it is that file: whatever an operation changed is in
/// the file when it returns, so killing the process at any moment loses nothing. (It is not
/// flushed to the disk: a crash of the host may lose it.)
///
/// What a torn operation leaves (Fault::cut_during; random, but fixed by `seed_torn_results`):
/// a write is done up to a random page, in which a random subset of the bits that it would clear
/// are cleared, and the following pages are untouched; an erase is done up to a random sector,
/// whose content is then either noise or the old content with a random subset of its zeros turned
/// into ones, and the following sectors are untouched.
///
/// Not thread-safe. Not movable: others hold references to it.
class FlashChip {
 public:
  /// An erased chip in memory only. `size_bytes` is a positive multiple of kSectorBytes, at most
  /// kChipBytesMax.
  explicit FlashChip(std::size_t size_bytes);

  /// An erased chip whose content is the file at `path`, which is created or replaced.
  static Result<std::unique_ptr<FlashChip>> create(const std::filesystem::path& path,
                                                   std::size_t size_bytes);
  /// The chip whose content is the existing file at `path`: a dump of a real chip will do. Fails
  /// when there is no such file, it can't be written, or its size is not that of a chip.
  static Result<std::unique_ptr<FlashChip>> open(const std::filesystem::path& path);

  ~FlashChip();
  FlashChip(const FlashChip&) = delete;
  FlashChip& operator=(const FlashChip&) = delete;

  /// Writes the content to another file, for a chip in memory or a copy of a state.
  Result<std::monostate> save(const std::filesystem::path& path) const;

  [[nodiscard]] std::size_t size_bytes() const { return cells_.size(); }

  void read(std::uint32_t address, std::span<std::uint8_t> out) const;
  Power write(std::uint32_t address, std::span<const std::uint8_t> data);
  /// `address` and `length` are multiples of kSectorBytes.
  Power erase(std::uint32_t address, std::size_t length);

  /// The content, for looking at it from outside: takes no time.
  [[nodiscard]] std::span<const std::uint8_t> content() const { return cells_; }

  /// Changes the content from outside, as a programmer device does with the chip out of its
  /// board: no operation, no time, no rules.
  void burn(std::uint32_t address, std::span<const std::uint8_t> data);
  /// Puts back what `content` gave earlier: `data` has the size of the chip.
  void restore(std::span<const std::uint8_t> data);

  /// What the cells do when `data` is written over them without an erase: each becomes old AND
  /// new. No operation, no time, no check: for modelling torn results.
  void program_raw(std::uint32_t address, std::span<const std::uint8_t> data);

  /// An empty hook means Fault::none throughout, as at the beginning.
  void set_fault_hook(FaultHook hook) { hook_ = std::move(hook); }
  /// Fixes all that is random from here on.
  void seed_torn_results(std::uint64_t seed) { random_.seed(seed); }

  /// For operations that are not those of this class, such as an NVS commit: counts it and asks
  /// the hook. The caller carries out what the answer says and calls `cut_power` itself.
  [[nodiscard]] Fault begin_operation(OperationKind kind, std::uint32_t address,
                                      std::size_t length);
  /// Cuts the power: does not return to a task of a running session, else returns Power::lost.
  static Power cut_power();
  /// The randomness that torn results come from.
  std::mt19937_64& random() { return random_; }

  [[nodiscard]] std::uint64_t operation_count() const { return operation_count_; }
  /// How often the sector that `address` lies in was erased.
  [[nodiscard]] std::uint32_t erase_count(std::uint32_t address) const;
  /// The same for all sectors, in order of address.
  [[nodiscard]] std::span<const std::uint32_t> erase_counts() const { return erase_counts_; }

 private:
  explicit FlashChip(std::span<std::uint8_t> mapping);

  void check_range(const char* operation, std::uint32_t address, std::size_t length) const;
  void check_programmable(std::uint32_t address, std::span<const std::uint8_t> data) const;
  void tear_write(std::uint32_t address, std::span<const std::uint8_t> data);
  void tear_erase(std::uint32_t address, std::size_t length);
  void erase_sectors(std::uint32_t address, std::size_t length);

  std::span<std::uint8_t> cells_;  ///< a mapping that this object owns
  FaultHook hook_;
  std::mt19937_64 random_;
  std::uint64_t operation_count_ = 0;
  std::vector<std::uint32_t> erase_counts_;
};

}  // namespace simulator::flash
