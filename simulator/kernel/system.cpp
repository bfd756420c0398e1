#include "simulator/kernel/system.hpp"

#include <algorithm>
#include <cstring>

#include "esp_heap_caps.h"
#include "esp_idf_version.h"
#include "esp_random.h"
#include "simulator/kernel/console.hpp"
#include "simulator/kernel/heap.hpp"
#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/panic.hpp"

namespace simulator::kernel {

namespace {

System* current_system = nullptr;

constexpr std::uint64_t kRandomPurpose = 2;

/// Code addresses of the host mean nothing on the chip and differ from run to run.
constexpr char kPanicText[] = "\nabort() was called at PC 0x00000000 on core 0\n\nRebooting...\n";

}  // namespace

System::System(std::uint64_t seed, MacAddress base_mac, esp_reset_reason_t reset_reason)
    : base_mac_(base_mac), reset_reason_(reset_reason), random_(seed, kRandomPurpose) {
  if (current_system != nullptr) misuse("System", "another session is alive");
  current_system = this;
}

System::~System() {
  current_system = nullptr;
}

System& System::current() {
  if (current_system == nullptr) misuse("System::current", "no session is alive");
  return *current_system;
}

esp_err_t System::add_shutdown_handler(shutdown_handler_t handler) {
  for (shutdown_handler_t& entry : shutdown_handlers_) {
    if (entry == handler) return ESP_ERR_INVALID_STATE;
    if (entry == nullptr) {
      entry = handler;
      return ESP_OK;
    }
  }
  return ESP_ERR_NO_MEM;
}

esp_err_t System::remove_shutdown_handler(shutdown_handler_t handler) {
  const auto found = std::find(shutdown_handlers_.begin(), shutdown_handlers_.end(), handler);
  if (found == shutdown_handlers_.end()) return ESP_ERR_INVALID_STATE;
  *found = nullptr;
  return ESP_OK;
}

void System::run_shutdown_handlers() {
  for (std::size_t i = kShutdownHandlersMax; i != 0; --i) {
    if (shutdown_handlers_[i - 1] != nullptr) shutdown_handlers_[i - 1]();
  }
}

esp_reset_reason_t System::next_reset_reason(StopReason reason) const {
  switch (reason) {
    case StopReason::restart:
      return ESP_RST_SW;
    case StopReason::panic:
      return panic_reason_;
    case StopReason::power_off:
    case StopReason::deadline:
    case StopReason::idle:
    case StopReason::requested:
      return ESP_RST_POWERON;
  }
  return ESP_RST_UNKNOWN;
}

void panic() {
  Console::current().write(kPanicText);
  Scheduler::current().stop(StopReason::panic);
}

void panic_from_callback(esp_reset_reason_t reason) {
  Console::current().write(kPanicText);
  System::current().set_panic_reason(reason);
  Scheduler::current().request_stop(StopReason::panic);
}

}  // namespace simulator::kernel

using simulator::kernel::Heap;
using simulator::kernel::MacAddress;
using simulator::kernel::misuse;
using simulator::kernel::Scheduler;
using simulator::kernel::System;

extern "C" {

const char* esp_get_idf_version(void) {
  return "v5.5.5";
}

esp_err_t esp_register_shutdown_handler(shutdown_handler_t handler) {
  if (handler == nullptr) misuse(__func__, "the handler is null");
  Scheduler::current().kernel_call();
  return System::current().add_shutdown_handler(handler);
}

esp_err_t esp_unregister_shutdown_handler(shutdown_handler_t handler) {
  if (handler == nullptr) misuse(__func__, "the handler is null");
  Scheduler::current().kernel_call();
  return System::current().remove_shutdown_handler(handler);
}

void esp_restart(void) {
  Scheduler::current().kernel_call();
  System::current().run_shutdown_handlers();
  Scheduler::current().stop(simulator::kernel::StopReason::restart);
}

esp_reset_reason_t esp_reset_reason(void) {
  return System::current().reset_reason();
}

uint32_t esp_get_free_heap_size(void) {
  return static_cast<uint32_t>(heap_caps_get_free_size(MALLOC_CAP_DEFAULT));
}

uint32_t esp_get_minimum_free_heap_size(void) {
  return static_cast<uint32_t>(heap_caps_get_minimum_free_size(MALLOC_CAP_DEFAULT));
}

size_t heap_caps_get_total_size(uint32_t caps) {
  return (caps & MALLOC_CAP_SPIRAM) != 0 ? 0 : Scheduler::current().heap().total_bytes();
}

size_t heap_caps_get_free_size(uint32_t caps) {
  Scheduler::current().kernel_call();
  return (caps & MALLOC_CAP_SPIRAM) != 0 ? 0 : Scheduler::current().heap().free_bytes();
}

size_t heap_caps_get_minimum_free_size(uint32_t caps) {
  Scheduler::current().kernel_call();
  return (caps & MALLOC_CAP_SPIRAM) != 0 ? 0 : Scheduler::current().heap().minimum_free_bytes();
}

size_t heap_caps_get_largest_free_block(uint32_t caps) {
  Scheduler::current().kernel_call();
  return (caps & MALLOC_CAP_SPIRAM) != 0 ? 0 : Scheduler::current().heap().largest_free_block();
}

uint32_t esp_random(void) {
  Scheduler::current().kernel_call();
  return static_cast<uint32_t>(System::current().random().next());
}

void esp_fill_random(void* buf, size_t len) {
  if (buf == nullptr) misuse(__func__, "the buffer is null");
  auto* bytes = static_cast<uint8_t*>(buf);
  while (len != 0) {
    const uint32_t word = esp_random();
    const size_t part = std::min(len, sizeof word);
    std::memcpy(bytes, &word, part);
    bytes += part;
    len -= part;
  }
}

esp_err_t esp_efuse_mac_get_default(uint8_t* mac) {
  if (mac == nullptr) return ESP_ERR_INVALID_ARG;
  const MacAddress& base = System::current().base_mac();
  std::copy(base.begin(), base.end(), mac);
  return ESP_OK;
}

esp_err_t esp_read_mac(uint8_t* mac, esp_mac_type_t type) {
  if (mac == nullptr || type < ESP_MAC_WIFI_STA || type > ESP_MAC_ETH) return ESP_ERR_INVALID_ARG;
  esp_efuse_mac_get_default(mac);
  mac[5] = static_cast<uint8_t>(mac[5] + type);
  return ESP_OK;
}

}  // extern "C"
