#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace test_support {

/// The seed of a random test: the environment's FUOTA_TEST_SEED, which replays a failure, or a new
/// one. The test prints it when it fails.
[[nodiscard]] inline std::uint32_t random_seed() {
  if (const char* given = std::getenv("FUOTA_TEST_SEED")) {
    return static_cast<std::uint32_t>(std::stoul(given));
  }
  return std::random_device{}();
}

}  // namespace test_support
