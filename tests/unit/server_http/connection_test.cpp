// What a client sees of a connection, over real sockets and TLS, with a handler that is a fake.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/unit/server_http/http_server_fixture.hpp"

namespace fuota::server::http {
namespace {

using std::chrono::milliseconds;
using test_support::ClientOptions;
using test_support::HttpReader;
using test_support::HttpResponse;
using test_support::TlsClient;
using testing::HasSubstr;
using testing::StartsWith;

constexpr milliseconds kShort{100};

class Connections : public HttpServerTest {};

TEST_F(Connections, ServeOneRequestAfterTheOther) {
  start();
  TlsClient tls(client());
  HttpReader reader(tls);
  for (int i = 0; i < 3; ++i) {
    tls.send(request("GET /text"));
    EXPECT_EQ(reader.receive().body, "hello");
  }
}

TEST_F(Connections, CloseAsTlsSaysForAClientThatHasEndedTlsAndStillListens) {
  start();
  TlsClient tls(client());
  tls.end_tls();
  EXPECT_EQ(tls.receive_all(), "");
  EXPECT_TRUE(tls.closed_cleanly());
}

TEST_F(Connections, EndTheTurnOfEachRequestThatTheObserverWasToldOf) {
  start();
  for (std::size_t count = 1; count <= 2; ++count) {
    EXPECT_EQ(exchange("GET /text").status, 200U);
    EXPECT_TRUE(observer_.wait_for_turn_end(count));
  }
}

TEST_F(Connections, AnswerPipelinedRequestsInTheirOrder) {
  start();
  TlsClient tls(client());
  HttpReader reader(tls);
  tls.send(request("GET /text") + request("PUT /echo", "Content-Length: 3\r\n", "abc") +
           request("GET /pieces") + request("PUT /ignore", "Content-Length: 3\r\n", "abc") +
           request("GET /text"));
  EXPECT_EQ(reader.receive().body, "hello");
  EXPECT_EQ(reader.receive().body, "abc");
  EXPECT_EQ(reader.receive().body, "one,two,three");
  EXPECT_EQ(reader.receive().body, "ignored");
  EXPECT_EQ(reader.receive().body, "hello");
}

TEST_F(Connections, HaveRoomForTheBodyOfTheLastOfManyRequests) {
  start();
  TlsClient tls(client());
  const auto padded = [](std::size_t bytes) {
    const std::size_t bare = request("GET /text", "X: \r\n").size();
    return request("GET /text", "X: " + std::string(bytes - bare, 'x') + "\r\n");
  };
  // A header that lacks one byte, then a record that fills the server's buffer to the last byte but
  // one, and ends with the header of a request whose body comes later.
  const std::size_t header_bytes = Limits().header_bytes_max;
  const std::string long_one = padded(header_bytes);
  tls.send(long_one.substr(0, header_bytes - 1));
  const std::string upload = request("PUT /echo", "Transfer-Encoding: chunked\r\n");
  tls.send(long_one.substr(header_bytes - 1) + padded(header_bytes) +
           padded(kProgressBytes - 1 - header_bytes - upload.size()) + upload);
  HttpReader reader(tls);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(reader.receive().body, "hello");
  tls.send("3\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(reader.receive().body, "abc");
}

TEST_F(Connections, EndWhenTheClientAsksForIt) {
  start();
  TlsClient tls(client());
  tls.send(request("GET /text", "Connection: close\r\n"));
  EXPECT_THAT(tls.receive_all(), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(tls.closed_cleanly());
}

TEST_F(Connections, EndAfterAnHttp10Request) {
  start();
  TlsClient tls(client());
  tls.send("GET /text HTTP/1.0\r\n\r\n");
  const std::string all = tls.receive_all();
  EXPECT_THAT(all, StartsWith("HTTP/1.0 200 OK\r\n"));
  EXPECT_THAT(all, HasSubstr("\r\nContent-Length: 5\r\n"));
  EXPECT_TRUE(tls.closed_cleanly());
}

TEST_F(Connections, GoOnAfterAnHttp10RequestThatAsksForIt) {
  start();
  TlsClient tls(client());
  HttpReader reader(tls);
  for (int i = 0; i < 2; ++i) {
    tls.send("GET /text HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(reader.receive().body, "hello");
  }
}

TEST_F(Connections, ServeTls12AsOldDevicesSpeakIt) {
  start();
  ClientOptions options = client();
  options.tls_version_max = TLS1_2_VERSION;
  TlsClient tls(options);
  tls.send(request("GET /text"));
  EXPECT_EQ(HttpReader(tls).receive().body, "hello");
}

TEST_F(Connections, RefuseTls11) {
  start();
  ClientOptions options = client();
  options.tls_version_max = TLS1_1_VERSION;
  EXPECT_THROW(TlsClient{options}, std::runtime_error);
}

TEST_F(Connections, SendTheHeaderAloneToHead) {
  start();
  TlsClient tls(client());
  HttpReader reader(tls);
  tls.send(request("HEAD /text") + request("GET /text"));
  EXPECT_EQ(reader.receive(true).field("content-length"), "5");
  EXPECT_EQ(reader.receive().body, "hello");
}

TEST_F(Connections, SendPiecesInChunks) {
  start();
  const HttpResponse response = exchange("GET /pieces");
  EXPECT_EQ(response.field("transfer-encoding"), "chunked");
  EXPECT_EQ(response.body, "one,two,three");
  EXPECT_TRUE(response.complete);
}

TEST_F(Connections, SendPiecesToHttp10UntilTheEndOfTheConnection) {
  start();
  TlsClient tls(client());
  tls.send("GET /pieces HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const HttpResponse response = HttpReader(tls).receive();
  EXPECT_EQ(response.field("connection"), "");
  EXPECT_EQ(response.body, "one,two,three");
  EXPECT_TRUE(response.complete);
}

TEST_F(Connections, ShowThatABodyIsNotWhole) {
  start();
  EXPECT_FALSE(exchange("GET /broken").complete);
}

TEST_F(Connections, SendAFileWhole) {
  start();
  const HttpResponse response = exchange("GET /file");
  EXPECT_EQ(response.field("content-length"), std::to_string(FakeHandler::kFileBytes));
  EXPECT_EQ(response.field("etag"), "\"tag\"");
  EXPECT_EQ(response.field("accept-ranges"), "bytes");
  EXPECT_TRUE(response.body == FakeHandler::file_content());
}

TEST_F(Connections, SendARangeOfAFile) {
  start();
  const HttpResponse response = exchange("GET /file", "Range: bytes=100000-299999\r\n");
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.field("content-range"),
            "bytes 100000-299999/" + std::to_string(FakeHandler::kFileBytes));
  EXPECT_TRUE(response.body == FakeHandler::file_content().substr(100'000, 200'000));
}

TEST_F(Connections, RefuseARangeBehindTheEnd) {
  start();
  const HttpResponse response = exchange("GET /file", "Range: bytes=99999999-\r\n");
  EXPECT_EQ(response.status, 416);
  EXPECT_EQ(response.field("content-range"), "bytes */" + std::to_string(FakeHandler::kFileBytes));
  EXPECT_EQ(response.body, "");
}

TEST_F(Connections, SendTheWholeFileWhenItIsNotTheOneOfIfRange) {
  start();
  const HttpResponse response = exchange("GET /file", "Range: bytes=5-9\r\nIf-Range: \"old\"\r\n");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body.size(), FakeHandler::kFileBytes);
}

TEST_F(Connections, IgnoreARangeOfHead) {
  start();
  const HttpResponse response = exchange("HEAD /file", "Range: bytes=5-9\r\n");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.field("content-length"), std::to_string(FakeHandler::kFileBytes));
}

TEST_F(Connections, TakeABodyInChunks) {
  start();
  EXPECT_EQ(
      exchange("PUT /echo", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n")
          .body,
      "hello!");
}

TEST_F(Connections, TakeABodyThatIsLargerThanTheirBuffer) {
  start();
  const std::string body(99'999, 'x');
  EXPECT_EQ(exchange("PUT /echo", "Content-Length: 99999\r\n", body).body, body);
}

TEST_F(Connections, TellAClientThatWaitsToSendItsBody) {
  start();
  TlsClient tls(client());
  HttpReader reader(tls);
  tls.send(request("PUT /echo", "Content-Length: 3\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(reader.receive().status, 100);
  tls.send("abc");
  EXPECT_EQ(reader.receive().body, "abc");
}

TEST_F(Connections, RefuseBeforeTheBodyIsSent) {
  start();
  TlsClient tls(client());
  HttpReader reader(tls);
  tls.send(request("PUT /echo", "Content-Length: 100001\r\nExpect: 100-continue\r\n"));
  const HttpResponse response = reader.receive();
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.field("connection"), "close");
}

TEST_F(Connections, LetTheAnswerBeReadThoughTheBodyIsNotWanted) {
  start();
  TlsClient tls(client());
  tls.send(request("PUT /ignore", "Content-Length: 3000000\r\n"));
  tls.send(std::string(3'000'000, 'x'));
  HttpReader reader(tls);
  EXPECT_EQ(reader.receive().body, "ignored");
}

TEST_F(Connections, BreakOffABodyOfChunksThatIsTooLong) {
  start();
  TlsClient tls(client());
  tls.send(request("PUT /echo", "Transfer-Encoding: chunked\r\n"));
  const std::string chunk = "c350\r\n" + std::string(50'000, 'x') + "\r\n";
  tls.send(chunk + chunk + chunk);
  EXPECT_EQ(HttpReader(tls).receive().status, 413);
}

TEST_F(Connections, RefuseMalformedChunks) {
  start();
  EXPECT_EQ(exchange("PUT /echo", "Transfer-Encoding: chunked\r\n", "nonsense\r\n").status, 400);
}

TEST_F(Connections, RefuseAChunkHeaderWithoutEnd) {
  start();
  EXPECT_EQ(exchange("PUT /echo", "Transfer-Encoding: chunked\r\n", "5;" + std::string(50'000, 'x'))
                .status,
            400);
}

TEST_F(Connections, TellTheHandlerOfABodyThatIsCutShort) {
  start();
  {
    TlsClient tls(client());
    tls.send(request("PUT /echo", "Content-Length: 10\r\n", "abc"));
  }
  EXPECT_EQ(observer_.records(1).at(0).status, 400U);
  EXPECT_EQ(handler_.last_body_end(), BodyStatus::cut_short);
}

TEST_F(Connections, SurviveAnExceptionOfTheHandler) {
  start();
  TlsClient tls(client());
  HttpReader reader(tls);
  tls.send(request("GET /throw") + request("GET /text"));
  EXPECT_EQ(reader.receive().status, 500);
  EXPECT_EQ(reader.receive().body, "hello");
  EXPECT_TRUE(observer_.wait_for_event("thrown by the handler"));
}

TEST_F(Connections, EndAfterARequestThatIsNoHttp) {
  start();
  TlsClient tls(client());
  tls.send("nonsense\r\n\r\n");
  EXPECT_THAT(tls.receive_all(), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_TRUE(tls.closed_cleanly());
}

TEST_F(Connections, EndWhenAClientSpeaksNoTls) {
  start();
  ClientOptions options = client();
  options.with_tls = false;
  TlsClient plain(options);
  plain.send("GET /text HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(plain.receive_all(), testing::Not(HasSubstr("hello")));
}

TEST_F(Connections, AreReportedWithWhatWasAnswered) {
  start();
  static_cast<void>(exchange("GET /text?a=b"));
  const Recorded record = observer_.records(1).at(0);
  EXPECT_EQ(record.method, "GET");
  EXPECT_EQ(record.target, "/text?a=b");
  EXPECT_EQ(record.status, 200U);
  EXPECT_EQ(record.body_bytes, 5U);
  EXPECT_EQ(record.user, "somebody");
  EXPECT_EQ(record.route, "/{}");
  EXPECT_TRUE(record.complete);
}

TEST_F(Connections, AreReportedWithTheBodyThatWasRead) {
  start();
  EXPECT_EQ(exchange("PUT /echo", "Content-Length: 6\r\n", "abcdef").status, 200);
  EXPECT_EQ(observer_.records(1).at(0).received_bytes, 6U);
}

TEST_F(Connections, AreToldFromTheFirstToTheLast) {
  start();
  {
    const TlsClient tls(client());
    EXPECT_TRUE(observer_.wait_for(ConnectionEvent::opened, 1));
    EXPECT_EQ(observer_.count_of(ConnectionEvent::closed), 0);
  }
  EXPECT_TRUE(observer_.wait_for(ConnectionEvent::closed, 1));
}

TEST_F(Connections, AreToldToHaveShakenHandsInFullResumedOrNotAtAll) {
  start();
  ClientOptions options = client();
  options.tls_version_max = TLS1_2_VERSION;
  {
    const TlsClient first(options);
    options.session = first.session();
  }
  static_cast<void>(observer_.handshakes(1));
  { const TlsClient second(options); }
  static_cast<void>(observer_.handshakes(2));
  options.with_tls = false;
  TlsClient plain(options);
  plain.send("no TLS at all\r\n");
  EXPECT_THAT(observer_.handshakes(3),
              testing::ElementsAre(HandshakeOutcome::full, HandshakeOutcome::resumed,
                                   HandshakeOutcome::failed));
}

TEST_F(Connections, TellOfAFileThatIsBeingSentUntilTheClientIsThroughOrGone) {
  start();
  ClientOptions options = client();
  options.receive_buffer_bytes = 4096;
  TlsClient tls(options);
  tls.send(request("GET /file"));
  ASSERT_TRUE(observer_.wait_for(ConnectionEvent::file_begun, 1));
  EXPECT_EQ(observer_.count_of(ConnectionEvent::file_ended), 0);
  tls.reset();
  EXPECT_TRUE(observer_.wait_for(ConnectionEvent::file_ended, 1));
  EXPECT_EQ(exchange("HEAD /file").status, 200);
  EXPECT_EQ(exchange("GET /text").status, 200);
  EXPECT_EQ(observer_.count_of(ConnectionEvent::file_begun), 1);
}

struct RefusedRow {
  const char* fact;
  std::string bytes;
  std::string method;
  std::string target;
};

class RefusedRequests : public Connections, public testing::WithParamInterface<RefusedRow> {};

TEST_P(RefusedRequests, AreReportedWithWhatWasReadOfThem) {
  start();
  TlsClient tls(client());
  tls.send(GetParam().bytes);
  EXPECT_GE(HttpReader(tls).receive().status, 400);
  const Recorded record = observer_.records(1).at(0);
  EXPECT_EQ(record.method, GetParam().method);
  EXPECT_EQ(record.target, GetParam().target);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RefusedRequests,
    testing::Values(
        RefusedRow{"ATunnel", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", "CONNECT", "h:1"},
        RefusedRow{"ATargetThatIsNoPath", "GET text HTTP/1.1\r\nHost: h\r\n\r\n", "GET", "text"},
        RefusedRow{"TwoHosts", "GET /a HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", "GET", "/a"},
        RefusedRow{"AnUnknownExpectation", "PUT /b HTTP/1.1\r\nHost: h\r\nExpect: more\r\n\r\n",
                   "PUT", "/b"},
        RefusedRow{"AnUnknownEncoding",
                   "PUT /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", "PUT", "/c"},
        RefusedRow{"AnUnknownVersion", "GET /d HTTP/2.0\r\nHost: h\r\n\r\n", "GET", "/d"},
        RefusedRow{"ABadLineEnd", "GET /e HTTP/1.1\nHost: h\n\n", "GET", "/e"},
        RefusedRow{"ALineWithoutVersion", "GET /f\r\n\r\n", "GET", "/f"},
        RefusedRow{"TooLongALine", "GET /g" + std::string(9000, 'g'), "GET",
                   "/g" + std::string(9000, 'g')},
        RefusedRow{"TooLongAHeader", "PUT /h HTTP/1.1\r\nA: " + std::string(9000, 'a'), "PUT",
                   "/h"},
        RefusedRow{"ALineBehindEmptyOnes", "\r\n\r\nGET /i HTTP/3\r\n\r\n", "GET", "/i"},
        RefusedRow{"NoHttp", "nonsense\r\n\r\n", "", ""},
        RefusedRow{"Binary", "\x01\x02 /j HTTP/1.1\r\n\r\n", "", ""}),
    [](const auto& row) { return row.param.fact; });

TEST_F(Connections, EndWhenTheHandshakeTakesTooLong) {
  Limits limits;
  limits.handshake_deadline = kShort;
  start(limits);
  ClientOptions options = client();
  options.with_tls = false;
  TlsClient silent(options);
  EXPECT_EQ(silent.receive_all(), "");
}

TEST_F(Connections, EndWhenNoRequestComesAfterTheHandshake) {
  Limits limits;
  limits.header_deadline = kShort;
  start(limits);
  TlsClient tls(client());
  EXPECT_EQ(tls.receive_all(), "");
  EXPECT_TRUE(tls.closed_cleanly());
}

TEST_F(Connections, EndWhenNoFurtherRequestComes) {
  Limits limits;
  limits.idle_deadline = kShort;
  start(limits);
  TlsClient tls(client());
  tls.send(request("GET /text"));
  EXPECT_THAT(tls.receive_all(), HasSubstr("hello"));
  EXPECT_TRUE(tls.closed_cleanly());
}

/// Sends a byte of `text` at a time until the server answers, and returns the answer's status.
int send_slowly(TlsClient& tls, const std::string& text) {
  for (const char c : text) {
    if (!tls.send(std::string(1, c)) || tls.readable_within(10)) break;
  }
  return HttpReader(tls).receive().status;
}

TEST_F(Connections, EndWhenAHeaderComesTooSlowly) {
  Limits limits;
  limits.header_deadline = kShort;
  start(limits);
  TlsClient tls(client());
  EXPECT_EQ(send_slowly(tls, "GET /text HTTP/1.1\r\nX: " + std::string(4000, 'a')), 408);
  EXPECT_EQ(observer_.records(1).at(0).target, "/text");
}

TEST_F(Connections, CountTheFirstHeaderFromTheHandshake) {
  Limits limits;
  limits.header_deadline = std::chrono::milliseconds(2000);
  start(limits);
  TlsClient tls(client());
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_FALSE(tls.readable_within(1500));
  tls.send("GET /text HTTP/1.1\r\n");
  EXPECT_EQ(HttpReader(tls).receive().status, 408);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds(3400));
}

TEST_F(Connections, EndWhenABodyComesTooSlowly) {
  Limits limits;
  limits.body_deadline = kShort;
  start(limits);
  TlsClient tls(client());
  tls.send(request("PUT /echo", "Content-Length: 5000\r\n"));
  EXPECT_EQ(send_slowly(tls, std::string(4000, 'a')), 408);
  EXPECT_EQ(handler_.last_body_end(), BodyStatus::too_slow);
}

TEST_F(Connections, LetALongUploadLiveThatMakesProgress) {
  Limits limits;
  limits.body_deadline = std::chrono::milliseconds(300);
  start(limits);
  TlsClient tls(client());
  HttpReader reader(tls);
  tls.send(request("PUT /echo", "Content-Length: 99000\r\n"));
  const auto begun = std::chrono::steady_clock::now();
  tls.send(std::string(11'000, 'a'));
  for (int i = 0; i < 8; ++i) {
    ASSERT_FALSE(tls.readable_within(60)) << "refused after piece " << i;
    tls.send(std::string(11'000, 'a'));
  }
  EXPECT_GT(std::chrono::steady_clock::now() - begun, limits.body_deadline);
  EXPECT_EQ(reader.receive().status, 200);
}

TEST_F(Connections, EndWhenAnAnswerIsNotTaken) {
  Limits limits;
  limits.write_deadline = kShort;
  start(limits);
  ClientOptions options = client();
  options.receive_buffer_bytes = 4096;
  TlsClient tls(options);
  tls.send(request("GET /file"));
  const Recorded record = observer_.records(1).at(0);
  EXPECT_FALSE(record.complete);
  EXPECT_LT(record.body_bytes, FakeHandler::kFileBytes);
}

TEST_F(Connections, AreServedWhileOthersAreSilent) {
  start();
  std::vector<std::unique_ptr<TlsClient>> silent;
  ClientOptions options = client();
  for (int i = 0; i < 20; ++i) {
    options.with_tls = i % 2 == 0;
    silent.push_back(std::make_unique<TlsClient>(options));
  }
  EXPECT_EQ(exchange("GET /text").body, "hello");
}

TEST_F(Connections, AreServedByAnyThread) {
  start({}, 3);
  std::vector<std::unique_ptr<TlsClient>> clients;
  for (int i = 0; i < 9; ++i) {
    clients.push_back(std::make_unique<TlsClient>(client()));
    clients.back()->send(request("GET /text"));
  }
  for (const auto& tls : clients) EXPECT_EQ(HttpReader(*tls).receive().body, "hello");
}

}  // namespace
}  // namespace fuota::server::http
