#include "fuota_protocol/device_token.hpp"

#include <gtest/gtest.h>

#include <string>

namespace fuota::protocol {
namespace {

std::string token_of(const DeviceSecret& secret) {
  std::string token(kDeviceTokenBytes, '\0');
  format_device_token(secret, token.data());
  return token;
}

TEST(DeviceToken, Has47CharactersOfWhichAPrefixSaysWhatItIs) {
  EXPECT_EQ(kDeviceTokenBytes, 47U);
  EXPECT_EQ(token_of({}), "fud_" + std::string(43, 'A'));
}

TEST(DeviceToken, HoldsEveryBitOfItsSecret) {
  DeviceSecret secret;
  secret.fill(0xFF);
  EXPECT_EQ(token_of(secret), "fud_" + std::string(42, '_') + "8");
  secret[31] = 0xFE;
  EXPECT_EQ(token_of(secret), "fud_" + std::string(42, '_') + "4");
}

}  // namespace
}  // namespace fuota::protocol
