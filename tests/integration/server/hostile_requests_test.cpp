// Requests that no honest client sends, each with its documented answer (docs/protocol.md), and the
// server as it was afterwards.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "tests/integration/server/server_fixture.hpp"

namespace fuota::server {
namespace {

using test_support::HttpReader;
using test_support::HttpResponse;
using test_support::TlsClient;

const std::string kCredentials =
    "Authorization: " +
    test_support::basic_authorization(test_support::kUsername, test_support::kPassword) + "\r\n";

/// A request with the right credentials, otherwise as given.
std::string authorized(const std::string& request_line, const std::string& fields = "",
                       const std::string& body = "") {
  return request_line + " HTTP/1.1\r\nHost: h\r\n" + kCredentials + fields + "\r\n" + body;
}

std::string put(const std::string& target, const std::string& body) {
  return authorized("PUT " + target, "Content-Length: " + std::to_string(body.size()) + "\r\n",
                    body);
}

struct Row {
  const char* fact;
  std::string bytes;
  int status;
};

/// A server with a device and a file, which are to stay as they are.
class HostileRequests : public ServerTest {
 protected:
  void SetUp() override {
    start();
    ASSERT_EQ(put_file("app.bin", "firmware"), 200);
    ASSERT_EQ(put_device("00001", "0.1.0", "app.bin"), 200);
  }

