#include "server/app/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <limits.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cstdlib>
#include <random>

#include "tests/support/server/random_seed.hpp"

namespace fuota::server::app {
namespace {

using std::chrono::microseconds;
using testing::HasSubstr;
using testing::MatchesRegex;

std::string to_string(const LineBuffer& line) {
  return {line.data(), line.size()};
}

struct Row {
  const char* fact;
  std::string_view text;
  std::string_view field;  ///< In a line of text.
  std::string_view json;   ///< In one of JSON.
};

class LogEscapes : public testing::TestWithParam<Row> {};

TEST_P(LogEscapes, LeaveOneFieldOfOneLine) {
  LineBuffer line;
  append_field(line, GetParam().text, kLoggedBytesMax);
  EXPECT_EQ(to_string(line), GetParam().field);
}

TEST_P(LogEscapes, LeaveOneStringOfOneObject) {
  LineBuffer line;
  append_json_string(line, GetParam().text, kLoggedBytesMax);
  EXPECT_EQ(to_string(line), GetParam().json);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, LogEscapes,
    testing::Values(Row{"PlainTextStays", "/devices/00001?app_ver=0.1.0",
                        "/devices/00001?app_ver=0.1.0", R"("/devices/00001?app_ver=0.1.0")"},
                    Row{"NothingIsNothing", "", "-", "null"},
                    Row{"ABlank", "a b", "a\\x20b", R"("a b")"},
                    Row{"ALineEnd", "a\r\nb", "a\\x0d\\x0ab", R"("a\\x0d\\x0ab")"},
                    Row{"AnEscapeSequence", "\x1b[31m", "\\x1b[31m", R"("\\x1b[31m")"},
                    Row{"ANul", std::string_view("a\0b", 3), "a\\x00b", R"("a\\x00b")"},
                    Row{"AHighByte", "\xff", "\\xff", R"("\\xff")"},
                    Row{"AQuoteAndABackslash", "\"\\", "\\x22\\x5c", R"("\"\\x5c")"},
                    Row{"Delete", "\x7f", "\\x7f", R"("\\x7f")"},
                    Row{"Utf8", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
                        "\\xc3\\xa4\\xe2\\x82\\xac\\xf0\\x9f\\x98\\x80",
                        "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""},
                    Row{"HalfACharacter", "\xe2\x82", "\\xe2\\x82", R"("\\xe2\\x82")"},
                    Row{"TooLongAForm", "\xc0\xaf", "\\xc0\\xaf", R"("\\xc0\\xaf")"},
                    Row{"ASurrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80", R"("\\xed\\xa0\\x80")"},
                    Row{"BeyondUnicode", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80",
                        R"("\\xf4\\x90\\x80\\x80")"},
                    Row{"AControlCharacterOfTwoBytes", "\xc2\x9b", "\\xc2\\x9b",
                        R"("\\xc2\\x9b")"}),
    [](const auto& row) { return row.param.fact; });

http::AccessRecord record() {
  http::AccessRecord record;
  record.method = "GET";
  record.target = "/devices/1?a=\"b";
  record.route = "/devices/{}";
  record.status = 204;
  record.body_bytes = 7;
  record.received_bytes = 8;
  record.duration = microseconds(12'345);
  record.peer = "127.0.0.1:50000";
  record.user = "somebody";
  record.complete = true;
  return record;
}

constexpr std::chrono::system_clock::time_point kNow{std::chrono::milliseconds(1'795'643'347'475)};

TEST(LogLines, OfARequestHaveTheirFieldsInText) {
  LineBuffer line;
  append_request(line, LogFormat::text, kNow, record());
  EXPECT_THAT(to_string(line),
              MatchesRegex("2026-11-25T[0-9]+:49:07.475[+-][0-9]+:[0-9]+ info request method=GET "
                           "path=/devices/1.a=.x22b status=204 bytes=7 duration_ms=12.35 "
                           "peer=127.0.0.1:50000 user=somebody\n"));
}

TEST(LogLines, OfARequestHaveTheirFieldsInJson) {
  LineBuffer line;
  append_request(line, LogFormat::json, kNow, record());
  EXPECT_EQ(to_string(line),
            R"({"time":"2026-11-25T21:49:07.475Z","level":"info","event":"request","method":"GET",)"
            R"("path":"/devices/1?a=\"b","route":"/devices/{}","status":204,"bytes":7,)"
            R"("received_bytes":8,"duration_ms":12.35,"peer":"127.0.0.1:50000","user":"somebody",)"
            R"("complete":true})"
            "\n");
}

TEST(LogLines, OfAMessageKeepItsWordsInText) {
  LineBuffer line;
  append_message(line, LogFormat::text, kNow, LogLevel::warning, "a \"b\"\nc: \xc3\xa4\xff");
  EXPECT_THAT(to_string(line), HasSubstr(" warning a \"b\"\\x0ac: \xc3\xa4\\xff\n"));
}

TEST(LogLines, OfAMessageAreOneObjectInJson) {
  LineBuffer line;
  append_message(line, LogFormat::json, kNow, LogLevel::error, "a\nb");
  EXPECT_EQ(to_string(line),
            R"({"time":"2026-11-25T21:49:07.475Z","level":"error","event":"message",)"
            R"("message":"a\\x0ab"})"
            "\n");
}

class LogLineLength : public testing::TestWithParam<LogFormat> {};

TEST_P(LogLineLength, OfARequestIsWhatAPipeTakesInOnePiece) {
  const std::string worst(100'000, '\x01');
  http::AccessRecord long_record = record();
  for (std::string_view* field :
       {&long_record.method, &long_record.target, &long_record.route, &long_record.user}) {
    *field = worst;
  }
  LineBuffer line;
  append_request(line, GetParam(), kNow, long_record);
  EXPECT_LE(line.size(), static_cast<std::size_t>(PIPE_BUF));
}

TEST_P(LogLineLength, OfAMessageIsBounded) {
  LineBuffer line;
  append_message(line, GetParam(), kNow, LogLevel::error, std::string(100'000, 'a'));
  EXPECT_LT(line.size(), kLoggedMessageBytesMax + 200);
  EXPECT_THAT(to_string(line), HasSubstr("aaa..."));
}

INSTANTIATE_TEST_SUITE_P(Formats, LogLineLength, testing::Values(LogFormat::text, LogFormat::json),
                         [](const auto& row) {
                           return row.param == LogFormat::text ? "Text" : "Json";
                         });

TEST(LogLines, AreJsonWhateverBytesComeFromTheClient) {
  const std::uint64_t seed = test_support::random_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(random() % 600, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    http::AccessRecord hostile = record();
    hostile.method = hostile.target = hostile.user = bytes;
    LineBuffer line;
    append_request(line, LogFormat::json, kNow, hostile);
    const std::string text = to_string(line);
    ASSERT_EQ(text.find('\n'), text.size() - 1);
    boost::system::error_code error;
    boost::json::parse(text, error);
    ASSERT_FALSE(error) << text;
  }
}

/// A log into memory.
class LogOutput : public testing::Test {
 protected:
  LogOutput() : fd_(::memfd_create("log", MFD_CLOEXEC)) {}
  ~LogOutput() override { ::close(fd_); }

  [[nodiscard]] std::string written() const {
    std::string text(4096, '\0');
    const ssize_t bytes = ::pread(fd_, text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(bytes, 0)));
    return text;
  }

  int fd_;
};

TEST_F(LogOutput, LeavesOutWhatIsOfInterestOnlyWhenLookingForAFault) {
  Log(LogSettings{LogFormat::text, false}, fd_).on_event(http::Severity::debug, "quiet");
  Log(LogSettings{LogFormat::text, true}, fd_).on_event(http::Severity::debug, "loud");
  EXPECT_THAT(written(), MatchesRegex("[^ ]+ debug loud\n"));
}

TEST_F(LogOutput, GivesTheJournalThePriorityOfEachLine) {
  struct stat status {};
  ASSERT_EQ(::fstat(fd_, &status), 0);
  const std::string stream = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
  ::setenv("JOURNAL_STREAM", stream.c_str(), 1);
  Log log(LogSettings{LogFormat::json, true}, fd_);
  ::unsetenv("JOURNAL_STREAM");
  log.on_event(http::Severity::error, "a");
  log.on_event(http::Severity::warning, "b");
  log.info("c");
  log.on_event(http::Severity::debug, "d");
  EXPECT_THAT(written(), MatchesRegex("<3>[^\n]+a[^\n]+\n<4>[^\n]+b[^\n]+\n<6>[^\n]+c[^\n]+\n"
                                      "<7>[^\n]+d[^\n]+\n"));
}

TEST_F(LogOutput, HasTheRequestsOfATurnInOnePieceAtItsEnd) {
  Log log(LogSettings{LogFormat::text, false}, fd_);
  log.on_request(record());
  log.on_request(record());
  EXPECT_EQ(written(), "");
  log.on_turn_end();
  EXPECT_THAT(written(), MatchesRegex("[^\n]+ request [^\n]+\n[^\n]+ request [^\n]+\n"));
}

TEST_F(LogOutput, HasTheRequestsBeforeAMessageThatComesInTheirTurn) {
  Log log(LogSettings{LogFormat::text, false}, fd_);
  log.on_request(record());
  log.on_event(http::Severity::error, "a");
  EXPECT_THAT(written(), MatchesRegex("[^\n]+ request [^\n]+\n[^\n]+ error a\n"));
}

TEST_F(LogOutput, KeepsNoMoreThanItsLimitOfATurnThatDoesNotEnd) {
  Log log(LogSettings{LogFormat::text, false}, fd_);
  LineBuffer line;
  append_request(line, LogFormat::text, kNow, record());
  for (std::size_t bytes = 0; bytes < kLogPendingBytesMax; bytes += line.size()) {
    log.on_request(record());
  }
  EXPECT_NE(written(), "");
}

TEST_F(LogOutput, LosesNoRequestAtItsEnd) {
  Log(LogSettings{LogFormat::text, false}, fd_).on_request(record());
  EXPECT_NE(written(), "");
}

TEST_F(LogOutput, IsCountedByLevel) {
  Log log(LogSettings{LogFormat::text, false}, fd_);
  log.on_event(http::Severity::error, "a");
  log.on_event(http::Severity::error, "b");
  log.on_event(http::Severity::debug, "quiet");
  EXPECT_EQ(log.count(LogLevel::error), 2U);
  EXPECT_EQ(log.count(LogLevel::warning), 0U);
  EXPECT_EQ(log.count(LogLevel::debug), 0U);
}

TEST_F(LogOutput, HasNoPrioritiesElsewhere) {
  ::setenv("JOURNAL_STREAM", "1:2", 1);
  Log log(LogSettings{LogFormat::json, false}, fd_);
  ::unsetenv("JOURNAL_STREAM");
  log.info("a");
  EXPECT_EQ(written().front(), '{');
}

}  // namespace
}  // namespace fuota::server::app
