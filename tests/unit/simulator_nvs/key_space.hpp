#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "simulator/flash/flash_chip.hpp"
#include "simulator/flash/nvs/storage.hpp"

/// The keys and values of a storage as a test compares them.
namespace simulator::flash::nvs {

using Value = std::vector<std::uint8_t>;

struct Name {
  std::uint8_t namespace_index = 1;
  ItemType type = ItemType::u8;
  std::string key;

  auto operator<=>(const Name&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Name& name);

using Contents = std::map<Name, Value>;

/// Each value of `names` that is there. A value that can't be read is a test failure.
Contents read_contents(Storage& storage, const std::vector<Name>& names);

/// Says what differs, in a few words; empty when nothing does.
std::string difference(const Contents& actual, const Contents& expected);

/// `length` bytes that differ from those of another `kind`.
Value bytes_of_kind(std::size_t length, unsigned kind);
/// A string of `length` bytes with its NUL.
Value string_of_kind(std::size_t length, unsigned kind);
Value number(std::uint64_t value, std::size_t bytes);

/// An NVS partition of a number of pages in the middle of a chip.
class Board {
 public:
  static constexpr std::uint32_t kAddress = 0x9000;

  explicit Board(std::size_t page_count = 4)
      : partition_bytes_(page_count * kSectorBytes), chip_(kAddress + partition_bytes_ + 0x1000) {}

  FlashChip& chip() { return chip_; }
  [[nodiscard]] std::size_t partition_bytes() const { return partition_bytes_; }
  /// A storage that is mounted; a test failure when that fails.
  std::unique_ptr<Storage> mount();

 private:
  std::size_t partition_bytes_;
  FlashChip chip_;
};

}  // namespace simulator::flash::nvs
