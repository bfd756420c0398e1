#include "resume_record.hpp"

#include "little_endian.hpp"

namespace fuota::update {
namespace {

constexpr std::uint8_t kMagic[] = {'F', 'R'};
constexpr std::uint8_t kVersion = 1;

bool is_possible(const ResumeRecord& record) {
  return record.written_bytes > 0 && record.written_bytes % kJournalStepBytes == 0 &&
         record.written_bytes <= record.file_bytes;
}

}  // namespace

ResumeRecordBytes encode(const ResumeRecord& record) {
  ResumeRecordBytes bytes{};
  RecordWriter out(bytes.data());
  out.bytes(kMagic, sizeof kMagic);
  out.u8(kVersion);
  out.u8(0);
  out.bytes(record.sha256.data(), record.sha256.size());
  out.u32(record.file_bytes);
  out.u32(record.slot_offset);
  out.u32(record.written_bytes);
  out.bytes(record.head.data(), record.head.size());
  return bytes;
}

bool decode(const std::uint8_t* data, std::size_t bytes, ResumeRecord& record) {
  if (bytes != kResumeRecordBytes || std::memcmp(data, kMagic, sizeof kMagic) != 0 ||
      data[2] != kVersion || data[3] != 0) {
    return false;
  }
  RecordReader in(data + 4);
  ResumeRecord read;
  in.bytes(read.sha256.data(), read.sha256.size());
  read.file_bytes = in.u32();
  read.slot_offset = in.u32();
  read.written_bytes = in.u32();
  in.bytes(read.head.data(), read.head.size());
  if (!is_possible(read)) return false;
  record = read;
  return true;
}

bool is_about(const ResumeRecord& record, const protocol::Manifest& release,
              std::uint32_t slot_offset) {
  return record.sha256 == release.sha256 && record.file_bytes == release.size_bytes &&
         record.slot_offset == slot_offset;
}

}  // namespace fuota::update
