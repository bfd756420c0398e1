#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "simulator/flash/flash_chip.hpp"
#include "simulator/flash/nvs/storage.hpp"
#include "simulator/flash/partition_table.hpp"
#include "simulator/flash/result.hpp"

namespace simulator::flash::nvs {

/// Reads and changes the NVS keys of a chip that is switched off, as provisioning in a factory
/// does. No session may run on the chip while it exists. Namespaces are created as needed.
///
/// A message of an error names the key. What fails to be read is absent: there is no such
/// namespace or key, or its value has another type.
class Editor {
 public:
  /// Opens the partition with that label. Fails when the table has no NVS partition of that name,
  /// or its content is not readable (an erased one is).
  static Result<std::unique_ptr<Editor>> open(FlashChip& chip, const PartitionTable& table,
                                              std::string_view label = "nvs");

  /// At most 3999 bytes, without a NUL in them.
  Result<std::monostate> set_string(std::string_view name_space, std::string_view key,
                                    std::string_view value);
  Result<std::monostate> set_blob(std::string_view name_space, std::string_view key,
                                  std::span<const std::uint8_t> value);
  /// The type of `value` decides about the one in the flash: to be stated exactly.
  template <std::integral Number>
  Result<std::monostate> set_number(std::string_view name_space, std::string_view key,
                                    Number value) {
    return set(name_space, type_of_number<Number>(), key,
               {reinterpret_cast<const std::uint8_t*>(&value), sizeof value});
  }
  /// Does nothing when there is no such key.
  Result<std::monostate> erase_key(std::string_view name_space, std::string_view key);

  [[nodiscard]] std::optional<std::string> string(std::string_view name_space,
                                                  std::string_view key);
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> blob(std::string_view name_space,
                                                              std::string_view key);
  template <std::integral Number>
  [[nodiscard]] std::optional<Number> number(std::string_view name_space, std::string_view key) {
    const auto bytes = get(name_space, type_of_number<Number>(), key);
    if (!bytes) return std::nullopt;
    Number value;
    std::memcpy(&value, bytes->data(), sizeof value);
    return value;
  }

 private:
  Editor(FlashChip& chip, const Partition& partition)
      : storage_(chip, partition.offset, partition.size) {}

  Result<std::monostate> set(std::string_view name_space, ItemType type, std::string_view key,
                             std::span<const std::uint8_t> value);
  std::optional<std::vector<std::uint8_t>> get(std::string_view name_space, ItemType type,
                                               std::string_view key);

  Storage storage_;
};

}  // namespace simulator::flash::nvs
