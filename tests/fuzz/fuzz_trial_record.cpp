#include <cstdint>

#include "tests/fuzz/expect.hpp"
#include "trial_record.hpp"

using namespace fuota::update;

/// What is read as a record reads the same after it was written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  TrialRecord record;
  if (!decode(data, bytes, record)) return 0;
  const TrialRecordBytes written = encode(record);
  FUZZ_EXPECT(written.size() == bytes);
  TrialRecord again;
  FUZZ_EXPECT(decode(written.data(), written.size(), again));
  FUZZ_EXPECT(encode(again) == written);
  return 0;
}
