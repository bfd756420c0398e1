#include "ecdsa_der.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <vector>

namespace fuota::update {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// A number of 32 bytes that ends with `end`.
Bytes number(std::initializer_list<std::uint8_t> end) {
  Bytes bytes(32 - end.size(), 0);
  bytes.insert(bytes.end(), end);
  return bytes;
}

Bytes der_of(const Bytes& r, const Bytes& s) {
  protocol::Signature signature;
  std::copy(s.begin(), s.end(), std::copy(r.begin(), r.end(), signature.begin()));
  std::uint8_t out[kSignatureDerBytesMax];
  const std::size_t bytes = write_signature_der(signature, out);
  return {out, out + bytes};
}

struct IntegerCase {
  const char* title;
  Bytes value;
  Bytes encoded;
};

class SignatureInteger : public testing::TestWithParam<IntegerCase> {};

TEST_P(SignatureInteger, AsRIsEncodedInTheFewestBytes) {
  Bytes expected = {0x30, static_cast<std::uint8_t>(GetParam().encoded.size() + 3)};
  expected.insert(expected.end(), GetParam().encoded.begin(), GetParam().encoded.end());
  expected.insert(expected.end(), {0x02, 0x01, 0x01});
  EXPECT_EQ(der_of(GetParam().value, number({1})), expected);
}

TEST_P(SignatureInteger, AsSIsEncodedInTheFewestBytes) {
  Bytes expected = {0x30, static_cast<std::uint8_t>(GetParam().encoded.size() + 3), 0x02, 0x01,
                    0x01};
  expected.insert(expected.end(), GetParam().encoded.begin(), GetParam().encoded.end());
  EXPECT_EQ(der_of(number({1}), GetParam().value), expected);
}

Bytes with_header(std::initializer_list<std::uint8_t> header, std::size_t count,
                  std::uint8_t fill) {
  Bytes bytes = header;
  bytes.insert(bytes.end(), count, fill);
  return bytes;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, SignatureInteger,
    testing::Values(IntegerCase{"Zero", number({}), {0x02, 0x01, 0x00}},
                    IntegerCase{"One", number({1}), {0x02, 0x01, 0x01}},
                    IntegerCase{"WithoutTheHighBit", number({0x7F}), {0x02, 0x01, 0x7F}},
                    IntegerCase{"WithTheHighBit", number({0x80}), {0x02, 0x02, 0x00, 0x80}},
                    IntegerCase{"OfTwoBytes", number({0x01, 0x00}), {0x02, 0x02, 0x01, 0x00}},
                    IntegerCase{"OfTwoBytesWithTheHighBit",
                                number({0xFF, 0x00}),
                                {0x02, 0x03, 0x00, 0xFF, 0x00}},
                    IntegerCase{"OfAllBytes", Bytes(32, 0x55), with_header({0x02, 0x20}, 32, 0x55)},
                    IntegerCase{"OfAllBytesWithTheHighBit", Bytes(32, 0xFF),
                                with_header({0x02, 0x21, 0x00}, 32, 0xFF)}),
    [](const auto& row) { return row.param.title; });

TEST(SignatureDer, OfTheLargestNumbersFitsItsBuffer) {
  EXPECT_EQ(der_of(Bytes(32, 0xFF), Bytes(32, 0xFF)).size(), kSignatureDerBytesMax);
}

TEST(PublicKeyDer, IsASubjectPublicKeyInfo) {
  protocol::PublicKey key;
  for (std::size_t i = 0; i < key.point.size(); ++i) key.point[i] = static_cast<std::uint8_t>(i);
  const PublicKeyDer der = public_key_der(key);
  const Bytes prefix = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
                        0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
                        0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
  EXPECT_TRUE(std::equal(prefix.begin(), prefix.end(), der.begin()));
  EXPECT_TRUE(std::equal(key.point.begin(), key.point.end(), der.begin() + 27, der.end()));
}

}  // namespace
}  // namespace fuota::update
