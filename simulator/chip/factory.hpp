#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "simulator/boot/chip_model.hpp"
#include "simulator/flash/flash_chip.hpp"
#include "simulator/flash/partition_table.hpp"
#include "simulator/flash/result.hpp"

/// What is done to a board before it meets its user: flashing and provisioning. The chip is off.
namespace simulator::chip {

/// What an application image says about itself (esp_image_header_t, esp_app_desc_t).
struct ImageInfo {
  const boot::ChipModel* model = nullptr;  ///< never null in a result
  std::string version;
  std::string project;
};

/// Reads the header and the descriptor. Fails for what is no application image, or one for a chip
/// that the simulator doesn't know. Checks neither checksum nor hash.
flash::Result<ImageInfo> inspect_image(std::span<const std::uint8_t> image);

/// Writes the partition table and `image` to the first OTA slot; everything else is left erased, as
/// `idf.py flash` does with a new board (no bootloader: the simulator has its own). Fails when the
/// table has no OTA slot, or the image or the table doesn't fit.
flash::Result<std::monostate> flash_new_board(flash::FlashChip& chip,
                                              const flash::PartitionTable& table,
                                              std::span<const std::uint8_t> image);

/// A value of NVS: a string (without its NUL), or a number that is stored as u16.
struct NvsValue {
  std::string key;
  std::variant<std::string, std::uint16_t> value;
};

/// Writes values to a namespace of the partition "nvs", in order. Fails, with the key's name, when
/// NVS refuses one.
flash::Result<std::monostate> provision(flash::FlashChip& chip, const std::string& name_space,
                                        const std::vector<NvsValue>& values);

}  // namespace simulator::chip
