#include "answer_headers.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

namespace fuota::update {
namespace {

AnswerHeaders headers(std::initializer_list<std::pair<const char*, const char*>> lines) {
  AnswerHeaders headers;
  for (const auto& [name, value] : lines) headers.note(name, value);
  return headers;
}

TEST(AnswerHeaders, OfAnEmptyHeaderSayNothing) {
  const AnswerHeaders none = headers({});
  EXPECT_FALSE(none.has_content_length);
  EXPECT_FALSE(none.has_range);
  EXPECT_FALSE(none.is_offer);
  EXPECT_FALSE(none.closes);
  EXPECT_EQ(none.retry_after_s, 0U);
  EXPECT_EQ(none.root_version, 0U);
}

TEST(AnswerHeaders, TellALengthOf0FromNone) {
  EXPECT_TRUE(headers({{"content-length", "0"}}).has_content_length);
}

TEST(AnswerHeaders, ReadTheLengthWhateverTheCaseOfItsName) {
  EXPECT_EQ(headers({{"CONTENT-LENGTH", "816384"}}).content_length, 816'384);
}

TEST(AnswerHeaders, TakeAMalformedLengthForNone) {
  for (const char* value :
       {"", "-1", "+1", "1 ", "0x10", "1,1", "9007199254740992", "99999999999999999999999"}) {
    EXPECT_FALSE(headers({{"Content-Length", value}}).has_content_length) << value;
  }
}

TEST(AnswerHeaders, KnowAnOfferByItsType) {
  EXPECT_TRUE(headers({{"Content-Type", "application/vnd.fuota.offer+json"}}).is_offer);
  EXPECT_TRUE(headers({{"Content-Type", "Application/Vnd.Fuota.Offer+JSON; x=y"}}).is_offer);
  EXPECT_FALSE(headers({{"Content-Type", "application/vnd.fuota.offer+jsonp"}}).is_offer);
  EXPECT_FALSE(headers({{"Content-Type", "text/csv"}}).is_offer);
}

TEST(AnswerHeaders, ReadTheRangeOfAPart) {
  const AnswerHeaders part = headers({{"Content-Range", "bytes 65536-99999/100000"}});
  ASSERT_TRUE(part.has_range);
  EXPECT_EQ(part.range_begin, 65'536);
  EXPECT_EQ(part.range_end, 99'999);
  EXPECT_EQ(part.range_total, 100'000);
}

TEST(AnswerHeaders, TakeAMalformedRangeForNone) {
  for (const char* value : {"", "bytes", "bytes */100", "bytes 1-2", "bytes 1-2/*", "bytes 1-2/3 ",
                            "items 1-2/3", "bytes -2/3", "bytes 1-/3", "bytes 1 - 2/3"}) {
    EXPECT_FALSE(headers({{"Content-Range", value}}).has_range) << value;
  }
}

TEST(AnswerHeaders, SayWhetherTheConnectionEnds) {
  EXPECT_TRUE(headers({{"Connection", "Close"}}).closes);
  EXPECT_FALSE(headers({{"Connection", "keep-alive"}}).closes);
}

TEST(AnswerHeaders, SayWhenToComeBack) {
  EXPECT_EQ(headers({{"Retry-After", "120"}}).retry_after_s, 120U);
}

TEST(AnswerHeaders, KeepADeviceAwayForADayAtMost) {
  EXPECT_EQ(headers({{"Retry-After", "86401"}}).retry_after_s, 86'400U);
  EXPECT_EQ(headers({{"Retry-After", "4294967297"}}).retry_after_s, 86'400U);
}

TEST(AnswerHeaders, IgnoreADateToComeBackAt) {
  EXPECT_EQ(headers({{"Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"}}).retry_after_s, 0U);
}

TEST(AnswerHeaders, NameTheNewestRootDocument) {
  EXPECT_EQ(headers({{"Fuota-Root", "4294967295"}}).root_version, 4294967295U);
  EXPECT_EQ(headers({{"fuota-root", "4294967296"}}).root_version, 0U);
  EXPECT_EQ(headers({{"fuota-root", "two"}}).root_version, 0U);
}

}  // namespace
}  // namespace fuota::update