  void expect_unchanged() const {
    EXPECT_EQ(get_devices(), "\"00001\",\"0.1.0\",\"app.bin\"\n");
    EXPECT_EQ(get_file("app.bin"), "firmware");
  }
};

const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
      // Names.
      {"a traversal in the path", authorized("GET /files/../../ca_key.pem"), 404},
      {"a traversal in one segment", authorized("GET /files/.."), 400},
      {"an escaped traversal", authorized("GET /files/..%2f..%2fca_key.pem"), 400},
      {"an escaped traversal with capitals", authorized("GET /files/%2E%2E%2Fca_key.pem"), 400},
      {"a traversal escaped twice", authorized("GET /files/..%252f..%252fca_key.pem"), 404},
      {"a traversal with backslashes", authorized("GET /files/..%5c..%5cca_key.pem"), 400},
      {"an absolute path", authorized("GET /files//etc/passwd"), 404},
      {"an escaped absolute path", authorized("GET /files/%2fetc%2fpasswd"), 400},
      {"the name of a private file", authorized("GET /files/ca_key.pem"), 404},
      {"the name of the database", authorized("GET /files/fuota.db"), 404},
      {"a NUL in a name", authorized("GET /files/app.bin%00.txt"), 400},
      {"a line end in a name", authorized("GET /files/a%0d%0aSet-Cookie:%20x"), 400},
      {"overlong UTF-8", authorized("GET /files/%c0%ae%c0%ae"), 400},
      {"no UTF-8", authorized("GET /files/%ff%fe"), 400},
      {"a surrogate", authorized("GET /files/%ed%a0%80"), 400},
      {"half an escape", authorized("GET /files/a%2"), 400},
      {"an escape of no digits", authorized("GET /files/%zz"), 400},
      {"a lone percent sign", authorized("GET /files/%"), 400},
      {"an empty name", authorized("GET /files/"), 400},
      {"a name of 256 bytes", authorized("GET /files/" + std::string(256, 'a')), 400},
      {"an id of 129 bytes", authorized("GET /devices/" + std::string(129, 'a') + "?app_ver=1"),
       400},
      {"a version of 129 bytes", authorized("GET /devices/00001?app_ver=" + std::string(129, 'a')),
       400},
      {"a quote in an id", authorized("GET /devices/%22?app_ver=1"), 400},
      // Injection.
      {"SQL in an id", authorized("GET /devices/x'%20OR%20'1'='1?app_ver=0.1.0"), 404},
      {"SQL in a version", authorized("GET /devices/00001?app_ver='%20OR%20'1'='1"), 204},
      {"SQL in a name", authorized("GET /files/x'%20OR%20'1'='1"), 404},
      {"SQL in a row to be deleted", authorized("DELETE /devices/x'%20OR%20'1'='1"), 404},
      {"a wildcard in an id", authorized("GET /devices/%25?app_ver=0.1.0"), 404},
      {"another wildcard in an id", authorized("GET /devices/_____?app_ver=0.1.0"), 404},
      // Rows.
      {"a row of two fields", put("/devices/00001", "\"00001\",\"0.2.0\""), 400},
      {"a row of four fields", put("/devices/00001", "\"00001\",\"0.2.0\",\"a\",\"b\""), 400},
      {"two rows", put("/devices/00001", "\"00001\",\"2\",\"a\"\n\"00002\",\"2\",\"a\"\n"), 400},
      {"a quote that is not closed", put("/devices/00001", "\"00001\",\"0.2.0\",\"a"), 400},
      {"something behind a quote", put("/devices/00001", "\"00001\"x,\"0.2.0\",\"a\""), 400},
      {"a NUL in a row", put("/devices/00001", std::string("\"00001\",\"0\0\",\"a\"", 15)), 400},
      {"a path in a row", put("/devices/00001", "\"00001\",\"0.2.0\",\"../ca_key.pem\""), 400},
      {"the row of another device", put("/devices/00001", "\"00002\",\"0.2.0\",\"a\""), 400},
      {"no row", put("/devices/00001", ""), 400},
      {"a long row", put("/devices/00001", std::string(4097, 'a')), 413},
      {"a long row in chunks",
       authorized("PUT /devices/00001", "Transfer-Encoding: chunked\r\n",
                  "2000\r\n" + std::string(8192, 'a') + "\r\n0\r\n\r\n"),
       413},
      {"an empty file", put("/files/app.bin", ""), 400},
      // Framing.
      {"no length", authorized("PUT /files/app.bin"), 411},
      {"two lengths",
       authorized("PUT /files/app.bin", "Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), 400},
      {"a length and chunks",
       authorized("PUT /files/app.bin", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                  "3\r\nabc\r\n0\r\n\r\n"),
       400},
      {"chunks and a length",
       authorized("PUT /files/app.bin", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                  "3\r\nabc\r\n0\r\n\r\n"),
       400},
      {"an unknown encoding",
       authorized("PUT /files/app.bin", "Transfer-Encoding: gzip\r\n", "abc"), 501},
      {"a hidden encoding",
       authorized("PUT /files/app.bin", "Transfer-Encoding: chunked, identity\r\n", "abc"), 501},
      {"a negative length", authorized("PUT /files/app.bin", "Content-Length: -3\r\n", "abc"), 400},
      {"a huge length",
       authorized("PUT /files/app.bin", "Content-Length: 18446744073709551615\r\n", "abc"), 413},
      {"a length beyond 64 bits",
       authorized("PUT /files/app.bin", "Content-Length: 99999999999999999999\r\n", "abc"), 400},
      {"a chunk of a bad size",
       authorized("PUT /files/app.bin", "Transfer-Encoding: chunked\r\n", "xyz\r\nabc\r\n"), 400},
      {"a huge chunk",
       authorized("PUT /files/app.bin", "Transfer-Encoding: chunked\r\n",
                  "ffffffffffffffff\r\nabc\r\n"),
       413},
      {"a chunk without its line end",
       authorized("PUT /files/app.bin", "Transfer-Encoding: chunked\r\n", "3\r\nabcdef\r\n"), 400},
      {"a body that nobody takes", authorized("GET /devices", "Content-Length: 3\r\n", "abc"), 413},
      {"an unknown expectation",
       authorized("PUT /files/app.bin", "Content-Length: 3\r\nExpect: nonsense\r\n", "abc"), 417},
      // The header.
      {"a long request line", "GET /" + std::string(9000, 'a'), 414},
      {"a long field", authorized("GET /devices", "X: " + std::string(9000, 'a') + "\r\n"), 431},
      {"many fields",
       authorized("GET /devices",
                  [] {
                    std::string fields;
                    for (int i = 0; i < 1000; ++i) fields += "X-" + std::to_string(i) + ": y\r\n";
                    return fields;
                  }()),
       431},
      {"a folded field", authorized("GET /devices", "X: a\r\n b\r\n"), 400},
      {"bare line feeds", "GET /devices HTTP/1.1\nHost: h\n\n", 400},
      {"a NUL in a field", authorized("GET /devices", std::string("X: a\0b\r\n", 8)), 400},
      {"a NUL in the path", authorized(std::string("GET /files/a\0b", 14)), 400},
      {"no host", "GET /devices HTTP/1.1\r\n" + kCredentials + "\r\n", 400},
      {"two hosts", authorized("GET /devices", "Host: other\r\n"), 400},
      {"two credentials", authorized("GET /devices", kCredentials), 400},
      {"another version", "GET /devices HTTP/3.0\r\n\r\n", 505},
      {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"no HTTP", "hello\r\n\r\n", 400},
      {"a target that is no path", authorized("GET devices"), 400},
      {"an asterisk", authorized("OPTIONS *"), 400},
      {"a tunnel", authorized("CONNECT example.org:443"), 400},
      {"another method", authorized("TRACE /devices"), 405},
      {"a method of one's own", authorized("FROBNICATE /files/app.bin"), 405},
  };
  return all;
}

TEST_F(HostileRequests, GetTheirDocumentedAnswerAndChangeNothing) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.fact);
    TlsClient tls(server_->client());
    tls.send(row.bytes);
    const HttpResponse response = HttpReader(tls).receive();
    EXPECT_EQ(response.status, row.status);
    EXPECT_TRUE(response.complete);
    EXPECT_EQ(response.field("set-cookie"), "");
  }
  expect_unchanged();
}

