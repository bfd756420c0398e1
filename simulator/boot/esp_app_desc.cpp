#include "esp_app_desc.h"

#include <algorithm>

#include "simulator/boot/application.hpp"

using simulator::boot::Application;

namespace {

/// CONFIG_APP_RETRIEVE_LEN_ELF_SHA
constexpr std::size_t kElfDigits = 9;

}  // namespace

extern "C" {

const esp_app_desc_t* esp_app_get_description(void) {
  return &Application::current().description();
}

int esp_app_get_elf_sha256(char* dst, size_t size) {
  if (dst == nullptr || size < 2) return 0;
  constexpr char kDigits[] = "0123456789abcdef";
  const std::uint8_t* sha256 = Application::current().description().app_elf_sha256;
  const std::size_t digits = std::min(size - 1, kElfDigits);
  for (std::size_t i = 0; i < digits; ++i) {
    const std::uint8_t byte = sha256[i / 2];
    dst[i] = kDigits[i % 2 == 0 ? byte >> 4 : byte & 0xF];
  }
  dst[digits] = '\0';
  return static_cast<int>(digits + 1);
}

}  // extern "C"
