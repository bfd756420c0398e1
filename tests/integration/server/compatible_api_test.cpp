// The compatible API of docs/protocol.md, rule by rule, against the real server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/storage/sha256.hpp"
#include "tests/integration/server/server_fixture.hpp"

namespace fuota::server {
namespace {

using test_support::HttpReader;
using test_support::HttpResponse;
using test_support::TlsClient;
using testing::HasSubstr;
using testing::StartsWith;

std::string etag_of(const std::string& content) {
  storage::Sha256 hash;
  hash.update(content);
  return "\"" + storage::to_hex(hash.finish()) + "\"";
}

class CompatibleApi : public ServerTest {
 protected:
  void SetUp() override { start(); }
};

TEST_F(CompatibleApi, ServesTheWholeWayOfAnUpdate) {
  EXPECT_EQ(exchange("GET", "/devices").status, 200);
  EXPECT_EQ(put_file("esp32-fuota.bin.0.1.1", "firmware"), 200);
  EXPECT_EQ(put_device("00001", "0.1.0", "esp32-fuota.bin.0.1.1"), 200);
  EXPECT_EQ(get_devices(), "\"00001\",\"0.1.0\",\"esp32-fuota.bin.0.1.1\"\n");
  EXPECT_EQ(exchange("GET", "/devices/00001?app_ver=0.1.0").body, "esp32-fuota.bin.0.1.1");
  EXPECT_EQ(get_file("esp32-fuota.bin.0.1.1"), "firmware");
  EXPECT_EQ(exchange("GET", "/devices/00001?app_ver=0.1.1").status, 204);
}

TEST_F(CompatibleApi, OffersAFileAsBareCsvWithALength) {
  ASSERT_EQ(put_file("app.bin", "x"), 200);
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  const HttpResponse response = exchange("GET", "/devices/00001?app_ver=0.1.0");
  EXPECT_EQ(response.field("content-type"), "text/csv");
  EXPECT_EQ(response.field("content-length"), "7");
  EXPECT_EQ(response.body, "app.bin");
}

TEST_F(CompatibleApi, AnswersNothingWithoutABody) {
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  const HttpResponse response = exchange("GET", "/devices/00001?app_ver=other");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.field("content-length"), "");
  EXPECT_EQ(response.field("content-type"), "");
}

TEST_F(CompatibleApi, DoesNotFindWhatIsNotThere) {
  ASSERT_EQ(put_device("00001", "0.1.0", "missing.bin"), 200);
  EXPECT_EQ(exchange("GET", "/devices/00001?app_ver=0.1.0").status, 404);
  EXPECT_EQ(exchange("GET", "/devices/00002?app_ver=0.1.0").status, 404);
  EXPECT_EQ(exchange("GET", "/files/missing.bin").status, 404);
  EXPECT_EQ(exchange("DELETE", "/devices/00002").status, 404);
  EXPECT_EQ(exchange("DELETE", "/files/missing.bin").status, 404);
  EXPECT_EQ(exchange("GET", "/").status, 404);
  EXPECT_EQ(exchange("GET", "/files").status, 404);
}

TEST_F(CompatibleApi, RefusesACheckWithoutOneVersion) {
  for (const char* query : {"", "?", "?version=1", "?app_ver=1&app_ver=2", "?app_ver="}) {
    EXPECT_EQ(exchange("GET", "/devices/00001" + std::string(query)).status, 400) << query;
  }
}

TEST_F(CompatibleApi, IgnoresOtherParametersAndReadsAColon) {
  ASSERT_EQ(put_device("00001", "1:0", "app.bin"), 200);
  ASSERT_EQ(put_file("app.bin", "x"), 200);
  EXPECT_EQ(exchange("GET", "/devices/00001?product=x&app_ver=1:0&counter=3").status, 200);
}

TEST_F(CompatibleApi, ExplainsARefusalInOneLineOfPlainText) {
  const HttpResponse response = exchange("GET", "/devices/00001");
  EXPECT_EQ(response.field("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(response.body, "app_ver is missing: ask for /devices/<id>?app_ver=<version>\n");
}

TEST_F(CompatibleApi, DownloadsAFileWithAllThatResumingNeeds) {
  ASSERT_EQ(put_file("app.bin", "firmware"), 200);
  const HttpResponse response = exchange("GET", "/files/app.bin");
  EXPECT_EQ(response.field("content-type"), "application/octet-stream");
  EXPECT_EQ(response.field("content-disposition"), "attachment; filename=\"app.bin\"");
  EXPECT_EQ(response.field("content-length"), "8");
  EXPECT_EQ(response.field("accept-ranges"), "bytes");
  EXPECT_EQ(response.field("etag"), etag_of("firmware"));
}

TEST_F(CompatibleApi, NamesAFileInUtf8) {
  ASSERT_EQ(put_file("%e5%90%8d.bin", "x"), 200);
  EXPECT_EQ(exchange("GET", "/files/%E5%90%8D.bin").field("content-disposition"),
            "attachment; filename*=UTF-8''%E5%90%8D.bin");
}

TEST_F(CompatibleApi, ServesARangeOfTheFileThatTheClientKnows) {
  ASSERT_EQ(put_file("app.bin", "firmware"), 200);
  const std::string tag = etag_of("firmware");
  const HttpResponse part =
      exchange("GET", "/files/app.bin", "", {"Range: bytes=4-", "If-Range: " + tag});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.field("content-range"), "bytes 4-7/8");
  EXPECT_EQ(part.body, "ware");
  ASSERT_EQ(put_file("app.bin", "another"), 200);
  const HttpResponse whole =
      exchange("GET", "/files/app.bin", "", {"Range: bytes=4-", "If-Range: " + tag});
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.body, "another");
}

TEST_F(CompatibleApi, RefusesARangeBehindTheEnd) {
  ASSERT_EQ(put_file("app.bin", "firmware"), 200);
  const HttpResponse response = exchange("GET", "/files/app.bin", "", {"Range: bytes=8-"});
  EXPECT_EQ(response.status, 416);
  EXPECT_EQ(response.field("content-range"), "bytes */8");
}

TEST_F(CompatibleApi, AnswersHeadAsGetWithoutTheBody) {
  ASSERT_EQ(put_file("app.bin", "firmware"), 200);
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  for (const char* target : {"/files/app.bin", "/devices", "/devices/00001?app_ver=0.1.0"}) {
    const HttpResponse head = exchange("HEAD", target);
    EXPECT_EQ(head.status, 200) << target;
    EXPECT_EQ(head.field("content-length"), std::to_string(exchange("GET", target).body.size()))
        << target;
  }
  EXPECT_EQ(exchange("HEAD", "/devices/00001?app_ver=other").status, 204);
  EXPECT_EQ(exchange("HEAD", "/files/missing").status, 404);
}

TEST_F(CompatibleApi, RemovesADevice) {
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  EXPECT_EQ(exchange("DELETE", "/devices/00001").status, 200);
  EXPECT_EQ(get_devices(), "");
}

TEST_F(CompatibleApi, RemovesAFileOnlyWhenNoRowPointsAtIt) {
  ASSERT_EQ(put_file("app.bin", "x"), 200);
  ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  EXPECT_EQ(exchange("DELETE", "/files/app.bin").status, 409);
  ASSERT_EQ(exchange("DELETE", "/devices/00001").status, 200);
  EXPECT_EQ(exchange("DELETE", "/files/app.bin").status, 200);
  EXPECT_EQ(get_file("app.bin"), "404");
}

TEST_F(CompatibleApi, NamesTheMethodsOfAPathThatIsAskedWithAnotherOne) {
  const HttpResponse response = exchange("POST", "/devices/00001");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.field("allow"), "GET, HEAD, PUT, DELETE");
  EXPECT_EQ(exchange("PUT", "/devices", "x").field("allow"), "GET, HEAD");
  EXPECT_EQ(exchange("PATCH", "/files/a").field("allow"), "GET, HEAD, PUT, DELETE");
}

