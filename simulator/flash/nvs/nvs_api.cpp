/// The functions of nvs.h and nvs_flash.h, which state what they do.

#include <cstring>
#include <span>
#include <string>

#include "nvs.h"
#include "nvs_flash.h"
#include "simulator/flash/nvs/driver.hpp"
#include "simulator/kernel/misuse.hpp"

namespace {

using simulator::flash::nvs::Driver;
using simulator::flash::nvs::ItemType;
using simulator::flash::nvs::kBlob;
using simulator::flash::nvs::Statistics;
using simulator::flash::nvs::Storage;
using simulator::flash::nvs::type_of_number;
using Bytes = std::span<const std::uint8_t>;

void require(const char* function, const char* what, const void* pointer) {
  if (pointer == nullptr) simulator::kernel::misuse(function, std::string(what) + " is NULL");
}

Bytes bytes_at(const void* data, std::size_t length) {
  return {static_cast<const std::uint8_t*>(data), length};
}

/// Calls `change(OpenNamespace)` when the handle allows for it.
template <class Change>
esp_err_t change(nvs_handle_t handle, Change apply) {
  const Driver::OpenNamespace* open = Driver::current().find(handle);
  if (open == nullptr) return ESP_ERR_NVS_INVALID_HANDLE;
  if (open->is_read_only) return ESP_ERR_NVS_READ_ONLY;
  return apply(*open);
}

esp_err_t set_value(nvs_handle_t handle, ItemType type, const char* key, Bytes value) {
  return change(handle, [&](const Driver::OpenNamespace& open) {
    return open.storage->set(open.index, type, key, value);
  });
}

template <class Number>
esp_err_t set_number(const char* function, nvs_handle_t handle, const char* key, Number value) {
  require(function, "the key", key);
  return set_value(handle, type_of_number<Number>(), key, bytes_at(&value, sizeof value));
}

template <class Number>
esp_err_t get_number(const char* function, nvs_handle_t handle, const char* key, Number* value) {
  require(function, "the key", key);
  require(function, "the place for the value", value);
  const Driver::OpenNamespace* open = Driver::current().find(handle);
  if (open == nullptr) return ESP_ERR_NVS_INVALID_HANDLE;
  return open->storage->get(open->index, type_of_number<Number>(), key,
                            {reinterpret_cast<std::uint8_t*>(value), sizeof *value});
}

esp_err_t get_data(const char* function, nvs_handle_t handle, ItemType type, const char* key,
                   void* value, std::size_t* length) {
  require(function, "the key", key);
  const Driver::OpenNamespace* open = Driver::current().find(handle);
  if (open == nullptr) return ESP_ERR_NVS_INVALID_HANDLE;
  const auto size = open->storage->size_of(open->index, type, key);
  if (!size) return ESP_ERR_NVS_NOT_FOUND;
  if (length == nullptr) return ESP_ERR_NVS_INVALID_LENGTH;
  const bool has_room = *length >= *size;
  *length = *size;
  if (value == nullptr) return ESP_OK;
  if (!has_room) return ESP_ERR_NVS_INVALID_LENGTH;
  return open->storage->get(open->index, type, key, {static_cast<std::uint8_t*>(value), *size});
}

}  // namespace

esp_err_t nvs_flash_init(void) {
  return nvs_flash_init_partition(NVS_DEFAULT_PART_NAME);
}

esp_err_t nvs_flash_init_partition(const char* partition_label) {
  require(__func__, "the label", partition_label);
  return Driver::current().init(partition_label);
}

esp_err_t nvs_flash_deinit(void) {
  return nvs_flash_deinit_partition(NVS_DEFAULT_PART_NAME);
}

esp_err_t nvs_flash_deinit_partition(const char* partition_label) {
  require(__func__, "the label", partition_label);
  return Driver::current().deinit(partition_label);
}

esp_err_t nvs_flash_erase(void) {
  return nvs_flash_erase_partition(NVS_DEFAULT_PART_NAME);
}

esp_err_t nvs_flash_erase_partition(const char* part_name) {
  require(__func__, "the label", part_name);
  return Driver::current().erase(part_name);
}

esp_err_t nvs_open(const char* namespace_name, nvs_open_mode_t open_mode,
                   nvs_handle_t* out_handle) {
  return nvs_open_from_partition(NVS_DEFAULT_PART_NAME, namespace_name, open_mode, out_handle);
}

esp_err_t nvs_open_from_partition(const char* part_name, const char* namespace_name,
                                  nvs_open_mode_t open_mode, nvs_handle_t* out_handle) {
  require(__func__, "the label", part_name);
  require(__func__, "the namespace", namespace_name);
  require(__func__, "the place for the handle", out_handle);
  return Driver::current().open(part_name, namespace_name, open_mode, *out_handle);
}

void nvs_close(nvs_handle_t handle) {
  Driver::current().close(handle);
}

esp_err_t nvs_set_i8(nvs_handle_t handle, const char* key, int8_t value) {
  return set_number(__func__, handle, key, value);
}

