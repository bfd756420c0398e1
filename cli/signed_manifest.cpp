#include "cli/signed_manifest.hpp"

#include <array>

#include "cli/signed_document.hpp"

namespace fuota::cli {

Result<protocol::Manifest> make_manifest(const Image& image, std::uint32_t counter,
                                         std::chrono::system_clock::time_point now) {
  protocol::Manifest manifest;
  const bool fits = manifest.product.assign(image.product) &&
                    manifest.version.assign(image.version) && manifest.chip.assign(image.chip) &&
                    manifest.created.assign(created_at(now));
  if (!fits) return Failure{"a text of the image's descriptor is too long"};
  manifest.size_bytes = image.size_bytes;
  manifest.sha256 = image.sha256;
  manifest.counter = counter;
  if (const auto problem = protocol::check_manifest(manifest)) {
    return Failure{"the image can't be signed: " + describe(problem) +
                   ". Project name and version are names without control characters, /, \\ and \";"
                   " set them in the project's CMakeLists.txt"};
  }
  return manifest;
}

Result<std::string> sign_manifest(const protocol::Manifest& manifest, const ReleaseKey& key) {
  std::array<char, protocol::kFormattedManifestBytesMax> text;
  const std::size_t bytes = protocol::format_manifest(manifest, text.data());
  return sign_document({text.data(), bytes}, kManifestKind, key);
}

Result<protocol::Manifest> read_manifest(std::string_view signed_manifest) {
  const auto jws = read_signed(signed_manifest, kManifestKind);
  if (!jws) return jws.error();
  const auto manifest = protocol::manifest_of(*jws);
  if (manifest.problem)
    return Failure{"what it signs is no manifest: " + describe(manifest.problem)};
  return manifest.manifest;
}

std::string difference(const protocol::Manifest& manifest, const Image& image) {
  const auto differs = [](std::string_view what, std::string_view in_manifest,
                          std::string_view in_image) {
    return "the manifest is about " + std::string(what) + " \"" + std::string(in_manifest) +
           "\", the image is \"" + std::string(in_image) + "\"";
  };
  if (manifest.product.view() != image.product) {
    return differs("product", manifest.product.view(), image.product);
  }
  if (manifest.version.view() != image.version) {
    return differs("version", manifest.version.view(), image.version);
  }
  if (manifest.chip.view() != image.chip) return differs("chip", manifest.chip.view(), image.chip);
  if (manifest.size_bytes != image.size_bytes || manifest.sha256 != image.sha256) {
    return "the manifest is about an image of the same name with other bytes";
  }
  return "";
}

}  // namespace fuota::cli