TEST_F(CompatibleApi, RefusesABodyOfMoreThanTheLimitBeforeItIsSent) {
  TlsClient tls(server_->client());
  tls.send("PUT /files/a HTTP/1.1\r\nHost: h\r\nAuthorization: " +
           test_support::basic_authorization(test_support::kUsername, test_support::kPassword) +
           "\r\nContent-Length: 16777217\r\nExpect: 100-continue\r\n\r\n");
  const HttpResponse response = HttpReader(tls).receive();
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.body, "the body is longer than 16777216 bytes\n");
}

TEST_F(CompatibleApi, TakesABodyOfExactlyTheLimit) {
  const std::string largest(16 * 1024 * 1024, 'x');
  EXPECT_EQ(put_file("largest.bin", largest), 200);
  EXPECT_TRUE(get_file("largest.bin") == largest);
}

TEST_F(CompatibleApi, RefusesCredentialsBeforeTheBodyIsSent) {
  TlsClient tls(server_->client());
  tls.send("PUT /files/a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(HttpReader(tls).receive().status, 403);
}

TEST_F(CompatibleApi, RefusesEveryPathWithoutTheRightCredentials) {
  const std::string wrong =
      "Authorization: " + test_support::basic_authorization(test_support::kUsername, "wrong") +
      "\r\n";
  for (const std::string& fields : {std::string(), wrong}) {
    for (const char* request :
         {"GET /devices", "GET /files/a", "PUT /devices/1", "GET /none", "POST /devices"}) {
      TlsClient tls(server_->client());
      tls.send(std::string(request) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n" + fields +
               "\r\n");
      EXPECT_EQ(HttpReader(tls).receive().status, 403) << request << fields;
    }
  }
}

TEST_F(CompatibleApi, ListsMoreDevicesThanFitOnePieceWhole) {
  TlsClient tls(server_->client());
  HttpReader reader(tls);
  std::string expected;
  for (int i = 1000; i < 1501; ++i) {
    const std::string id = std::to_string(i);
    const std::string row = "\"" + id + "\",\"0.1.0\",\"app.bin\"";
    expected += row + "\n";
    std::string put = "PUT /devices/" + id + " HTTP/1.1\r\nHost: h\r\nAuthorization: ";
    put += test_support::basic_authorization(test_support::kUsername, test_support::kPassword);
    put.append("\r\nContent-Length: ").append(std::to_string(row.size())).append("\r\n\r\n");
    tls.send(put.append(row));
    ASSERT_EQ(reader.receive().status, 200);
  }
  const HttpResponse response = exchange("GET", "/devices");
  EXPECT_EQ(response.field("transfer-encoding"), "chunked");
  EXPECT_EQ(response.body, expected);
}

TEST_F(CompatibleApi, TakesAnUploadInChunks) {
  TlsClient tls(server_->client());
  tls.send("PUT /files/app.bin HTTP/1.1\r\nHost: h\r\nAuthorization: " +
           test_support::basic_authorization(test_support::kUsername, test_support::kPassword) +
           "\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfirm\r\n4\r\nware\r\n0\r\n\r\n");
  EXPECT_EQ(HttpReader(tls).receive().status, 200);
  EXPECT_EQ(get_file("app.bin"), "firmware");
}

}  // namespace
}  // namespace fuota::server
