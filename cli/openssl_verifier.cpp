#include "cli/openssl_verifier.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "cli/openssl_handles.hpp"

namespace fuota::cli {
namespace {

/// The key as OpenSSL has it; none when it is no point of the curve.
Key import_key(const protocol::PublicKey& key) {
  std::array<std::uint8_t, 1 + 2 * protocol::kCoordinateBytes> point{0x04};
  std::copy(key.point.begin(), key.point.end(), point.begin() + 1);
  char curve[] = "P-256";
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* imported = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &imported, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
    return nullptr;
  }
  return Key(imported);
}

/// The signature in the form in which OpenSSL takes it (RFC 3279 section 2.2.3).
std::optional<std::vector<std::uint8_t>> to_der(const protocol::Signature& signature) {
  constexpr int kBytes = protocol::kCoordinateBytes;
  const EcdsaSignature both(ECDSA_SIG_new());
  BigNumber r(BN_bin2bn(signature.data(), kBytes, nullptr));
  BigNumber s(BN_bin2bn(signature.data() + kBytes, kBytes, nullptr));
  if (!both || !r || !s || ECDSA_SIG_set0(both.get(), r.get(), s.get()) != 1) return {};
  // They belong to the signature now.
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  const int bytes = i2d_ECDSA_SIG(both.get(), nullptr);
  if (bytes <= 0) return {};
  std::vector<std::uint8_t> der(static_cast<std::size_t>(bytes));
  std::uint8_t* next = der.data();
  if (i2d_ECDSA_SIG(both.get(), &next) != bytes) return {};
  return der;
}

}  // namespace

protocol::SignatureVerifier::Outcome OpensslVerifier::verify(const protocol::PublicKey& key,
                                                             const protocol::SigningInput& input,
                                                             const protocol::Signature& signature) {
  const Key imported = import_key(key);
  if (!imported) return Outcome::invalid;
  const auto der = to_der(signature);
  const DigestContext context(EVP_MD_CTX_new());
  const auto add = [&](std::string_view text) {
    return EVP_DigestVerifyUpdate(context.get(), text.data(), text.size()) == 1;
  };
  if (!der || !context ||
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, imported.get()) != 1 ||
      !add(input.protected_header) || !add(".") || !add(input.payload)) {
    return Outcome::failed;
  }
  const bool valid = EVP_DigestVerifyFinal(context.get(), der->data(), der->size()) == 1;
  return valid ? Outcome::valid : Outcome::invalid;
}

bool is_usable(const protocol::PublicKey& key) {
  return import_key(key) != nullptr;
}

}  // namespace fuota::cli
