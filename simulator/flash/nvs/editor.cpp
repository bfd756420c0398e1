#include "simulator/flash/nvs/editor.hpp"

#include "nvs.h"

namespace simulator::flash::nvs {
namespace {

std::string reason(esp_err_t error) {
  switch (error) {
    case ESP_ERR_NVS_KEY_TOO_LONG:
      return "a name has at most 15 bytes";
    case ESP_ERR_NVS_VALUE_TOO_LONG:
      return "the value is too long";
    case ESP_ERR_NVS_NOT_ENOUGH_SPACE:
      return "there is not enough space";
    case ESP_ERR_NVS_NO_FREE_PAGES:
      return "it has no free page";
    case ESP_ERR_NVS_NEW_VERSION_FOUND:
      return "its format is newer than version 2";
    case kPowerLost:
      return "the power was cut";
    default:
      return "error " + std::to_string(error);
  }
}

Result<std::monostate> result_of(esp_err_t error, std::string_view name_space,
                                 std::string_view key) {
  if (error == ESP_OK) return std::monostate{};
  return Error{"can't change NVS key " + std::string(name_space) + "/" + std::string(key) + ": " +
               reason(error)};
}

}  // namespace

Result<std::unique_ptr<Editor>> Editor::open(FlashChip& chip, const PartitionTable& table,
                                             std::string_view label) {
  const Partition* partition = table.find_label(label);
  if (partition == nullptr || partition->type != kTypeData ||
      partition->subtype != kSubtypeDataNvs) {
    return Error{"there is no NVS partition \"" + std::string(label) + "\""};
  }
  std::unique_ptr<Editor> editor(new Editor(chip, *partition));
  if (const esp_err_t error = editor->storage_.mount()) {
    return Error{"can't read NVS partition \"" + std::string(label) + "\": " + reason(error)};
  }
  return editor;
}

Result<std::monostate> Editor::set_string(std::string_view name_space, std::string_view key,
                                          std::string_view value) {
  const std::string with_nul(value);
  return set(name_space, ItemType::string, key,
             {reinterpret_cast<const std::uint8_t*>(with_nul.c_str()), with_nul.size() + 1});
}

Result<std::monostate> Editor::set_blob(std::string_view name_space, std::string_view key,
                                        std::span<const std::uint8_t> value) {
  return set(name_space, kBlob, key, value);
}

Result<std::monostate> Editor::erase_key(std::string_view name_space, std::string_view key) {
  std::uint8_t index = 0;
  if (storage_.open_namespace(name_space, false, index) != ESP_OK) return std::monostate{};
  const esp_err_t error = storage_.erase_key(index, key);
  return result_of(error == ESP_ERR_NVS_NOT_FOUND ? ESP_OK : error, name_space, key);
}

std::optional<std::string> Editor::string(std::string_view name_space, std::string_view key) {
  const auto bytes = get(name_space, ItemType::string, key);
  if (!bytes || bytes->empty()) return std::nullopt;
  return std::string(bytes->begin(), bytes->end() - 1);
}

std::optional<std::vector<std::uint8_t>> Editor::blob(std::string_view name_space,
                                                      std::string_view key) {
  return get(name_space, kBlob, key);
}

Result<std::monostate> Editor::set(std::string_view name_space, ItemType type, std::string_view key,
                                   std::span<const std::uint8_t> value) {
  std::uint8_t index = 0;
  esp_err_t error = storage_.open_namespace(name_space, true, index);
  if (error == ESP_OK) error = storage_.set(index, type, key, value);
  return result_of(error, name_space, key);
}

std::optional<std::vector<std::uint8_t>> Editor::get(std::string_view name_space, ItemType type,
                                                     std::string_view key) {
  std::uint8_t index = 0;
  if (storage_.open_namespace(name_space, false, index) != ESP_OK) return std::nullopt;
  const auto size = storage_.size_of(index, type, key);
  if (!size) return std::nullopt;
  std::vector<std::uint8_t> value(*size);
  if (storage_.get(index, type, key, value) != ESP_OK) return std::nullopt;
  return value;
}

}  // namespace simulator::flash::nvs
