#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/failure.hpp"

namespace fuota::cli {

struct SignOptions {
  std::string image;
  std::string key;
  std::string manifest;                  ///< empty: the image's name and ".manifest.json"
  std::optional<std::uint32_t> counter;  ///< none: the image's secure_version
};

/// Signs an image: writes its manifest, or adds a signature to the manifest that is there, which
/// must be about this image. Returns what is to be printed.
[[nodiscard]] Result<std::string> sign_release(const SignOptions& options);

struct VerifyOptions {
  std::string image;
  std::string manifest;           ///< as for signing
  std::vector<std::string> keys;  ///< as for `read_public_key`
  std::size_t threshold = 1;
};

/// Verifies that the manifest is about the image and signed by at least `threshold` of the keys:
/// what a device does before it installs. Returns what is to be printed.
[[nodiscard]] Result<std::string> verify_release_files(const VerifyOptions& options);

}  // namespace fuota::cli
