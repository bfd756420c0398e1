#include "cli/fleet_answer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace fuota::cli {
namespace {

/// Takes the answer in pieces of `step` bytes, as a device does.
AnswerReader::State take_all(AnswerReader& reader, std::string_view text, std::size_t step) {
  std::string pending;
  auto state = AnswerReader::State::need_more;
  while (!text.empty() && state == AnswerReader::State::need_more) {
    pending += text.substr(0, step);
    text.remove_prefix(std::min(step, text.size()));
    std::size_t used = 0;
    state = reader.take(pending, used);
    pending.erase(0, used);
  }
  return state;
}

TEST(AnswerReader, ReadsAnAnswerHoweverItComes) {
  constexpr std::string_view kAnswer =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 17\r\nContent-Length: 5\r\n\r\nwait\n";
  for (std::size_t step = 1; step <= kAnswer.size(); ++step) {
    SCOPED_TRACE(step);
    AnswerReader reader;
    ASSERT_EQ(take_all(reader, kAnswer, step), AnswerReader::State::complete);
    EXPECT_EQ(reader.answer().status, 503U);
    EXPECT_EQ(reader.answer().retry_after_s, 17U);
    EXPECT_EQ(reader.answer().body, "wait\n");
    EXPECT_TRUE(reader.answer().keep_alive);
  }
}

TEST(AnswerReader, ReadsEveryFraming) {
  struct Row {
    const char* text;
    std::uint64_t body_bytes;
    bool keep_alive;
  };
  for (const Row& row :
       {Row{"HTTP/1.1 204 No Content\r\n\r\n", 0, true},
        Row{"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", 0, false},
        Row{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 3,
            true}}) {
    SCOPED_TRACE(row.text);
    AnswerReader reader;
    ASSERT_EQ(take_all(reader, row.text, 7), AnswerReader::State::complete);
    EXPECT_EQ(reader.answer().body_bytes, row.body_bytes);
    EXPECT_EQ(reader.answer().keep_alive, row.keep_alive);
  }
}

TEST(AnswerReader, EndsAnAnswerWithoutALengthWithTheConnection) {
  AnswerReader reader;
  ASSERT_EQ(take_all(reader, "HTTP/1.0 200 OK\r\n\r\nabc", 100), AnswerReader::State::need_more);
  EXPECT_EQ(reader.end(), AnswerReader::State::complete);
  EXPECT_FALSE(reader.answer().keep_alive);
}

TEST(AnswerReader, TellsAnAnswerThatWasCutFromAWholeOne) {
  AnswerReader reader;
  take_all(reader, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", 100);
  EXPECT_EQ(reader.end(), AnswerReader::State::need_more);
}

TEST(AnswerReader, RefusesWhatIsNotHttp) {
  AnswerReader reader;
  EXPECT_EQ(take_all(reader, "SSH-2.0-OpenSSH_9.2\r\n\r\n", 100), AnswerReader::State::malformed);
}

TEST(OfferedPath, IsTheFileOfTheCompatibleAnswer) {
  FleetAnswer answer;
  answer.body = "app v2.bin";
  EXPECT_EQ(offered_path(answer), "/files/app%20v2.bin");
}

TEST(OfferedPath, IsNothingForWhatIsNoName) {
  FleetAnswer answer;
  for (const char* const body : {"", "../etc/passwd", "a\nb"}) {
    answer.body = body;
    EXPECT_FALSE(offered_path(answer)) << body;
  }
  answer.offer = true;
  answer.body = "{}";
  EXPECT_FALSE(offered_path(answer));
}

}  // namespace
}  // namespace fuota::cli
