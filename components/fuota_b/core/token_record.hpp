#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "enrolment.hpp"
#include "fuota_protocol/device_token.hpp"

/// The device's own token, as it is kept. Rules only.
namespace fuota::update {

constexpr std::array<std::uint8_t, 3> kTokenMagic = {'F', 'C', 1};

/// "FC", version of the layout, state (1: made, 2: accepted), the secret: bytes all of them, so the
/// record in NVS is what lies in memory. NVS has a CRC of its own for each blob, and stores one
/// whole or not at all.
struct TokenRecord {
  std::array<std::uint8_t, 3> magic = kTokenMagic;
  TokenState state = TokenState::none;
  protocol::DeviceSecret secret{};
};
static_assert(sizeof(TokenRecord) == 36 && alignof(TokenRecord) == 1, "no byte in between");

/// Whether what was read is a record of a known layout.
[[nodiscard]] inline bool is_known(const TokenRecord& record) {
  return record.magic == kTokenMagic &&
         (record.state == TokenState::made || record.state == TokenState::accepted);
}

}  // namespace fuota::update