esp_err_t nvs_set_u8(nvs_handle_t handle, const char* key, uint8_t value) {
  return set_number(__func__, handle, key, value);
}

esp_err_t nvs_set_i16(nvs_handle_t handle, const char* key, int16_t value) {
  return set_number(__func__, handle, key, value);
}

esp_err_t nvs_set_u16(nvs_handle_t handle, const char* key, uint16_t value) {
  return set_number(__func__, handle, key, value);
}

esp_err_t nvs_set_i32(nvs_handle_t handle, const char* key, int32_t value) {
  return set_number(__func__, handle, key, value);
}

esp_err_t nvs_set_u32(nvs_handle_t handle, const char* key, uint32_t value) {
  return set_number(__func__, handle, key, value);
}

esp_err_t nvs_set_i64(nvs_handle_t handle, const char* key, int64_t value) {
  return set_number(__func__, handle, key, value);
}

esp_err_t nvs_set_u64(nvs_handle_t handle, const char* key, uint64_t value) {
  return set_number(__func__, handle, key, value);
}

esp_err_t nvs_set_str(nvs_handle_t handle, const char* key, const char* value) {
  require(__func__, "the key", key);
  require(__func__, "the value", value);
  return set_value(handle, ItemType::string, key, bytes_at(value, std::strlen(value) + 1));
}

esp_err_t nvs_set_blob(nvs_handle_t handle, const char* key, const void* value, size_t length) {
  require(__func__, "the key", key);
  if (length > 0) require(__func__, "the value", value);
  return set_value(handle, kBlob, key, bytes_at(value, length));
}

esp_err_t nvs_get_i8(nvs_handle_t handle, const char* key, int8_t* out_value) {
  return get_number(__func__, handle, key, out_value);
}

esp_err_t nvs_get_u8(nvs_handle_t handle, const char* key, uint8_t* out_value) {
  return get_number(__func__, handle, key, out_value);
}

esp_err_t nvs_get_i16(nvs_handle_t handle, const char* key, int16_t* out_value) {
  return get_number(__func__, handle, key, out_value);
}

esp_err_t nvs_get_u16(nvs_handle_t handle, const char* key, uint16_t* out_value) {
  return get_number(__func__, handle, key, out_value);
}

esp_err_t nvs_get_i32(nvs_handle_t handle, const char* key, int32_t* out_value) {
  return get_number(__func__, handle, key, out_value);
}

esp_err_t nvs_get_u32(nvs_handle_t handle, const char* key, uint32_t* out_value) {
  return get_number(__func__, handle, key, out_value);
}

esp_err_t nvs_get_i64(nvs_handle_t handle, const char* key, int64_t* out_value) {
  return get_number(__func__, handle, key, out_value);
}

esp_err_t nvs_get_u64(nvs_handle_t handle, const char* key, uint64_t* out_value) {
  return get_number(__func__, handle, key, out_value);
}

esp_err_t nvs_get_str(nvs_handle_t handle, const char* key, char* out_value, size_t* length) {
  return get_data(__func__, handle, ItemType::string, key, out_value, length);
}

esp_err_t nvs_get_blob(nvs_handle_t handle, const char* key, void* out_value, size_t* length) {
  return get_data(__func__, handle, kBlob, key, out_value, length);
}

esp_err_t nvs_erase_key(nvs_handle_t handle, const char* key) {
  require(__func__, "the key", key);
  return change(handle, [&](const Driver::OpenNamespace& open) {
    return open.storage->erase_key(open.index, key);
  });
}

esp_err_t nvs_erase_all(nvs_handle_t handle) {
  return change(handle, [](const Driver::OpenNamespace& open) {
    return open.storage->erase_namespace(open.index);
  });
}

esp_err_t nvs_commit(nvs_handle_t handle) {
  const Driver::OpenNamespace* open = Driver::current().find(handle);
  return open == nullptr ? ESP_ERR_NVS_INVALID_HANDLE : Driver::current().commit(*open);
}

esp_err_t nvs_get_stats(const char* part_name, nvs_stats_t* nvs_stats) {
  if (nvs_stats == nullptr) return ESP_ERR_INVALID_ARG;
  *nvs_stats = {};
  const Storage* storage =
      Driver::current().storage(part_name != nullptr ? part_name : NVS_DEFAULT_PART_NAME);
  if (storage == nullptr) return ESP_ERR_NVS_NOT_INITIALIZED;
  const Statistics statistics = storage->statistics();
  *nvs_stats = {.used_entries = statistics.used_entries,
                .free_entries = statistics.free_entries,
                .total_entries = statistics.total_entries,
                .namespace_count = statistics.namespace_count};
  return ESP_OK;
}

esp_err_t nvs_get_used_entry_count(nvs_handle_t handle, size_t* used_entries) {
  if (used_entries == nullptr) return ESP_ERR_INVALID_ARG;
  *used_entries = 0;
  const Driver::OpenNamespace* open = Driver::current().find(handle);
  if (open == nullptr) return ESP_ERR_NVS_INVALID_HANDLE;
  *used_entries = open->storage->used_entries(open->index);
  return ESP_OK;
}
