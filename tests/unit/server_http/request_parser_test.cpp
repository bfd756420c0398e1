#include "server/http/request_parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>

#include "tests/support/server/random_seed.hpp"

namespace fuota::server::http {
namespace {

constexpr std::size_t kHeaderBytesMax = 1024;

std::string request(const std::string& fields) {
  return "GET /devices HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

TEST(RequestParser, FindsThePartsOfAHeader) {
  RequestParser parser(kHeaderBytesMax);
  const std::string text =
      request("Authorization: Basic eDp5\r\nRange: bytes=1-\r\nIf-Range: \"t\"\r\n");
  const HeadParse parse = parser.parse_head(text);
  ASSERT_EQ(parse.status, HeadStatus::complete);
  EXPECT_EQ(parse.head_bytes, text.size());
  EXPECT_EQ(parser.head().method, "GET");
  EXPECT_EQ(parser.head().target, "/devices");
  EXPECT_EQ(parser.head().authorization, "Basic eDp5");
  EXPECT_EQ(parser.head().range, "bytes=1-");
  EXPECT_EQ(parser.head().if_range, "\"t\"");
  EXPECT_TRUE(parser.head().keep_alive);
  EXPECT_TRUE(parser.body_complete());
}

TEST(RequestParser, TakesAnAcceptFieldThatStandsOnce) {
  RequestParser once(kHeaderBytesMax);
  const std::string one = request("Accept: text/csv, a/b;q=0.5\r\n");
  ASSERT_EQ(once.parse_head(one).status, HeadStatus::complete);
  EXPECT_EQ(once.head().accept, "text/csv, a/b;q=0.5");
  RequestParser twice(kHeaderBytesMax);
  const std::string two = request("Accept: text/csv\r\nAccept: a/b\r\n");
  ASSERT_EQ(twice.parse_head(two).status, HeadStatus::complete);
  EXPECT_EQ(twice.head().accept, "");
}

TEST(RequestParser, FindsTheSameHowEverTheBytesArrive) {
  const std::string text = request("Authorization: Basic eDp5\r\nContent-Length: 0\r\n");
  RequestParser parser(kHeaderBytesMax);
  for (std::size_t bytes = 0; bytes < text.size(); ++bytes) {
    ASSERT_EQ(parser.parse_head(std::string_view(text).substr(0, bytes)).status,
              HeadStatus::need_more)
        << bytes;
  }
  EXPECT_EQ(parser.parse_head(text).status, HeadStatus::complete);
  EXPECT_EQ(parser.head().authorization, "Basic eDp5");
}

TEST(RequestParser, SaysWhereTheBodyBegins) {
  RequestParser parser(kHeaderBytesMax);
  const std::string head = request("Content-Length: 4\r\n");
  EXPECT_EQ(parser.parse_head(head + "body").head_bytes, head.size());
  EXPECT_FALSE(parser.body_complete());
}

TEST(RequestParser, SkipsEmptyLinesBeforeTheRequest) {
  RequestParser parser(kHeaderBytesMax);
  const std::string text = "\r\n\r\n" + request("");
  const HeadParse parse = parser.parse_head(text);
  EXPECT_EQ(parse.status, HeadStatus::complete);
  EXPECT_EQ(parse.head_bytes, text.size());
}

TEST(RequestParser, KeepsNoHttp10ConnectionUnlessAsked) {
  RequestParser plain(kHeaderBytesMax);
  ASSERT_EQ(plain.parse_head("GET / HTTP/1.0\r\n\r\n").status, HeadStatus::complete);
  EXPECT_TRUE(plain.head().http_1_0);
  EXPECT_FALSE(plain.head().keep_alive);
  RequestParser asking(kHeaderBytesMax);
  ASSERT_EQ(asking.parse_head("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").status,
            HeadStatus::complete);
  EXPECT_TRUE(asking.head().keep_alive);
}

TEST(RequestParser, IgnoresAnExpectationInHttp10) {
  RequestParser parser(kHeaderBytesMax);
  ASSERT_EQ(
      parser.parse_head("PUT /a HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
          .status,
      HeadStatus::complete);
  EXPECT_FALSE(parser.head().expects_continue);
}

TEST(RequestParser, IgnoresARangeThatStandsTwice) {
  RequestParser parser(kHeaderBytesMax);
  ASSERT_EQ(parser.parse_head(request("Range: bytes=0-1\r\nRange: bytes=5-6\r\n")).status,
            HeadStatus::complete);
  EXPECT_FALSE(parser.head().range.has_value());
}

struct Refused {
  const char* fact;
  std::string text;
  unsigned status;
};

class RefusedHead : public testing::TestWithParam<Refused> {};

TEST_P(RefusedHead, GetsItsStatus) {
  RequestParser parser(kHeaderBytesMax);
  const HeadParse parse = parser.parse_head(GetParam().text);
  ASSERT_EQ(parse.status, HeadStatus::rejected);
  EXPECT_EQ(parse.rejection.status, GetParam().status) << parse.rejection.reason;
  EXPECT_FALSE(parse.rejection.reason.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RefusedHead,
    testing::Values(
        Refused{"BothLengths", request("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 400},
        Refused{"BothLengthsTheOtherWayRound",
                request("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), 400},
        Refused{"TwoLengths", request("Content-Length: 3\r\nContent-Length: 4\r\n"), 400},
        Refused{"TheSameLengthTwice", request("Content-Length: 3\r\nContent-Length: 3\r\n"), 400},
        Refused{"AListOfLengths", request("Content-Length: 3, 3\r\n"), 400},
        Refused{"ANegativeLength", request("Content-Length: -1\r\n"), 400},
        Refused{"ASignedLength", request("Content-Length: +1\r\n"), 400},
        Refused{"AHexadecimalLength", request("Content-Length: 0x10\r\n"), 400},
        Refused{"AnEmptyLength", request("Content-Length: \r\n"), 400},
        Refused{"ALengthOfMoreThan64Bits", request("Content-Length: 99999999999999999999999\r\n"),
                400},
        Refused{"AnotherEncoding", request("Transfer-Encoding: gzip\r\n"), 501},
        Refused{"AnEncodingBehindChunked", request("Transfer-Encoding: chunked, gzip\r\n"), 501},
        Refused{"AnEncodingBeforeChunked", request("Transfer-Encoding: gzip, chunked\r\n"), 501},
        Refused{"ADisguisedEncoding", request("Transfer-Encoding: xchunked\r\n"), 501},
        Refused{"ChunkedTwice",
                request("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
        Refused{"ChunksInHttp10", "PUT /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Refused{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
        Refused{"TwoHosts", request("Host: other\r\n"), 400},
        Refused{"TwoAuthorizations", request("Authorization: a\r\nAuthorization: b\r\n"), 400},
        Refused{"AFoldedLine", request("X-Folded: a\r\n b\r\n"), 400},
        Refused{"AFoldedLineWithATab", request("X-Folded: a\r\n\tb\r\n"), 400},
        Refused{"ABareLineFeed", "GET / HTTP/1.1\nHost: h\n\n", 400},
        Refused{"ABareLineFeedInAField", request("X: a\nY: b\r\n"), 400},
        Refused{"ABlankBeforeTheColon", request("Content-Length : 3\r\n"), 400},
        Refused{"AFieldWithoutAColon", request("nonsense\r\n"), 400},
        Refused{"AFieldWithoutAName", request(": value\r\n"), 400},
        Refused{"ANulInAField", request(std::string("X: a\0b\r\n", 8)), 400},
        Refused{"ANulInTheTarget", std::string("GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n", 30), 400},
        Refused{"ABlankInTheTarget", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 505},
        Refused{"NoTarget", "GET HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Refused{"NoMethod", " / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Refused{"AMethodThatIsNoToken", "G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Refused{"Http2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        Refused{"Http09", "GET /\r\n\r\n", 400},
        Refused{"NoHttpAtAll", std::string("\x16\x03\x01\x02\x00\x01\x00\n", 8), 400},
        Refused{"AnUnknownExpectation", request("Expect: cake\r\n"), 417},
        Refused{"ALongRequestLine", "GET /" + std::string(kHeaderBytesMax, 'a'), 414},
        Refused{"ALongHeader", request("X: " + std::string(kHeaderBytesMax, 'a') + "\r\n"), 431},
        Refused{"ALongHeaderThatHasNotEnded",
                "GET / HTTP/1.1\r\nX: " + std::string(kHeaderBytesMax, 'a'), 431}),
    [](const auto& row) { return row.param.fact; });

/// Feeds a body of chunks in pieces of `piece_bytes` and returns what comes out.
struct Outcome {
  std::string body;
  BodyParseStatus status = BodyParseStatus::progress;
};

Outcome parse_chunks(const std::string& body, std::size_t piece_bytes,
                     std::uint64_t bytes_max = 1000) {
  RequestParser parser(kHeaderBytesMax);
  const std::string head = request("Transfer-Encoding: chunked\r\n");
  EXPECT_EQ(parser.parse_head(head).status, HeadStatus::complete);
  parser.limit_chunked_body(bytes_max);
  Outcome outcome;
  std::string unread;
  std::array<char, 5> destination{};
  std::size_t fed = 0;
  while (!parser.body_complete()) {
    BodyParse step;
    if (!unread.empty()) step = parser.parse_body(unread, destination);
    outcome.body.append(destination.data(), step.produced);
    unread.erase(0, step.consumed);
    outcome.status = step.status;
    if (step.status == BodyParseStatus::malformed || step.status == BodyParseStatus::too_large) {
      break;
    }
    if (step.status == BodyParseStatus::need_more || unread.empty()) {
      if (fed == body.size()) break;
      unread += body.substr(fed, piece_bytes);
      fed = std::min(fed + piece_bytes, body.size());
    }
  }
  return outcome;
}

struct Chunks {
  const char* fact;
  std::string text;
  std::string body;
  BodyParseStatus status;
};

class ChunkedBody : public testing::TestWithParam<Chunks> {};

TEST_P(ChunkedBody, IsTheSameHowEverItArrives) {
  for (const std::size_t piece_bytes :
       {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{1000}}) {
    const Outcome outcome = parse_chunks(GetParam().text, piece_bytes);
    EXPECT_EQ(outcome.body, GetParam().body) << piece_bytes;
    EXPECT_EQ(outcome.status, GetParam().status) << piece_bytes;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ChunkedBody,
    testing::Values(
        Chunks{"OneChunk", "5\r\nhello\r\n0\r\n\r\n", "hello", BodyParseStatus::complete},
        Chunks{"TwoChunks", "5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n", "hello, world",
               BodyParseStatus::complete},
        Chunks{"AChunkLargerThanTheDestination", "a\r\n0123456789\r\n0\r\n\r\n", "0123456789",
               BodyParseStatus::complete},
        Chunks{"Extensions", "5;name=value\r\nhello\r\n0\r\n\r\n", "hello",
               BodyParseStatus::complete},
        Chunks{"FieldsBehindTheChunks", "5\r\nhello\r\n0\r\nX: y\r\n\r\n", "hello",
               BodyParseStatus::complete},
        Chunks{"NoChunk", "0\r\n\r\n", "", BodyParseStatus::complete},
        Chunks{"NoDigits", "\r\nhello\r\n", "", BodyParseStatus::malformed},
        Chunks{"NoHexadecimalDigits", "5z\r\nhello\r\n", "", BodyParseStatus::malformed},
        Chunks{"AHexadecimalPrefix", "0x5\r\nhello\r\n0\r\n\r\n", "", BodyParseStatus::malformed},
        Chunks{"ASignedSize", "-5\r\nhello\r\n", "", BodyParseStatus::malformed},
        Chunks{"ASizeOfMoreThan64Bits", "fffffffffffffffff\r\nhello\r\n", "",
               BodyParseStatus::malformed},
        Chunks{"AnExtensionThatDoesNotEndInItsLine", "5;x=\"y\r\nhello\r\n0\r\n\r\n", "",
               BodyParseStatus::malformed},
        Chunks{"ALineFeedInAnExtension", "5;x=\"\n0\"\r\nhello\r\n0\r\n\r\n", "",
               BodyParseStatus::malformed},
        Chunks{"AQuotedLineEndInAnExtension", "5;x=\"\\\r\nhello\r\n0\r\n\r\n", "",
               BodyParseStatus::malformed},
        Chunks{"AChunkLongerThanItsSize", "5\r\nhello!\r\n0\r\n\r\n", "hello",
               BodyParseStatus::malformed}),
    [](const auto& row) { return row.param.fact; });

TEST(ChunkedBodyLimit, CountsTheBodyNotTheFraming) {
  EXPECT_EQ(parse_chunks("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 100, 5).status,
            BodyParseStatus::complete);
  EXPECT_EQ(parse_chunks("3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n", 100, 5).status,
            BodyParseStatus::too_large);
}

TEST(ChunkedBodyLimit, HoldsForASizeAlone) {
  const Outcome outcome = parse_chunks("ffffffffffffffff\r\n", 100, 5);
  EXPECT_EQ(outcome.status, BodyParseStatus::too_large);
}

TEST(RequestParser, TakesNoFieldBehindTheBodyForOneOfTheHeader) {
  RequestParser parser(kHeaderBytesMax);
  const std::string head = request("Transfer-Encoding: chunked\r\n");
  ASSERT_EQ(parser.parse_head(head).status, HeadStatus::complete);
  std::array<char, 16> destination{};
  const std::string body = "0\r\nAuthorization: stolen\r\n\r\n";
  ASSERT_EQ(parser.parse_body(body, destination).status, BodyParseStatus::complete);
  EXPECT_EQ(parser.head().authorization, "");
}

/// Text like a request, with faults.
std::string random_request(std::mt19937& random) {
  static constexpr std::array<std::string_view, 24> kParts = {"GET ",
                                                              "PUT ",
                                                              "/devices",
                                                              "/files/a?b",
                                                              " HTTP/1.1\r\n",
                                                              " HTTP/1.0\r\n",
                                                              "Host: h\r\n",
                                                              "Content-Length: 5\r\n",
                                                              "Transfer-Encoding: chunked\r\n",
                                                              "Expect: 100-continue\r\n",
                                                              "Range: bytes=0-\r\n",
                                                              "Connection: ,\r\n",
                                                              "Connection: close\r\n",
                                                              "\r\n",
                                                              "\r\n",
                                                              "\r",
                                                              "\n",
                                                              "0\r\n",
                                                              "5\r\nhello\r\n",
                                                              "a;x=\"y\"\r\n",
                                                              "X: y\r\n",
                                                              " ",
                                                              ":",
                                                              "ffffffffffffffff\r\n"};
  std::string text = random() % 2 == 0 ? request("Transfer-Encoding: chunked\r\n") : "";
  const std::size_t parts = random() % 12;
  for (std::size_t i = 0; i < parts; ++i) text += kParts[random() % kParts.size()];
  if (random() % 4 == 0 && !text.empty()) {
    text[random() % text.size()] = static_cast<char>(random());
  }
  return text;
}

/// Feeds a parser as a connection does, in pieces of random sizes.
void feed(std::mt19937& random, const std::string& text) {
  RequestParser parser(kHeaderBytesMax);
  std::string input;
  std::size_t fed = 0;
  const auto more = [&] {
    const std::size_t bytes = std::min<std::size_t>(1 + random() % 8, text.size() - fed);
    input += text.substr(fed, bytes);
    fed += bytes;
    return bytes > 0;
  };
  HeadParse head = parser.parse_head(input);
  while (head.status == HeadStatus::need_more && more()) head = parser.parse_head(input);
  if (head.status != HeadStatus::complete) return;
  ASSERT_LE(head.head_bytes, input.size());
  // The views into the header must stay valid, so the body is fed from another place.
  std::string unread = input.substr(head.head_bytes);
  parser.limit_chunked_body(20);
  std::array<char, 3> destination{};
  std::uint64_t body_bytes = 0;
  while (!parser.body_complete()) {
    BodyParse step;
    if (!unread.empty()) step = parser.parse_body(unread, destination);
    ASSERT_LE(step.produced, destination.size());
    body_bytes += step.produced;
    unread.erase(0, step.consumed);
    if (step.status == BodyParseStatus::malformed || step.status == BodyParseStatus::too_large) {
      break;
    }
    if (step.status == BodyParseStatus::need_more || unread.empty()) {
      input.clear();
      if (!more()) break;
      unread += input;
    }
  }
  ASSERT_LE(body_bytes, 20U);
}

TEST(RequestParser, SurvivesRandomRequests) {
  const std::uint32_t seed = test_support::random_seed();
  SCOPED_TRACE("FUOTA_TEST_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = random_request(random);
    SCOPED_TRACE(testing::PrintToString(text));
    feed(random, text);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace fuota::server::http
