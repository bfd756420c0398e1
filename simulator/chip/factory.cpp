#include "simulator/chip/factory.hpp"

#include <algorithm>
#include <cstring>

#include "esp_app_desc.h"
#include "esp_app_format.h"
#include "simulator/flash/nvs/editor.hpp"

namespace simulator::chip {
namespace {

using flash::Error;

std::string text_of(const char* field, std::size_t bytes) {
  return {field, strnlen(field, bytes)};
}

}  // namespace

flash::Result<ImageInfo> inspect_image(std::span<const std::uint8_t> image) {
  constexpr std::size_t kDescriptorAt =
      sizeof(esp_image_header_t) + sizeof(esp_image_segment_header_t);
  esp_image_header_t header;
  esp_app_desc_t descriptor;
  if (image.size() < kDescriptorAt + sizeof descriptor) {
    return Error{"too short for an application image"};
  }
  std::memcpy(&header, image.data(), sizeof header);
  std::memcpy(&descriptor, image.data() + kDescriptorAt, sizeof descriptor);
  if (header.magic != ESP_IMAGE_HEADER_MAGIC) {
    return Error{"not an ESP32 image: the first byte is not 0xE9"};
  }
  if (descriptor.magic_word != ESP_APP_DESC_MAGIC_WORD) {
    return Error{"not an application image: it has no application descriptor"};
  }
  const auto chip_id = static_cast<std::uint16_t>(header.chip_id);
  const boot::ChipModel* model = boot::find_chip(chip_id);
  if (model == nullptr) {
    return Error{"an image for a chip that is not known here (chip id " + std::to_string(chip_id) +
                 ")"};
  }
  return ImageInfo{model, text_of(descriptor.version, sizeof descriptor.version),
                   text_of(descriptor.project_name, sizeof descriptor.project_name)};
}

flash::Result<std::monostate> flash_new_board(flash::FlashChip& chip,
                                              const flash::PartitionTable& table,
                                              std::span<const std::uint8_t> image) {
  if (table.end_bytes() > chip.size_bytes()) {
    return Error{"the partition table needs " + std::to_string(table.end_bytes()) +
                 " bytes of flash, the chip has " + std::to_string(chip.size_bytes())};
  }
  const auto slots = table.ota_slots();
  if (slots.empty()) return Error{"the partition table has no OTA slot (subtype ota_0)"};
  if (image.size() > slots[0]->size) {
    return Error{"the image has " + std::to_string(image.size()) + " bytes, the slot " +
                 std::to_string(slots[0]->size)};
  }
  std::vector<std::uint8_t> content(chip.size_bytes(), flash::kErasedByte);
  const auto binary = table.to_binary();
  std::copy(binary.begin(), binary.end(), content.begin() + flash::kPartitionTableAddress);
  std::copy(image.begin(), image.end(), content.begin() + slots[0]->offset);
  chip.burn(0, content);
  return std::monostate{};
}

flash::Result<std::monostate> provision(flash::FlashChip& chip, const std::string& name_space,
                                        const std::vector<NvsValue>& values) {
  const auto table = flash::PartitionTable::parse(
      chip.content().subspan(flash::kPartitionTableAddress, flash::kPartitionTableBytes),
      chip.size_bytes());
  if (!table) return table.error();
  const auto editor = flash::nvs::Editor::open(chip, table.value());
  if (!editor) return editor.error();
  for (const NvsValue& item : values) {
    const auto* text = std::get_if<std::string>(&item.value);
    const auto result =
        text != nullptr
            ? editor.value()->set_string(name_space, item.key, *text)
            : editor.value()->set_number(name_space, item.key, std::get<std::uint16_t>(item.value));
    if (!result) return result.error();
  }
  return std::monostate{};
}

}  // namespace simulator::chip
