#include "simulator/net/base64.hpp"

#include <mbedtls/base64.h>

namespace simulator::net {

std::string base64(std::string_view bytes) {
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t size = 0;
  mbedtls_base64_encode(nullptr, 0, &size, data, bytes.size());
  std::string text(size, '\0');  // one more than the text, for the NUL
  mbedtls_base64_encode(reinterpret_cast<unsigned char*>(text.data()), text.size(), &size, data,
                        bytes.size());
  text.resize(size);
  return text;
}

}  // namespace simulator::net
