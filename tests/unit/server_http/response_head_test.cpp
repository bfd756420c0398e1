#include "server/http/response_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fuota::server::http {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

constexpr char kDate[] = "Mon, 22 May 2023 12:23:35 GMT";

TEST(FormatHead, WritesTheHeaderOfAnAnswer) {
  ResponseHead head;
  head.content_type = "text/csv";
  head.content_length = 7;
  head.fields.emplace_back("ETag", "\"t\"");
  EXPECT_EQ(format_head(head, kDate),
            "HTTP/1.1 200 OK\r\nServer: fuota\r\nDate: Mon, 22 May 2023 12:23:35 GMT\r\n"
            "Content-Type: text/csv\r\nETag: \"t\"\r\nContent-Length: 7\r\n\r\n");
}

TEST(FormatHead, AnswersHttp10InHttp10) {
  ResponseHead head;
  head.http_1_0 = true;
  head.keep_alive = false;
  EXPECT_THAT(format_head(head, kDate), StartsWith("HTTP/1.0 200 OK\r\n"));
}

TEST(FormatHead, TellsAnHttp10ClientThatTheConnectionGoesOn) {
  ResponseHead head;
  head.http_1_0 = true;
  EXPECT_THAT(format_head(head, kDate), HasSubstr("\r\nConnection: keep-alive\r\n"));
}

TEST(FormatHead, TellsAnHttp11ClientThatTheConnectionEnds) {
  ResponseHead head;
  head.keep_alive = false;
  EXPECT_THAT(format_head(head, kDate), HasSubstr("\r\nConnection: close\r\n"));
}

TEST(FormatHead, GivesNoLengthToAnAnswerThatHasNoBody) {
  ResponseHead head;
  head.status = 204;
  head.framing = Framing::none;
  EXPECT_THAT(format_head(head, kDate), Not(HasSubstr("Content-Length")));
}

TEST(FormatHead, AnnouncesChunks) {
  ResponseHead head;
  head.framing = Framing::chunked;
  EXPECT_THAT(format_head(head, kDate), HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
}

TEST(HttpDate, IsAnImfFixdate) {
  HttpDate date;
  EXPECT_THAT(std::string(date.now()),
              MatchesRegex("[A-Z][a-z][a-z], [0-9][0-9] [A-Z][a-z][a-z] [0-9][0-9][0-9][0-9] "
                           "[0-9][0-9]:[0-9][0-9]:[0-9][0-9] GMT"));
}

}  // namespace
}  // namespace fuota::server::http
