#include "server/storage/deployment.hpp"

#include <array>

#include "fuota_protocol/base64url.hpp"

namespace fuota::server::storage {
namespace {

/// 128 bits never meet by chance.
constexpr std::size_t kDeploymentBytes = 16;

}  // namespace

std::string deployment_of(std::string_view assignment, const Sha256Digest& content) {
  Sha256 hash;
  hash.update(assignment);
  hash.update({reinterpret_cast<const char*>(content.data()), content.size()});
  const Sha256Digest digest = hash.finish();
  std::string text(protocol::base64url_size(kDeploymentBytes), '\0');
  protocol::base64url_encode(digest.data(), kDeploymentBytes, text.data());
  return text;
}

}  // namespace fuota::server::storage
