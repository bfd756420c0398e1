#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "fuota_protocol/manifest.hpp"

/// The journal of a download: how much of which file the idle slot holds. Rules only.
namespace fuota::update {

/// How far apart two entries of the journal are: what a break costs at most, and what the journal
/// costs NVS (24 entries for a slot of 1.5 MiB).
constexpr std::uint32_t kJournalStepBytes = 64 * 1024;

/// The smallest unit of flash encryption. The first so many bytes of an image are written last, so
/// the journal keeps them.
constexpr std::size_t kHeadBytes = 16;

struct ResumeRecord {
  protocol::Sha256 sha256{};      ///< of the whole file, as its manifest says
  std::uint32_t file_bytes = 0;   ///< length of the whole file
  std::uint32_t slot_offset = 0;  ///< where on flash the slot begins
  /// What the slot holds from its beginning, but for `head`: a multiple of kJournalStepBytes, more
  /// than 0 and not more than `file_bytes`.
  std::uint32_t written_bytes = 0;
  std::array<std::uint8_t, kHeadBytes> head{};  ///< the first bytes of the file
};

/// "FR", version, 0, sha256, file_bytes, slot_offset, written_bytes (little endian), head. NVS has
/// a CRC of its own for each blob, and stores one whole or not at all.
constexpr std::size_t kResumeRecordBytes =
    4 + protocol::kSha256Bytes + 3 * sizeof(std::uint32_t) + kHeadBytes;
using ResumeRecordBytes = std::array<std::uint8_t, kResumeRecordBytes>;

[[nodiscard]] ResumeRecordBytes encode(const ResumeRecord& record);

/// False when the bytes are no record of a known version, or say what can't be; `record` is
/// unchanged then.
[[nodiscard]] bool decode(const std::uint8_t* data, std::size_t bytes, ResumeRecord& record);

/// True when `record` is about this very file in the slot that begins at `slot_offset`. What is in
/// flash is not believed for that: all of it is read again, and hashed.
[[nodiscard]] bool is_about(const ResumeRecord& record, const protocol::Manifest& release,
                            std::uint32_t slot_offset);

}  // namespace fuota::update
