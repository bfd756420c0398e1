#include "fuota_protocol/public_key.hpp"

#include <cstring>

namespace fuota::protocol {
namespace {

// RFC 7638 section 3.2: the members that make up a key, in order of their names, no white space.
constexpr std::string_view kThumbprintBegin = R"({"crv":"P-256","kty":"EC","x":")";
constexpr std::string_view kThumbprintMiddle = R"(","y":")";
constexpr std::string_view kThumbprintEnd = R"("})";
constexpr std::size_t kThumbprintBytes = kThumbprintBegin.size() + kThumbprintMiddle.size() +
                                         kThumbprintEnd.size() +
                                         2 * base64url_size(kCoordinateBytes);

}  // namespace

std::optional<PublicKey> parse_public_key(std::string_view text) {
  PublicKey key;
  const auto bytes = base64url_decode(text, key.point.data(), key.point.size());
  if (!bytes || *bytes != key.point.size()) return std::nullopt;
  return key;
}

void format_public_key(const PublicKey& key, char out[kPublicKeyTextBytes]) {
  base64url_encode(key.point.data(), key.point.size(), out);
}

KeyId key_id_of(const PublicKey& key, Sha256Function sha256) {
  std::array<char, kThumbprintBytes> text;
  std::size_t written = 0;
  const auto put = [&](std::string_view part) {
    std::memcpy(text.data() + written, part.data(), part.size());
    written += part.size();
  };
  const auto put_coordinate = [&](std::size_t at) {
    written += base64url_encode(key.point.data() + at, kCoordinateBytes, text.data() + written);
  };
  put(kThumbprintBegin);
  put_coordinate(0);
  put(kThumbprintMiddle);
  put_coordinate(kCoordinateBytes);
  put(kThumbprintEnd);

  KeyId id;
  Sha256 digest;
  std::array<char, kKeyIdBytes> name;
  if (!sha256(text.data(), text.size(), digest)) return id;
  base64url_encode(digest.data(), digest.size(), name.data());
  return id.assign({name.data(), name.size()}) ? id : KeyId{};
}

}  // namespace fuota::protocol
