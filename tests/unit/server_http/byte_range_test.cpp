#include "server/http/byte_range.hpp"

#include <gtest/gtest.h>

namespace fuota::server::http {
namespace {

constexpr char kTag[] = "\"tag\"";
constexpr std::uint64_t kSize = 100;

struct Row {
  const char* fact;
  std::optional<std::string_view> range;
  std::optional<std::string_view> if_range;
  RangeDecision decision;
};

constexpr RangeDecision kWhole{RangeOutcome::whole, 0, kSize};
constexpr RangeDecision kUnsatisfiable{RangeOutcome::unsatisfiable, 0, 0};

constexpr RangeDecision part(std::uint64_t first, std::uint64_t length) {
  return {RangeOutcome::part, first, length};
}

class DecideRange : public testing::TestWithParam<Row> {};

TEST_P(DecideRange, FollowsRfc9110) {
  const Row& row = GetParam();
  const RangeDecision decision = decide_range(row.range, row.if_range, kTag, kSize);
  EXPECT_EQ(decision.outcome, row.decision.outcome);
  EXPECT_EQ(decision.first, row.decision.first);
  EXPECT_EQ(decision.length_bytes, row.decision.length_bytes);
}

constexpr std::nullopt_t kNone = std::nullopt;

INSTANTIATE_TEST_SUITE_P(
    Rows, DecideRange,
    testing::Values(
        Row{"NoRangeIsTheWhole", kNone, kNone, kWhole},
        Row{"FromTheFirstByte", "bytes=0-", kNone, part(0, 100)},
        Row{"FromSomeByteToTheEnd", "bytes=40-", kNone, part(40, 60)},
        Row{"BothEndsCount", "bytes=40-49", kNone, part(40, 10)},
        Row{"OneByte", "bytes=99-99", kNone, part(99, 1)},
        Row{"AnEndBehindTheLastByteIsTheLastByte", "bytes=90-1000", kNone, part(90, 10)},
        Row{"ALargeEndDoesNotOverflow", "bytes=0-18446744073709551615", kNone, part(0, 100)},
        Row{"AnEndOfMoreThan64BitsDoesNotOverflow", "bytes=1-99999999999999999999", kNone,
            part(1, 99)},
        Row{"TheLastBytes", "bytes=-10", kNone, part(90, 10)},
        Row{"MoreLastBytesThanThereAreIsTheWhole", "bytes=-1000", kNone, part(0, 100)},
        Row{"NoLastBytesIsUnsatisfiable", "bytes=-0", kNone, kUnsatisfiable},
        Row{"BehindTheEndIsUnsatisfiable", "bytes=100-", kNone, kUnsatisfiable},
        Row{"FarBehindTheEndIsUnsatisfiable", "bytes=99999999999999999999-", kNone, kUnsatisfiable},
        Row{"AMatchingTagAllowsTheRange", "bytes=40-", "\"tag\"", part(40, 60)},
        Row{"AnotherTagIsTheWhole", "bytes=40-", "\"other\"", kWhole},
        Row{"AWeakTagIsTheWhole", "bytes=40-", "W/\"tag\"", kWhole},
        Row{"ADateIsTheWhole", "bytes=40-", "Mon, 22 May 2023 12:23:35 GMT", kWhole},
        Row{"SeveralRangesAreTheWhole", "bytes=0-1,5-6", kNone, kWhole},
        Row{"AnotherUnitIsTheWhole", "lines=0-1", kNone, kWhole},
        Row{"AReversedRangeIsTheWhole", "bytes=9-1", kNone, kWhole},
        Row{"NoNumbersAreTheWhole", "bytes=-", kNone, kWhole},
        Row{"NoDashIsTheWhole", "bytes=5", kNone, kWhole},
        Row{"ASignIsTheWhole", "bytes=+1-5", kNone, kWhole},
        Row{"LettersAreTheWhole", "bytes=a-b", kNone, kWhole},
        Row{"NothingIsTheWhole", "", kNone, kWhole}),
    [](const auto& row) { return row.param.fact; });

TEST(DecideRange, IsUnsatisfiableForAnEmptyFile) {
  EXPECT_EQ(decide_range("bytes=0-", std::nullopt, kTag, 0).outcome, RangeOutcome::unsatisfiable);
}

}  // namespace
}  // namespace fuota::server::http
