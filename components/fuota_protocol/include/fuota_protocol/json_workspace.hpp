#pragma once

#include <array>
#include <cstddef>

#include "fuota_protocol/limits.hpp"

namespace fuota::protocol {

/// A part of a JSON text as jsmn has it: four numbers, and with its option of parent links a fifth.
constexpr std::size_t kJsonPartBytes = 5 * sizeof(int);

/// The memory in which a document is taken apart: 2944 bytes on a chip, which whoever reads one has
/// somewhere and need not have on the stack. What is in it means nothing before and after a call,
/// and no result points into it, so that one will do for any number of documents, one after the
/// other. On the stack, reading a document then takes at most 2 KiB (GCC for RISC-V, -Os), most of
/// it for JSON that nests kJsonDepthMax deep.
struct JsonWorkspace {
  alignas(int) std::array<unsigned char, kJsonPartsMax * kJsonPartBytes> parts;
  /// What was base64url: the payload of a JWS, or one of its protected headers.
  std::array<char, kManifestBytesMax> text;
};

}  // namespace fuota::protocol
