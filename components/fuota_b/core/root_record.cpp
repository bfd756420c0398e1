#include "root_record.hpp"

#include "little_endian.hpp"

namespace fuota::update {
namespace {

constexpr std::uint8_t kMagic[] = {'F', 'K', 1};
constexpr std::uint8_t kPadding[3] = {};

bool is_possible(const ReleasePolicy& policy) {
  return policy.version > 0 && policy.key_count > 0 && policy.key_count <= kReleaseKeysMax &&
         policy.threshold > 0 && policy.threshold <= policy.key_count;
}

}  // namespace

RootRecordBytes encode(const ReleasePolicy& policy) {
  RootRecordBytes bytes{};
  RecordWriter out(bytes.data());
  out.bytes(kMagic, sizeof kMagic);
  out.u8(static_cast<std::uint8_t>(policy.key_count));
  out.u8(static_cast<std::uint8_t>(policy.threshold));
  out.bytes(kPadding, sizeof kPadding);
  out.u32(policy.version);
  for (std::size_t i = 0; i < policy.key_count; ++i) {
    out.bytes(policy.keys[i].key.point.data(), policy.keys[i].key.point.size());
  }
  return bytes;
}

bool decode(const std::uint8_t* data, std::size_t bytes, ReleasePolicy& policy) {
  if (bytes != kRootRecordBytes || std::memcmp(data, kMagic, sizeof kMagic) != 0) return false;
  RecordReader in(data + sizeof kMagic);
  ReleasePolicy read;
  read.key_count = in.u8();
  read.threshold = in.u8();
  std::uint8_t padding[sizeof kPadding];
  in.bytes(padding, sizeof padding);
  read.version = in.u32();
  if (!is_possible(read) || std::memcmp(padding, kPadding, sizeof padding) != 0) return false;
  for (std::size_t i = 0; i < read.key_count; ++i) {
    in.bytes(read.keys[i].key.point.data(), read.keys[i].key.point.size());
  }
  policy = read;
  return true;
}

}  // namespace fuota::update
