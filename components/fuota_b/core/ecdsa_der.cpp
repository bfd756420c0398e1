#include "ecdsa_der.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace fuota::update {
namespace {

constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kSequence = 0x30;
constexpr std::size_t kIntegerBytes = protocol::kSignatureBytes / 2;

constexpr std::uint8_t kSpkiPrefix[] = {
    0x30, 0x59,                                                  // SEQUENCE
    0x30, 0x13,                                                  //   SEQUENCE
    0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,        //     id-ecPublicKey
    0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07,  //     prime256v1
    0x03, 0x42, 0x00,                                            //   BIT STRING, no unused bits
    0x04,                                                        //     an uncompressed point
};
static_assert(sizeof kSpkiPrefix + 2 * protocol::kCoordinateBytes == kPublicKeyDerBytes,
              "the point follows");

/// Writes an unsigned big-endian number as an INTEGER: the fewest bytes, the first bit 0 (X.690
/// section 8.3).
std::uint8_t* put_integer(const std::uint8_t* number, std::uint8_t* out) {
  const std::uint8_t* const end = number + kIntegerBytes;
  while (number + 1 < end && *number == 0) ++number;
  const bool padded = (*number & 0x80) != 0;
  *out++ = kInteger;
  *out++ = static_cast<std::uint8_t>((end - number) + (padded ? 1 : 0));
  if (padded) *out++ = 0;
  return std::copy(number, end, out);
}

}  // namespace

PublicKeyDer public_key_der(const protocol::PublicKey& key) {
  PublicKeyDer der;
  std::memcpy(der.data(), kSpkiPrefix, sizeof kSpkiPrefix);
  std::memcpy(der.data() + sizeof kSpkiPrefix, key.point.data(), key.point.size());
  return der;
}

std::size_t write_signature_der(const protocol::Signature& signature, std::uint8_t* out) {
  std::uint8_t* end = put_integer(signature.data(), out + 2);
  end = put_integer(signature.data() + kIntegerBytes, end);
  out[0] = kSequence;
  out[1] = static_cast<std::uint8_t>(end - out - 2);
  return static_cast<std::size_t>(end - out);
}

}  // namespace fuota::update
