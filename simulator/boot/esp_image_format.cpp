#include "esp_image_format.h"

#include "simulator/boot/application.hpp"

using simulator::boot::Application;
using simulator::boot::ImageUse;

extern "C" {

esp_err_t esp_image_verify(esp_image_load_mode_t mode, const esp_partition_pos_t* part,
                           esp_image_metadata_t* data) {
  if (part == nullptr || data == nullptr) return ESP_ERR_INVALID_ARG;
  const ImageUse use = mode == ESP_IMAGE_VERIFY_SILENT ? ImageUse::verify_silent : ImageUse::verify;
  return Application::current().examine(use, *part, *data);
}

esp_err_t esp_image_get_metadata(const esp_partition_pos_t* part, esp_image_metadata_t* metadata) {
  if (part == nullptr || metadata == nullptr) return ESP_ERR_INVALID_ARG;
  return Application::current().examine(ImageUse::describe, *part, *metadata);
}

}  // extern "C"
