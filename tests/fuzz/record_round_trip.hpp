#pragma once

#include <cstddef>
#include <cstdint>

#include "tests/fuzz/expect.hpp"

namespace fuota::test {

/// What `decode` reads as a record of fixed size reads the same after `encode` wrote it.
template <typename Record>
void expect_round_trip(const std::uint8_t* data, std::size_t bytes) {
  Record record;
  if (!decode(data, bytes, record)) return;
  const auto written = encode(record);
  FUZZ_EXPECT(written.size() == bytes);
  Record again;
  FUZZ_EXPECT(decode(written.data(), written.size(), again));
  FUZZ_EXPECT(encode(again) == written);
}

}  // namespace fuota::test
