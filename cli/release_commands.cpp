#include "cli/release_commands.hpp"

#include <chrono>
#include <filesystem>
#include <utility>

#include "cli/file.hpp"
#include "cli/image.hpp"
#include "cli/key_commands.hpp"
#include "cli/openssl_verifier.hpp"
#include "cli/public_key_argument.hpp"
#include "cli/signed_document.hpp"
#include "cli/signed_manifest.hpp"
#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/release_trust.hpp"

namespace fuota::cli {
namespace {

Result<std::string> text_result(std::string text) {
  return Result<std::string>(boost::system::in_place_value, std::move(text));
}

std::string manifest_path(const std::string& image, const std::string& manifest) {
  return manifest.empty() ? image + ".manifest.json" : manifest;
}

Result<Image> read_image_file(const std::string& path) {
  const auto bytes = read_file(path, protocol::kFileBytesMax);
  if (!bytes) return bytes.error();
  auto image = read_image(*bytes);
  if (!image) return Failure{path + ": " + image.error().line};
  return image;
}

/// "sensor 1.2.0 for esp32c3, counter 7".
std::string title_of(const protocol::Manifest& manifest) {
  std::string text(manifest.product.view());
  text.append(" ").append(manifest.version.view()).append(" for ").append(manifest.chip.view());
  return text + ", counter " + std::to_string(manifest.counter);
}

Result<std::string> sign_again(const std::string& path, const std::string& text, const Image& image,
                               const ReleaseKey& key, std::optional<std::uint32_t> counter) {
  const auto manifest = read_manifest(text);
  if (!manifest) return Failure{path + ": " + manifest.error().line};
  std::string other = difference(*manifest, image);
  if (other.empty() && counter && *counter != manifest->counter) {
    other = "the manifest has the counter " + std::to_string(manifest->counter);
  }
  if (!other.empty()) {
    return Failure{path + ": " + other +
                   ". Remove it to sign anew, or name another with --manifest"};
  }
  auto extended = add_signature(text, kManifestKind, key);
  if (!extended) return Failure{path + ": " + extended.error().line};
  return extended;
}

Result<std::string> sign_first(const Image& image, const ReleaseKey& key,
                               std::optional<std::uint32_t> counter) {
  const auto manifest = make_manifest(image, counter.value_or(image.secure_version),
                                      std::chrono::system_clock::now());
  if (!manifest) return manifest.error();
  return sign_manifest(*manifest, key);
}

}  // namespace

Result<std::string> sign_release(const SignOptions& options) {
  const auto image = read_image_file(options.image);
  if (!image) return image.error();
  const auto key = read_release_key(options.key);
  if (!key) return key.error();
  const std::string path = manifest_path(options.image, options.manifest);
  std::string before;
  if (std::filesystem::exists(path)) {
    auto text = read_file(path, protocol::kSignedManifestBytesMax);
    if (!text) return text.error();
    before = std::move(*text);
  }
  const auto text = before.empty() ? sign_first(*image, *key, options.counter)
                                   : sign_again(path, before, *image, *key, options.counter);
  if (!text) return text.error();
  if (*text != before) {
    if (auto written = replace_file(path, *text); !written) return written.error();
  }
  const auto manifest = read_manifest(*text);
  if (!manifest) return manifest.error();
  return text_result(path + ": " + title_of(*manifest) + ", signed by " +
                     std::string(key->id().view()) + (*text == before ? " already\n" : "\n"));
}

Result<std::string> verify_release_files(const VerifyOptions& options) {
  std::vector<protocol::NamedKey> keys;
  for (const std::string& argument : options.keys) {
    const auto key = read_public_key(argument);
    if (!key) return key.error();
    keys.push_back(*key);
  }
  const auto image = read_image_file(options.image);
  if (!image) return image.error();
  const std::string path = manifest_path(options.image, options.manifest);
  const auto text = read_file(path, protocol::kSignedManifestBytesMax);
  if (!text) return text.error();
  const auto manifest = read_manifest(*text);
  if (!manifest) return Failure{path + ": " + manifest.error().line};

  OpensslVerifier verifier;
  const auto parse = protocol::parse_jws(*text);
  const auto decision = protocol::verify_signatures(
      parse.jws, {keys.data(), keys.size(), options.threshold}, verifier);
  if (decision.outcome == protocol::TrustOutcome::no_such_threshold) {
    return Failure{"a threshold of " + std::to_string(options.threshold) +
                   " needs as many different keys, and at most " +
                   std::to_string(protocol::kTrustedKeysMax) + ": name each with --key"};
  }
  if (decision.outcome != protocol::TrustOutcome::trusted) {
    return Failure{path + " " + std::string(protocol::describe(decision.outcome)) + ": " +
                   std::to_string(decision.signers) + " of " + std::to_string(options.threshold) +
                   " needed"};
  }
  if (const std::string other = difference(*manifest, *image); !other.empty()) {
    return Failure{options.image + ": " + other};
  }
  return text_result(title_of(*manifest) + ", created " + std::string(manifest->created.view()) +
                     ": signed by " + std::to_string(decision.signers) + " of " +
                     std::to_string(options.threshold) + " needed\n");
}

}  // namespace fuota::cli
