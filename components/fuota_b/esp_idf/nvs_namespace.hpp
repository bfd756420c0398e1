#pragma once

#include "nvs.h"

namespace fuota::update {

/// The component's namespace of NVS, "fuota_b", open as long as the object lives.
class NvsNamespace {
 public:
  explicit NvsNamespace(nvs_open_mode_t mode) : error_(nvs_open("fuota_b", mode, &handle_)) {}
  ~NvsNamespace() {
    if (error_ == ESP_OK) nvs_close(handle_);
  }
  NvsNamespace(const NvsNamespace&) = delete;
  NvsNamespace& operator=(const NvsNamespace&) = delete;

  [[nodiscard]] esp_err_t error() const { return error_; }
  [[nodiscard]] nvs_handle_t handle() const { return handle_; }

 private:
  nvs_handle_t handle_ = 0;
  esp_err_t error_;
};

}  // namespace fuota::update
