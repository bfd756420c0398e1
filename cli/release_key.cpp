#include "cli/release_key.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <vector>

#include "cli/openssl_handles.hpp"

namespace fuota::cli {
namespace {

constexpr char kCurve[] = "P-256";
constexpr std::string_view kCurveInOpenssl = "prime256v1";
constexpr std::uint8_t kUncompressed = 0x04;  // SEC 1 section 2.3.3

Failure library_failed() {
  return Failure{"OpenSSL failed: is there memory and randomness?"};
}

Bio read_bio(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

template <typename Write>
Result<std::string> written_pem(Write write) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || write(bio.get()) != 1) return library_failed();
  char* data = nullptr;
  const long bytes = BIO_get_mem_data(bio.get(), &data);
  return Result<std::string>(boost::system::in_place_value, data, static_cast<std::size_t>(bytes));
}

Result<protocol::PublicKey> point_of(EVP_PKEY* key) {
  std::array<char, 32> curve{};
  std::array<std::uint8_t, 1 + 2 * protocol::kCoordinateBytes> point{};
  std::size_t bytes = 0;
  if (EVP_PKEY_get_group_name(key, curve.data(), curve.size(), &bytes) != 1 ||
      std::string_view(curve.data(), bytes) != kCurveInOpenssl) {
    return Failure{"the key is not on the curve P-256: make one with \"fuota key new\""};
  }
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point.data(),
                                      point.size(), &bytes) != 1 ||
      bytes != point.size() || point[0] != kUncompressed) {
    return library_failed();
  }
  protocol::PublicKey result;
  std::copy(point.begin() + 1, point.end(), result.point.begin());
  return result;
}

/// r and s out of the form in which OpenSSL signs (RFC 3279 section 2.2.3).
bool to_signature(const std::vector<std::uint8_t>& der, protocol::Signature& out) {
  const std::uint8_t* next = der.data();
  const EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &next, static_cast<long>(der.size())));
  constexpr int kBytes = protocol::kCoordinateBytes;
  return signature &&
         BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out.data(), kBytes) == kBytes &&
         BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out.data() + kBytes, kBytes) == kBytes;
}

}  // namespace

bool sha256(const void* data, std::size_t bytes, protocol::Sha256& out) {
  return EVP_Digest(data, bytes, out.data(), nullptr, EVP_sha256(), nullptr) == 1;
}

void ReleaseKey::Free::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

Result<ReleaseKey> ReleaseKey::generate() {
  Handle key(EVP_EC_gen(kCurve));
  if (!key) return library_failed();
  return adopt(std::move(key));
}

Result<ReleaseKey> ReleaseKey::from_pem(std::string_view pem) {
  const Bio bio = read_bio(pem);
  Handle key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!key) return Failure{"it is no private key in PEM: make one with \"fuota key new\""};
  return adopt(std::move(key));
}

Result<ReleaseKey> ReleaseKey::adopt(Handle key) {
  const auto point = point_of(key.get());
  if (!point) return point.error();
  const auto named = with_name(*point);
  if (!named) return named.error();
  return ReleaseKey(std::move(key), *named);
}

Result<std::string> ReleaseKey::to_pem() const {
  return written_pem([this](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

Result<std::string> ReleaseKey::public_pem() const {
  return written_pem([this](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key_.get()); });
}

Result<protocol::Signature> ReleaseKey::sign(const protocol::SigningInput& input) const {
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t bytes = 0;
  protocol::Signature signature{};
  const auto add = [&](std::string_view text) {
    return EVP_DigestSignUpdate(context.get(), text.data(), text.size()) == 1;
  };
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      !add(input.protected_header) || !add(".") || !add(input.payload) ||
      EVP_DigestSignFinal(context.get(), nullptr, &bytes) != 1) {
    return library_failed();
  }
  std::vector<std::uint8_t> der(bytes);
  if (EVP_DigestSignFinal(context.get(), der.data(), &bytes) != 1) return library_failed();
  der.resize(bytes);
  if (!to_signature(der, signature)) return library_failed();
  return signature;
}

Result<protocol::PublicKey> public_key_from_pem(std::string_view pem) {
  const Bio bio = read_bio(pem);
  const Key key(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!key) return Failure{"it is no public key in PEM: \"fuota key public --pem\" writes one"};
  return point_of(key.get());
}

Result<protocol::NamedKey> with_name(const protocol::PublicKey& key) {
  protocol::NamedKey named{key, protocol::key_id_of(key, sha256)};
  if (named.id.empty()) return library_failed();
  return named;
}

}  // namespace fuota::cli
