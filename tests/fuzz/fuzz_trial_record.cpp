#include "trial_record.hpp"

#include "tests/fuzz/record_round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  fuota::test::expect_round_trip<fuota::update::TrialRecord>(data, bytes);
  return 0;
}
