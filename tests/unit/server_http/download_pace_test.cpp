#include "server/http/download_pace.hpp"

#include <gtest/gtest.h>

#include "tests/unit/server_http/http_server_fixture.hpp"

namespace fuota::server::http {
namespace {

using std::chrono::milliseconds;

constexpr DownloadPace::TimePoint kNow{std::chrono::hours(1000)};

TEST(DownloadPace, GivesEachPieceItsTurnBehindThoseBefore) {
  DownloadPace pace(1000);
  EXPECT_EQ(pace.reserve(100, kNow), kNow);
  EXPECT_EQ(pace.reserve(200, kNow), kNow + milliseconds(100));
  EXPECT_EQ(pace.reserve(100, kNow), kNow + milliseconds(300));
}

TEST(DownloadPace, SavesNoTimeThatNobodyUsed) {
  DownloadPace pace(1000);
  static_cast<void>(pace.reserve(100, kNow));
  const auto later = kNow + milliseconds(5000);
  EXPECT_EQ(pace.reserve(100, later), later);
  EXPECT_EQ(pace.reserve(100, later), later + milliseconds(100));
}

TEST(DownloadPace, IsUnlimitedByDefault) {
  DownloadPace pace(0);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(pace.reserve(1 << 20, kNow), kNow);
}

TEST_F(HttpServerTest, SendsFilesAtThePaceEvenWhereEachPieceTakesLongerThanItMay) {
  Limits limits;
  // A piece of 16 KiB takes longer than the client would have for it.
  limits.file_bytes_per_second = 400'000;
  limits.write_deadline = milliseconds(20);
  start(limits);
  const auto response = exchange("GET /file", "Range: bytes=0-99999\r\n");
  EXPECT_EQ(response.status, 206);
  EXPECT_TRUE(response.body == FakeHandler::file_content().substr(0, 100'000));
}

TEST_F(HttpServerTest, BreaksOffADownloadThatWaitsForItsTurn) {
  Limits limits;
  limits.file_bytes_per_second = 1;
  start(limits);
  test_support::TlsClient tls(client());
  tls.send(request("GET /file"));
  ASSERT_TRUE(tls.readable_within(20'000));
  stop(milliseconds(0));
  EXPECT_FALSE(observer_.records(1).at(0).complete);
}

}  // namespace
}  // namespace fuota::server::http
