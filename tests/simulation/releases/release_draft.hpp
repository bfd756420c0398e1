#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/release_key.hpp"
#include "fuota_protocol/manifest.hpp"
#include "tests/support/image_builder/image_builder.hpp"

namespace fuota::test {

/// Release keys of the tests, made once per process.
[[nodiscard]] const cli::ReleaseKey& release_key(std::size_t number);

/// The line that `fuota key public` prints.
[[nodiscard]] std::string public_line(const cli::ReleaseKey& key);

[[nodiscard]] protocol::Sha256 sha256_of(const Image& file);
[[nodiscard]] std::string hexadecimal(const protocol::Sha256& digest);

/// A release on its way to a device: right as it is, to be spoiled. It is signed by the code of
/// `fuota release sign`.
struct ReleaseDraft {
  /// Of an image for the board of the tests.
  explicit ReleaseDraft(Image file_to_release);

  Image file;                   ///< what the server offers
  protocol::Manifest manifest;  ///< what is signed about it
  std::vector<const cli::ReleaseKey*> signers = {&release_key(0)};
  std::string url = "/files/f";

  [[nodiscard]] std::string signed_manifest() const;
  /// The offer with that manifest, or with another.
  [[nodiscard]] std::string offer() const { return offer(signed_manifest()); }
  [[nodiscard]] std::string offer(const std::string& signed_manifest) const;
};

}  // namespace fuota::test
