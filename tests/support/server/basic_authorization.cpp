#include "tests/support/server/basic_authorization.hpp"

#include <openssl/evp.h>

namespace test_support {

std::string basic_authorization(std::string_view username, std::string_view password) {
  const std::string plain = std::string(username) + ":" + std::string(password);
  std::string encoded(4 * ((plain.size() + 2) / 3) + 1, '\0');
  const int bytes = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                    reinterpret_cast<const unsigned char*>(plain.data()),
                                    static_cast<int>(plain.size()));
  encoded.resize(static_cast<std::size_t>(bytes));
  return "Basic " + encoded;
}

}  // namespace test_support
