// A device verifies the signature of the same offer at every check, and mbedTLS takes milliseconds
// for that: three quarters of what a life takes. Whether a signature is right follows from the key,
// the hash and the signature, so each is verified by mbedTLS once per process, and then remembered.
// The linker leads the firmware's calls of mbedtls_pk_verify here (CMakeLists.txt).

#include <mbedtls/ecp.h>
#include <mbedtls/pk.h>

#include <cstddef>
#include <map>
#include <string>

namespace {

/// Empty when the key is none of an elliptic curve.
std::string text_of_key(const mbedtls_pk_context* context) {
  if (mbedtls_pk_can_do(context, MBEDTLS_PK_ECKEY) == 0) return {};
  const mbedtls_ecp_keypair* pair = mbedtls_pk_ec(*context);
  unsigned char point[MBEDTLS_ECP_MAX_PT_LEN];
  std::size_t bytes = 0;
  const int error = mbedtls_ecp_point_write_binary(
      &pair->grp, &pair->Q, MBEDTLS_ECP_PF_UNCOMPRESSED, &bytes, point, sizeof point);
  return error == 0 ? std::string(reinterpret_cast<const char*>(point), bytes) : std::string();
}

}  // namespace

extern "C" {

int __real_mbedtls_pk_verify(mbedtls_pk_context* context, mbedtls_md_type_t algorithm,
                             const unsigned char* hash, std::size_t hash_bytes,
                             const unsigned char* signature, std::size_t signature_bytes);

int __wrap_mbedtls_pk_verify(mbedtls_pk_context* context, mbedtls_md_type_t algorithm,
                             const unsigned char* hash, std::size_t hash_bytes,
                             const unsigned char* signature, std::size_t signature_bytes) {
  static std::map<std::string, int> outcomes;
  std::string question = text_of_key(context);
  const bool is_remembered = !question.empty() && algorithm == MBEDTLS_MD_SHA256;
  question.append(reinterpret_cast<const char*>(hash), hash_bytes)
      .append(reinterpret_cast<const char*>(signature), signature_bytes);
  if (is_remembered) {
    if (const auto found = outcomes.find(question); found != outcomes.end()) return found->second;
  }
  const int outcome =
      __real_mbedtls_pk_verify(context, algorithm, hash, hash_bytes, signature, signature_bytes);
  if (is_remembered) outcomes.emplace(std::move(question), outcome);
  return outcome;
}

}  // extern "C"