TEST_F(HostileRequests, ThatEndInTheMiddleChangeNothing) {
  const std::string uploads[] = {put("/files/app.bin", std::string(50'000, 'x')),
                                 put("/devices/00001", "\"00001\",\"0.2.0\",\"other\""),
                                 authorized("PUT /files/app.bin", "Transfer-Encoding: chunked\r\n",
                                            "5\r\nhello\r\n0\r\n\r\n")};
  for (const std::string& whole : uploads) {
    for (const std::size_t bytes :
         {std::size_t{1}, whole.size() / 3, whole.size() / 2, whole.size() - 1}) {
      TlsClient tls(server_->client());
      tls.send(whole.substr(0, bytes));
      if (bytes % 2 == 0) tls.reset();
    }
  }
  expect_unchanged();
}

/// Requests that two readers could end at different places, by what docs/security.md calls them.
/// Behind each of them stands another request: if the server took the length and a proxy before it
/// the chunks, or the other way round, it would be somebody else's.
const std::vector<Row>& ambiguous_rows() {
  const auto upload = [](const std::string& fields, const std::string& body) {
    return authorized("PUT /files/smuggled", fields, body);
  };
  const auto chunked = [upload](const std::string& body) {
    return upload("Transfer-Encoding: chunked\r\n", body);
  };
  const std::string chunk = "3\r\nabc\r\n0\r\n\r\n";
  static const std::vector<Row> all = {
      {"`Content-Length` and `Transfer-Encoding`",
       upload("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"`Transfer-Encoding` and `Content-Length`",
       upload("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"), 400},
      {"two `Content-Length`, different",
       upload("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), 400},
      {"two `Content-Length`, equal", upload("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
       400},
      {"a list of lengths", upload("Content-Length: 3, 3\r\n", "abc"), 400},
      {"a length with a sign", upload("Content-Length: +3\r\n", "abc"), 400},
      {"a hexadecimal length", upload("Content-Length: 0x3\r\n", "abc"), 400},
      {"an empty length", upload("Content-Length: \r\n", "abc"), 400},
      {"a space before the colon", upload("Content-Length : 3\r\n", "abc"), 400},
      {"a tab before the colon", upload("Transfer-Encoding\t: chunked\r\n", chunk), 400},
      {"`Transfer-Encoding: xchunked`", upload("Transfer-Encoding: xchunked\r\n", chunk), 501},
      {"`Transfer-Encoding: identity`", upload("Transfer-Encoding: identity\r\n", "abc"), 501},
      {"`Transfer-Encoding: chunked` twice",
       upload("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunk), 400},
      {"`chunked, chunked`", upload("Transfer-Encoding: chunked, chunked\r\n", chunk), 501},
      {"chunks in HTTP/1.0",
       "PUT /files/smuggled HTTP/1.0\r\n" + kCredentials + "Transfer-Encoding: chunked\r\n\r\n" +
           chunk,
       400},
      {"a vertical tab before `chunked`", upload("Transfer-Encoding: \vchunked\r\n", chunk), 400},
      {"a folded field", upload("X: a\r\n b\r\nContent-Length: 3\r\n", "abc"), 400},
      {"a folded request line", "GET /devices\r\n HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a field before the first one, folded", "GET /devices HTTP/1.1\r\n X: y\r\nHost: h\r\n\r\n",
       400},
      {"a bare LF behind a field", upload("X: y\nContent-Length: 3\r\n", "abc"), 400},
      {"a bare LF behind the header", "GET /devices HTTP/1.1\r\nHost: h\r\n" + kCredentials + "\n",
       400},
      {"a bare CR in a field", upload("X: y\rContent-Length: 3\r\n", "abc"), 400},
      {"a NUL in a field", upload(std::string("X: a\0b\r\n", 8), ""), 400},
      {"a field without a colon", upload("Content-Length 3\r\n", "abc"), 400},
      {"a field without a name", upload(": 3\r\n", ""), 400},
      {"two `Host`", upload("Host: other\r\nContent-Length: 3\r\n", "abc"), 400},
      {"a chunk size with a sign", chunked("+3\r\nabc\r\n0\r\n\r\n"), 400},
      {"a chunk size with `0x`", chunked("0x3\r\nabc\r\n0\r\n\r\n"), 400},
      {"a chunk size with a space before it", chunked(" 3\r\nabc\r\n0\r\n\r\n"), 400},
      {"no chunk size", chunked("\r\nabc\r\n0\r\n\r\n"), 400},
      {"a chunk size beyond 64 bits", chunked("10000000000000003\r\nabc\r\n0\r\n\r\n"), 400},
      {"a chunk size beyond the limit", chunked("ffffffffffffffff\r\nabc\r\n0\r\n\r\n"), 413},
      {"a bare LF behind a chunk size", chunked("3\nabc\r\n0\r\n\r\n"), 400},
      {"a bare LF in a chunk's extension", chunked("3;x=\"\n0\"\r\nabc\r\n0\r\n\r\n"), 400},
      {"a quote that a chunk's line doesn't end", chunked("3;x=\"y\r\nabc\r\n0\r\n\r\n"), 400},
      {"a chunk longer than its size", chunked("3\r\nabcd\r\n0\r\n\r\n"), 400},
      {"a bare LF behind a chunk", chunked("3\r\nabc\n0\r\n\r\n"), 400},
      {"a chunk's extension without end",
       chunked("3;x=" + std::string(40'000, 'y') + "\r\nabc\r\n0\r\n\r\n"), 400},
      {"fields without end behind the chunks",
       chunked("3\r\nabc\r\n0\r\nX: " + std::string(40'000, 'y') + "\r\n\r\n"), 400},
      {"no HTTP at all", std::string("\x16\x03\x01\0\xff\r\n\r\n", 9), 400},
      {"a request of HTTP/0.9", "GET /devices\r\n\r\n", 400},
      {"two spaces in the request line", "GET  /devices HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a target in authority form", authorized("CONNECT h:443"), 400},
      {"`Expect: nonsense`", upload("Content-Length: 3\r\nExpect: nonsense\r\n", "abc"), 417},
      {"a header longer than its limit", upload("X: " + std::string(9000, 'a') + "\r\n", ""), 431},
  };
  return all;
}

TEST_F(HostileRequests, CannotHideASecondRequestInTheFirst) {
  for (const Row& row : ambiguous_rows()) {
    SCOPED_TRACE(row.fact);
    TlsClient tls(server_->client());
    tls.send(row.bytes + authorized("DELETE /devices/00001"));
    HttpReader reader(tls);
    const HttpResponse response = reader.receive();
    EXPECT_EQ(response.status, row.status) << response.body;
    EXPECT_EQ(response.field("connection"), "close");
    // Nothing follows: what came behind it is nobody's request.
    EXPECT_EQ(reader.receive().status, 0);
  }
  expect_unchanged();
  EXPECT_EQ(get_file("smuggled"), "404");
}

TEST_F(HostileRequests, AreAnsweredAsThePageOnSecuritySays) {
  std::map<std::string, int> documented;
  std::ifstream page(FUOTA_SECURITY_PAGE);
  std::string line;
  while (std::getline(page, line) && line != "| request | answer |") {
  }
  std::getline(page, line);
  while (std::getline(page, line) && line.starts_with("| ")) {
    const std::size_t middle = line.rfind(" | ");
    documented[line.substr(2, middle - 2)] = std::stoi(line.substr(middle + 3));
  }
  std::map<std::string, int> rows;
  for (const Row& row : ambiguous_rows()) rows[row.fact] = row.status;
  EXPECT_EQ(documented, rows);
}

}  // namespace
}  // namespace fuota::server
