#include "tests/support/server/signed_manifest.hpp"

#include <stdexcept>

#include "fuota_protocol/base64url.hpp"
#include "fuota_protocol/jws.hpp"
#include "fuota_protocol/manifest.hpp"
#include "fuota_protocol/root_document.hpp"
#include "server/storage/sha256.hpp"

namespace test_support {

using namespace fuota::protocol;

namespace {

std::string base64url(std::string_view bytes) {
  std::string text(base64url_size(bytes.size()), '?');
  base64url_encode(bytes.data(), bytes.size(), text.data());
  return text;
}

/// `payload` with one signature, which nobody has made.
std::string signed_document(std::string_view payload) {
  KeyId key;
  if (!key.assign(std::string(kKeyIdBytes, 'k'))) throw std::logic_error("signed_document");
  std::string header(kFormattedHeaderBytes, '?');
  format_protected_header(key, header.data());
  return R"({"payload":")" + base64url(payload) + R"(","signatures":[{"protected":")" +
         base64url(header) + R"(","signature":")" + base64url(std::string(kSignatureBytes, 's')) +
         "\"}]}";
}

}  // namespace

std::string signed_manifest(std::string_view content) {
  fuota::server::storage::Sha256 hash;
  hash.update(content);
  Manifest manifest;
  const bool fits = manifest.product.assign("sensor") && manifest.version.assign("0.2.0") &&
                    manifest.chip.assign("esp32") &&
                    manifest.created.assign("2026-11-23T05:34:24Z");
  if (!fits) throw std::logic_error("signed_manifest");
  manifest.size_bytes = static_cast<std::uint32_t>(content.size());
  manifest.sha256 = hash.finish();
  std::string payload(kFormattedManifestBytesMax, '?');
  payload.resize(format_manifest(manifest, payload.data()));
  return signed_document(payload);
}

std::string signed_root(std::uint32_t version) {
  RootDocument root;
  root.version = version;
  root.threshold = 1;
  root.keys[0].point[0] = 1;
  root.key_count = 1;
  if (!root.created.assign("2026-11-23T05:34:24Z")) throw std::logic_error("signed_root");
  std::string payload(kFormattedRootBytesMax, '?');
  payload.resize(format_root(root, payload.data()));
  return signed_document(payload);
}

}  // namespace test_support
