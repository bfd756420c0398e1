#include "server/api/shared_user.hpp"

#include <openssl/evp.h>

#include <array>
#include <utility>

#include "server/api/access_token.hpp"
#include "server/api/credentials.hpp"

namespace fuota::server::api {
namespace {

/// In the order of the enumeration.
constexpr std::array<std::string_view, 3> kNames = {"full", "devices", "off"};
static_assert(kNames.size() == static_cast<std::size_t>(SharedUserScope::off) + 1);

std::string base64(std::string_view text) {
  // Four characters for each three bytes begun, and OpenSSL's NUL.
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int bytes = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(bytes));
  return encoded;
}

}  // namespace

std::string_view name_of(SharedUserScope scope) {
  return kNames[static_cast<std::size_t>(scope)];
}

std::optional<SharedUserScope> parse_shared_user_scope(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<SharedUserScope>(i);
  }
  return std::nullopt;
}

SharedUser::SharedUser(std::string username, std::string_view password, SharedUserScope scope)
    : username_(std::move(username)),
      expected_(digest_of(base64(username_ + ":" + std::string(password)))),
      scope_(scope) {}

bool SharedUser::recognise(std::string_view authorization) const {
  if (scope_ == SharedUserScope::off) return false;
  const auto credentials = of_scheme(authorization, "basic");
  // Digests are compared, not texts, so that not even the length can be felt.
  return credentials && equal_digests(digest_of(*credentials), expected_);
}

}  // namespace fuota::server::api
