#include "server/api/password_hash.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

namespace fuota::server::api {
namespace {

static_assert(kHashPasses == crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE);
static_assert(kHashMemoryBytes == crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE);

/// Whether there is no memory for a verification now. libsodium calls that a mismatch.
bool memory_is_short() {
  const std::unique_ptr<unsigned char[]> block(new (std::nothrow) unsigned char[kHashMemoryBytes]);
  return block == nullptr;
}

/// Any number of calls is well.
void initialise() {
  if (::sodium_init() < 0) throw std::bad_alloc();
}

}  // namespace

bool is_acceptable_password(std::string_view password) {
  constexpr unsigned char kFirstPrintable = 0x20;
  constexpr unsigned char kDelete = 0x7f;
  const bool printable = std::none_of(password.begin(), password.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < kFirstPrintable || byte == kDelete;
  });
  return printable && password.size() >= kPasswordBytesMin && password.size() <= kPasswordBytesMax;
}

std::string hash_password(std::string_view password) {
  initialise();
  std::array<char, crypto_pwhash_argon2id_STRBYTES> hash{};
  if (::crypto_pwhash_argon2id_str(hash.data(), password.data(), password.size(), kHashPasses,
                                   kHashMemoryBytes) != 0) {
    throw std::bad_alloc();
  }
  return hash.data();
}

PasswordVerdict verify_password(const std::string& hash, std::string_view password) {
  initialise();
  // A longer text is no hash of ours, and libsodium reads it as a buffer of that size.
  if (hash.size() >= crypto_pwhash_argon2id_STRBYTES) return PasswordVerdict::wrong;
  std::array<char, crypto_pwhash_argon2id_STRBYTES> text{};
  hash.copy(text.data(), text.size() - 1);
  if (::crypto_pwhash_argon2id_str_verify(text.data(), password.data(), password.size()) == 0) {
    return PasswordVerdict::right;
  }
  return memory_is_short() ? PasswordVerdict::failed : PasswordVerdict::wrong;
}

std::string_view nobodys_hash() {
  // Of 32 random bytes that were thrown away. Written down, and not made at the start, so that a
  // server without accounts needs no memory for it.
  return "$argon2id$v=19$m=65536,t=2,p=1$NYgPmSpoPKuaKkAPKUg/lg$"
         "mwYOu8UYHghH80N9rxTKkgghIzuuEBOlk9p2MaUUxEc";
}

}  // namespace fuota::server::api
