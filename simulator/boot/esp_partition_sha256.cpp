#include <mbedtls/sha256.h>

#include <algorithm>
#include <array>

#include "esp_partition.h"
#include "simulator/boot/application.hpp"
#include "simulator/kernel/misuse.hpp"

/// The part of esp_partition.h that has to know what an image is.

using simulator::boot::Application;
using simulator::boot::ImageUse;
using simulator::boot::kVerifyUsPer1000Bytes;
using simulator::flash::Partitions;

namespace {

using Digest = std::array<std::uint8_t, ESP_IMAGE_HASH_LEN>;

Digest sha256_of_flash(std::uint32_t address, std::uint32_t length) {
  Digest digest{};
  const auto bytes = Partitions::current().chip().content().subspan(address, length);
  mbedtls_sha256_ret(bytes.data(), bytes.size(), digest.data(), 0);
  Application::current().spend(std::int64_t{length} * kVerifyUsPer1000Bytes / 1000);
  return digest;
}

}  // namespace

extern "C" {

esp_err_t esp_partition_get_sha256(const esp_partition_t* partition, uint8_t* sha_256) {
  if (partition == nullptr) {
    simulator::kernel::misuse("esp_partition_get_sha256", "called with NULL");
  }
  if (sha_256 == nullptr || partition->size == 0) return ESP_ERR_INVALID_ARG;
  std::uint32_t length = partition->size;
  const bool is_app = partition->type == ESP_PARTITION_TYPE_APP;
  esp_image_metadata_t image{};
  if (is_app) {
    const esp_partition_pos_t position{partition->address, partition->size};
    if (Application::current().examine(ImageUse::describe, position, image) != ESP_OK) {
      return ESP_ERR_IMAGE_INVALID;
    }
    length = image.image_len;
    if (image.image.hash_appended != 0) length -= ESP_IMAGE_HASH_LEN;
  }
  const Digest digest = sha256_of_flash(partition->address, length);
  if (is_app && image.image.hash_appended != 0 && !std::ranges::equal(digest, image.image_digest)) {
    return ESP_ERR_IMAGE_INVALID;
  }
  std::ranges::copy(digest, sha_256);
  return ESP_OK;
}

bool esp_partition_check_identity(const esp_partition_t* partition_1,
                                  const esp_partition_t* partition_2) {
  Digest first{};
  Digest second{};
  return esp_partition_get_sha256(partition_1, first.data()) == ESP_OK &&
         esp_partition_get_sha256(partition_2, second.data()) == ESP_OK && first == second;
}

}  // extern "C"
