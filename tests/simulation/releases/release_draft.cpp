#include "tests/simulation/releases/release_draft.hpp"

#include <cstdio>
#include <cstdlib>
#include <deque>

#include "cli/signed_document.hpp"
#include "cli/signed_manifest.hpp"

namespace fuota::test {
namespace {

template <typename T>
T value_of(cli::Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "release_draft: %s\n", result.error().line.c_str());
  std::abort();
}

}  // namespace

const cli::ReleaseKey& release_key(std::size_t number) {
  static std::deque<cli::ReleaseKey> keys;  // whose elements stay where they are
  while (keys.size() <= number) keys.push_back(value_of(cli::ReleaseKey::generate()));
  return keys[number];
}

std::string public_line(const cli::ReleaseKey& key) {
  std::string line(protocol::kPublicKeyTextBytes, '?');
  protocol::format_public_key(key.public_key(), line.data());
  return line;
}

protocol::Sha256 sha256_of(const Image& file) {
  protocol::Sha256 digest;
  if (!cli::sha256(file.data(), file.size(), digest)) std::abort();
  return digest;
}

std::string hexadecimal(const protocol::Sha256& digest) {
  std::string text(2 * digest.size(), '?');
  protocol::format_sha256(digest, text.data());
  return text;
}

ReleaseDraft::ReleaseDraft(Image file_to_release) : file(std::move(file_to_release)) {
  const bool fits = manifest.product.assign("esp32-fuota") && manifest.version.assign("0.1.1") &&
                    manifest.chip.assign("esp32") &&
                    manifest.created.assign("2026-11-23T05:34:24Z");
  if (!fits) std::abort();
  manifest.size_bytes = static_cast<std::uint32_t>(file.size());
  manifest.sha256 = sha256_of(file);
}

std::string ReleaseDraft::signed_manifest() const {
  std::string text = value_of(cli::sign_manifest(manifest, *signers.front()));
  for (std::size_t i = 1; i < signers.size(); ++i) {
    text = value_of(cli::add_signature(text, cli::kManifestKind, *signers[i]));
  }
  return text;
}

std::string ReleaseDraft::offer(const std::string& signed_manifest) const {
  return R"({"deployment":"d1","manifest":)" + signed_manifest +
         R"(,"artifacts":[{"format":"full","url":")" + url + R"(","size":)" +
         std::to_string(file.size()) + R"(,"sha256":")" + hexadecimal(sha256_of(file)) + R"("}]})";
}

}  // namespace fuota::test
