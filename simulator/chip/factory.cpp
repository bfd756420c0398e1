#include "simulator/chip/factory.hpp"

#include <algorithm>
#include <cstring>

#include "esp_app_desc.h"
#include "esp_app_format.h"
#include "esp_err.h"
#include "simulator/flash/nvs/storage.hpp"

namespace simulator::chip {
namespace {

using flash::Error;

std::string text_of(const char* field, std::size_t bytes) {
  return {field, strnlen(field, bytes)};
}

std::vector<std::uint8_t> bytes_of(const std::variant<std::string, std::uint16_t>& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    std::vector<std::uint8_t> bytes(text->begin(), text->end());
    bytes.push_back(0);
    return bytes;
  }
  const std::uint16_t number = std::get<std::uint16_t>(value);
  return {static_cast<std::uint8_t>(number & 0xFF), static_cast<std::uint8_t>(number >> 8)};
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
  const flash::Partition* partition = table.value().find_label("nvs");
  if (partition == nullptr) return Error{"the partition table has no partition \"nvs\""};

  flash::nvs::Storage storage(chip, partition->offset, partition->size);
  std::uint8_t index = 0;
  esp_err_t error = storage.mount();
  if (error == ESP_OK) error = storage.open_namespace(name_space, true, index);
  if (error != ESP_OK) return Error{std::string("NVS: ") + esp_err_to_name(error)};
  for (const NvsValue& item : values) {
    const bool is_text = std::holds_alternative<std::string>(item.value);
    const auto type = is_text ? flash::nvs::ItemType::string : flash::nvs::ItemType::u16;
    error = storage.set(index, type, item.key, bytes_of(item.value));
    if (error != ESP_OK) {
      return Error{"NVS, key \"" + item.key + "\": " + esp_err_to_name(error)};
    }
  }
  return std::monostate{};
}

}  // namespace simulator::chip
