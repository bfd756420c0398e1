#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "fuota_protocol/release_trust.hpp"
#include "tests/unit/fuota_protocol/release_fixture.hpp"

/// Signatures for tests that count them: keys are called by letters.
namespace fuota::protocol {

/// Stands for the library: a signature is valid when its bytes are all the first byte of the key.
class FakeVerifier final : public SignatureVerifier {
 public:
  Outcome verify(const PublicKey& key, const SigningInput&, const Signature& signature) override {
    ++calls;
    if (fails) return Outcome::failed;
    const bool valid = std::all_of(signature.begin(), signature.end(),
                                   [&](std::uint8_t byte) { return byte == key.point[0]; });
    return valid ? Outcome::valid : Outcome::invalid;
  }

  int calls = 0;
  bool fails = false;
};

inline NamedKey named_key(char name) {
  NamedKey key;
  key.key.point.fill(static_cast<std::uint8_t>(name));
  key.id = key_id_of(key.key, openssl_sha256);
  return key;
}

/// Two letters per signature: the key that it names, and the one that has made it.
inline std::string signed_by(std::string_view signatures, std::string_view payload = "payload") {
  std::string list;
  for (std::size_t i = 0; i < signatures.size(); i += 2) {
    if (i > 0) list += ",";
    const KeyId id = named_key(signatures[i]).id;
    list += signature_json(R"({"alg":"ES256","kid":")" + std::string(id.view()) + "\"}",
                           std::string(kSignatureBytes, signatures[i + 1]));
  }
  return jws_json(payload, list);
}

}  // namespace fuota::protocol
