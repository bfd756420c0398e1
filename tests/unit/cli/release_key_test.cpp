#include "cli/release_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include <string>

#include "cli/openssl_handles.hpp"
#include "cli/openssl_verifier.hpp"
#include "fuota_protocol/base64url.hpp"

namespace fuota::cli {
namespace {

using protocol::SignatureVerifier;
using protocol::SigningInput;
using testing::HasSubstr;

/// Base64url without padding into an array of just that size.
template <typename Array>
Array decoded(const std::string& text) {
  Array bytes{};
  EXPECT_EQ(protocol::base64url_decode(text, bytes.data(), bytes.size()), bytes.size());
  return bytes;
}

// RFC 7515 appendix A.3: a key, what is signed, and the signature.
constexpr char kX[] = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
constexpr char kY[] = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
constexpr SigningInput kRfcInput = {
    "eyJhbGciOiJFUzI1NiJ9",
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ"};
constexpr char kRfcSignature[] =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

protocol::PublicKey rfc_key() {
  using Coordinate = std::array<std::uint8_t, protocol::kCoordinateBytes>;
  protocol::PublicKey key;
  const auto x = decoded<Coordinate>(kX);
  const auto y = decoded<Coordinate>(kY);
  std::copy(x.begin(), x.end(), key.point.begin());
  std::copy(y.begin(), y.end(), key.point.begin() + protocol::kCoordinateBytes);
  return key;
}

SignatureVerifier::Outcome verify(const protocol::PublicKey& key, const SigningInput& input,
                                  const protocol::Signature& signature) {
  return OpensslVerifier().verify(key, input, signature);
}

TEST(Es256, VerifiesTheExampleOfRfc7515) {
  EXPECT_EQ(verify(rfc_key(), kRfcInput, decoded<protocol::Signature>(kRfcSignature)),
            SignatureVerifier::Outcome::valid);
}

TEST(Es256, DoesNotVerifyWhatWasChanged) {
  const auto good = decoded<protocol::Signature>(kRfcSignature);
  protocol::Signature bad = good;
  bad[63] ^= 1;
  EXPECT_EQ(verify(rfc_key(), kRfcInput, bad), SignatureVerifier::Outcome::invalid);
  EXPECT_EQ(verify(rfc_key(), kRfcInput, {}), SignatureVerifier::Outcome::invalid);
  SigningInput other = kRfcInput;
  other.payload.remove_suffix(1);
  EXPECT_EQ(verify(rfc_key(), other, good), SignatureVerifier::Outcome::invalid);
  protocol::PublicKey off_the_curve = rfc_key();
  off_the_curve.point[0] ^= 1;
  EXPECT_EQ(verify(off_the_curve, kRfcInput, good), SignatureVerifier::Outcome::invalid);
}

TEST(ReleaseKeyOfItsOwn, SignsWhatVerifies) {
  const auto key = ReleaseKey::generate();
  ASSERT_TRUE(key);
  const auto signature = key->sign(kRfcInput);
  ASSERT_TRUE(signature);
  EXPECT_EQ(verify(key->public_key(), kRfcInput, *signature), SignatureVerifier::Outcome::valid);
  EXPECT_EQ(verify(rfc_key(), kRfcInput, *signature), SignatureVerifier::Outcome::invalid);
}

TEST(ReleaseKeyOfItsOwn, IsTheSameAfterwardsInPem) {
  const auto key = ReleaseKey::generate();
  const auto pem = key->to_pem();
  ASSERT_TRUE(pem);
  EXPECT_THAT(*pem, testing::StartsWith("-----BEGIN PRIVATE KEY-----"));
  EXPECT_EQ(ReleaseKey::from_pem(*pem)->public_key(), key->public_key());
  EXPECT_EQ(*public_key_from_pem(*key->public_pem()), key->public_key());
}

TEST(ReleaseKeyOfItsOwn, IsAnotherEachTime) {
  EXPECT_NE(ReleaseKey::generate()->public_key(), ReleaseKey::generate()->public_key());
}

TEST(ReleaseKeyInPem, IsOnP256) {
  const Key other_curve(EVP_EC_gen("P-384"));
  const Bio pem(BIO_new(BIO_s_mem()));
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(pem.get(), other_curve.get(), nullptr, nullptr, 0,
                                          nullptr, nullptr),
            1);
  char* text = nullptr;
  const long bytes = BIO_get_mem_data(pem.get(), &text);
  const auto key = ReleaseKey::from_pem({text, static_cast<std::size_t>(bytes)});
  ASSERT_FALSE(key);
  EXPECT_THAT(key.error().line, HasSubstr("not on the curve P-256"));
}

TEST(ReleaseKeyInPem, IsNothingElse) {
  const auto generated = ReleaseKey::generate();
  for (const std::string& text :
       {std::string(), std::string("-----BEGIN PRIVATE KEY-----\n"), *generated->public_pem()}) {
    EXPECT_FALSE(ReleaseKey::from_pem(text));
  }
}

}  // namespace
}  // namespace fuota::cli
