#include "tests/support/native_server/byte_range.hpp"

#include <gtest/gtest.h>

namespace fuota::test {
namespace {

using Kind = ByteRange::Kind;

struct RangeCase {
  const char* title;
  const char* value;
  Kind kind;
  std::uint64_t first;
  std::uint64_t last;
};

class RangeOf100Bytes : public testing::TestWithParam<RangeCase> {};

TEST_P(RangeOf100Bytes, IsReadAsRfc9110Says) {
  const ByteRange range = parse_byte_range(GetParam().value, 100);
  ASSERT_EQ(range.kind, GetParam().kind);
  if (range.kind != Kind::part) return;
  EXPECT_EQ(range.first, GetParam().first);
  EXPECT_EQ(range.last, GetParam().last);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RangeOf100Bytes,
    testing::Values(RangeCase{"FromTheMiddle", "bytes=40-", Kind::part, 40, 99},
                    RangeCase{"BothEnds", "bytes=0-9", Kind::part, 0, 9},
                    RangeCase{"EndBehindTheEnd", "bytes=90-1000", Kind::part, 90, 99},
                    RangeCase{"Suffix", "bytes=-10", Kind::part, 90, 99},
                    RangeCase{"SuffixLongerThanTheFile", "bytes=-1000", Kind::part, 0, 99},
                    RangeCase{"BeginsAtTheEnd", "bytes=100-", Kind::not_satisfied, 0, 0},
                    RangeCase{"EmptySuffix", "bytes=-0", Kind::not_satisfied, 0, 0},
                    RangeCase{"None", "", Kind::whole, 0, 0},
                    RangeCase{"OtherUnit", "lines=0-9", Kind::whole, 0, 0},
                    RangeCase{"Backwards", "bytes=9-0", Kind::whole, 0, 0},
                    RangeCase{"Several", "bytes=0-1,5-6", Kind::whole, 0, 0},
                    RangeCase{"NoNumber", "bytes=-", Kind::whole, 0, 0}),
    [](const auto& row) { return row.param.title; });

}  // namespace
}  // namespace fuota::test
