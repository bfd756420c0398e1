#include "running_image.hpp"

#include <algorithm>
#include <cstring>

#include "esp_app_format.h"
#include "esp_ota_ops.h"
#include "esp_partition.h"
#include "idf_port.hpp"
#include "image_length.hpp"
#include "observation.hpp"

namespace fuota::update {
namespace {

bool g_known = false;
protocol::Sha256 g_hash;

bool read_partition(const void* partition, std::uint32_t offset, void* out, std::size_t bytes) {
  return esp_partition_read(static_cast<const esp_partition_t*>(partition), offset, out, bytes) ==
         ESP_OK;
}

esp_err_t hash_partition(const esp_partition_t* partition, std::uint32_t length,
                         std::uint8_t* buffer, std::size_t buffer_bytes, const Observer& observer,
                         protocol::Sha256& out) {
  Sha256 digest;
  if (!digest.start()) return ESP_FAIL;
  for (std::uint32_t offset = 0; offset < length;) {
    report_alive(observer);
    const std::size_t bytes = std::min<std::size_t>(buffer_bytes, length - offset);
    const esp_err_t error = esp_partition_read(partition, offset, buffer, bytes);
    if (error != ESP_OK) return error;
    if (!digest.update(buffer, bytes)) return ESP_FAIL;
    offset += static_cast<std::uint32_t>(bytes);
  }
  return digest.finish(out.data()) ? ESP_OK : ESP_FAIL;
}

}  // namespace

esp_err_t read_chip_id(std::uint16_t* chip_id) {
  esp_image_header_t header;
  const esp_err_t error =
      esp_partition_read(esp_ota_get_running_partition(), 0, &header, sizeof header);
  *chip_id = static_cast<std::uint16_t>(header.chip_id);
  return error;
}

std::string_view running_product() {
  const esp_app_desc_t* descriptor = running_descriptor();
  return {descriptor->project_name,
          strnlen(descriptor->project_name, sizeof descriptor->project_name)};
}

esp_err_t hash_running_image(std::uint8_t* buffer, std::size_t buffer_bytes,
                             const Observer& observer, protocol::Sha256& out) {
  if (!g_known) {
    const esp_partition_t* running = esp_ota_get_running_partition();
    const auto length = image_length(running, running->size, &read_partition);
    if (!length) return ESP_ERR_INVALID_SIZE;
    const esp_err_t error =
        hash_partition(running, *length, buffer, buffer_bytes, observer, g_hash);
    if (error != ESP_OK) return error;
    g_known = true;
  }
  out = g_hash;
  return ESP_OK;
}

}  // namespace fuota::update
