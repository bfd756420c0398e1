#include "root_record.hpp"

#include "tests/fuzz/record_round_trip.hpp"

using namespace fuota::update;

/// Keys that are read are so many as can be, and their threshold is one of them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  ReleasePolicy policy;
  if (!decode(data, bytes, policy)) return 0;
  FUZZ_EXPECT(policy.version > 0 && policy.key_count <= kReleaseKeysMax);
  FUZZ_EXPECT(policy.threshold > 0 && policy.threshold <= policy.key_count);
  const RootRecordBytes written = encode(policy);
  ReleasePolicy again;
  FUZZ_EXPECT(decode(written.data(), written.size(), again));
  FUZZ_EXPECT(encode(again) == written);
  return 0;
}
