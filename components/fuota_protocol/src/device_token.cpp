#include "fuota_protocol/device_token.hpp"

#include <cstring>

namespace fuota::protocol {

void format_device_token(const DeviceSecret& secret, char* out) {
  std::memcpy(out, kDeviceTokenPrefix.data(), kDeviceTokenPrefix.size());
  base64url_encode(secret.data(), secret.size(), out + kDeviceTokenPrefix.size());
}

}  // namespace fuota::protocol
