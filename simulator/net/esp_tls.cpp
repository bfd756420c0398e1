#include "esp_tls.h"

#include "simulator/kernel/scheduler.hpp"

extern "C" {

esp_err_t esp_tls_get_and_clear_last_error(esp_tls_error_handle_t h, int* esp_tls_code,
                                           int* esp_tls_flags) {
  simulator::kernel::Scheduler::current().kernel_call();
  if (h == nullptr) return ESP_ERR_INVALID_STATE;
  const esp_err_t last_error = h->last_error;
  if (esp_tls_code != nullptr) *esp_tls_code = h->esp_tls_error_code;
  if (esp_tls_flags != nullptr) *esp_tls_flags = h->esp_tls_flags;
  *h = {};
  return last_error;
}

}  // extern "C"
