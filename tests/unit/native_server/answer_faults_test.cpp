#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/native_server/request_sender.hpp"

namespace fuota::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using Kind = AnswerFault::Kind;

constexpr const char* kRange = "Range: bytes=900-\r\n";

class Fault : public testing::Test {
 protected:
  Fault() {
    server_.add_device("00001");
    server_.upload("f", Shelf::file());
  }

  /// The answer to a request for the file, with this fault in it.
  std::string answer(AnswerFault fault, const char* field_lines = "") {
    server_.spoil_with([fault](const ServedRequest&) { return fault; });
    return client_.send("GET /files/f", field_lines);
  }

  simulator::net::Network network_;
  NativeServer server_{network_};
  RequestSender client_{network_};
};

TEST_F(Fault, OfStatusCarriesItsFields) {
  EXPECT_EQ(answer({Kind::status, 503, 0, "Retry-After: 60\r\n"}),
            "HTTP/1.1 503 X\r\nRetry-After: 60\r\nContent-Length: 20\r\n\r\nrefused by the test\n");
}

TEST_F(Fault, OfBytesIsThatAndTheEnd) {
  EXPECT_EQ(answer({Kind::bytes, 0, 0, "", "SSH-2.0-dropbear\r\n"}), "SSH-2.0-dropbear\r\n");
  EXPECT_TRUE(client_.closed);
}

TEST_F(Fault, OfSilenceLeavesTheConnectionOpen) {
  EXPECT_EQ(answer({Kind::no_answer}), "");
  EXPECT_FALSE(client_.closed);
}

TEST_F(Fault, OfGarbageHasTheRightLength) {
  const std::string spoiled = answer({Kind::garbage_body});
  EXPECT_THAT(spoiled, HasSubstr("Content-Length: 1000\r\n"));
  EXPECT_EQ(body_of(spoiled).size(), 1000U);
  EXPECT_NE(body_of(spoiled), Shelf::file()->content);
}

TEST_F(Fault, OfALengthIsOnlyAboutTheLength) {
  EXPECT_THAT(answer({Kind::length_too_short, 300}), HasSubstr("Content-Length: 700\r\n"));
  EXPECT_THAT(answer({Kind::length_too_short, 5000}), HasSubstr("Content-Length: 0\r\n"));
  const std::string longer = answer({Kind::length_too_long, 300});
  EXPECT_THAT(longer, HasSubstr("Content-Length: 1300\r\n"));
  EXPECT_EQ(body_of(longer), Shelf::file()->content);
  EXPECT_FALSE(client_.closed);
}

TEST_F(Fault, OfNoLengthEndsTheBodyWithTheConnection) {
  const std::string spoiled = answer({Kind::no_length});
  EXPECT_THAT(spoiled, Not(HasSubstr("Content-Length")));
  EXPECT_EQ(body_of(spoiled), Shelf::file()->content);
  EXPECT_TRUE(client_.closed);
}

TEST_F(Fault, OfATagNamesAnotherFile) {
  EXPECT_THAT(answer({Kind::wrong_etag}),
              HasSubstr("ETag: \"wild" + std::string(60, 'a') + "\"\r\n"));
}

TEST_F(Fault, OfAnIgnoredRangeIsTheWholeFile) {
  const std::string spoiled = answer({Kind::range_ignored}, kRange);
  EXPECT_THAT(spoiled, StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(body_of(spoiled), Shelf::file()->content);
}

TEST_F(Fault, OfARangeElsewhereMovesIt) {
  const std::string spoiled = answer({Kind::range_elsewhere}, kRange);
  EXPECT_THAT(spoiled, StartsWith("HTTP/1.1 206 "));
  EXPECT_THAT(spoiled, HasSubstr("Content-Range: bytes 901-1000/1001\r\n"));
}

TEST_F(Fault, OfARangeWithoutARangeDoesNotSayWhere) {
  const std::string spoiled = answer({Kind::range_without_range}, kRange);
  EXPECT_THAT(spoiled, StartsWith("HTTP/1.1 206 "));
  EXPECT_THAT(spoiled, Not(HasSubstr("Content-Range")));
}

TEST_F(Fault, OfARefusedRangeIs416) {
  EXPECT_THAT(answer({Kind::range_refused}, kRange), StartsWith("HTTP/1.1 416 "));
}

TEST_F(Fault, OfARangeIsNoneWhenNoneWasAskedFor) {
  for (const Kind kind : {Kind::range_ignored, Kind::range_elsewhere, Kind::range_without_range,
                          Kind::range_refused}) {
    EXPECT_EQ(body_of(answer({kind})), Shelf::file()->content) << name_of(kind);
  }
}

TEST_F(Fault, OnItsWayCutsTheAnswer) {
  const std::string whole = answer({});
  EXPECT_EQ(answer({Kind::closed, 500}), whole.substr(0, 500));
  EXPECT_TRUE(client_.closed);
}

TEST_F(Fault, OnItsWayMayComeBehindTheAnswer) {
  const std::string whole = answer({});
  EXPECT_EQ(answer({Kind::reset, 1'000'000}), whole);
  EXPECT_TRUE(client_.was_reset);
}

TEST_F(Fault, OnItsWayMayBeAPause) {
  const std::string whole = answer({});
  EXPECT_EQ(answer({Kind::stalled, 500, 7'000'000}), whole);
  EXPECT_GT(client_.longest_pause_us, 7'000'000);
}

TEST_F(Fault, InsteadOfAnAnswerLeavesNoReport) {
  server_.spoil_with([](const ServedRequest&) { return AnswerFault{Kind::status, 500}; });
  (void)client_.send("POST /devices/00001/reports", "Content-Type: application/json\r\n", "{}");
  EXPECT_THAT(server_.reports(), IsEmpty());
  EXPECT_EQ(server_.requests().back().fault, Kind::status);
}

TEST_F(Fault, OnItsWayLeavesTheReport) {
  server_.spoil_with([](const ServedRequest&) { return AnswerFault{Kind::reset, 0}; });
  EXPECT_EQ(client_.send("POST /devices/00001/reports", "Content-Type: application/json\r\n",
                         R"({"stream":"0123456789abcdef","sequence":1,"state":"installed",)"
                         R"("deployment":"d","version":"1","image":")" +
                             std::string(64, '0') + R"("})"),
            "");
  EXPECT_EQ(server_.reports().size(), 1U);
}

}  // namespace
}  // namespace fuota::test
