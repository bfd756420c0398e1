// Several requests of one client (esp_http_client/esp_http_client.c, esp_http_client_connect,
// esp_http_client_prepare: an open connection is used again, whatever the last answer said).

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "tests/unit/simulator_net/chip.hpp"
#include "tests/unit/simulator_net/tls_server.hpp"

namespace simulator::net {
namespace {

/// Gives each request of a connection its answer; the last one again when they run out.
class AnsweringServer {
 public:
  AnsweringServer(Network& network, std::vector<PeerAnswer> answers) {
    network.listen(kServer, [this, answers = std::move(answers)] {
      ++connections;
      return std::make_unique<HttpPeer>(
          [this, answers, next = std::size_t{0}](const PeerRequest& request) mutable {
            requests.push_back(request);
            const std::size_t index = std::min(next++, answers.size() - 1);
            return answers[index];
          });
    });
  }

  std::vector<PeerRequest> requests;
  unsigned connections = 0;
};

PeerAnswer kept_open(std::string bytes) {
  return {std::move(bytes), false};
}

class KeepAlive : public testing::TestWithParam<IdfVersion> {
 protected:
  static void set_path(Client& client, const std::string& path) {
    const std::string url = "http://192.168.1.41:50000" + path;
    EXPECT_EQ(esp_http_client_set_url(client.handle, url.c_str()), ESP_OK);
  }

  Network network_;
  Chip chip_{network_, GetParam()};
};

TEST_P(KeepAlive, SetUrlAndOpenUseTheConnectionAgain) {
  AnsweringServer server(network_, {kept_open(http_response(200, "X-First: 1\r\n", "first")),
                                    kept_open(http_response(404, "", "the second"))});
  chip_.run([&] {
    Client client(kUrl);
    ASSERT_EQ(client.get(), 5);
    EXPECT_EQ(client.read_all(), "first");
    client.events.clear();
    set_path(client, "/y");
    ASSERT_EQ(client.get(), 10);
    EXPECT_EQ(esp_http_client_get_status_code(client.handle), 404);
    EXPECT_EQ(client.read_all(), "the second");
    EXPECT_TRUE(esp_http_client_is_complete_data_received(client.handle));
    EXPECT_EQ(client.events.front(), "HEADERS_SENT");  // and no ON_CONNECTED before it
  });
  EXPECT_EQ(server.connections, 1u);
  EXPECT_EQ(chip_.stack().statistics().connections, 1u);
  EXPECT_EQ(server.requests.at(1).target, "/y");
}

// esp_http_client_fetch_headers: the parser is a new one for each response, so that one without a
// body may follow one with a body, and the other way round.
TEST_P(KeepAlive, ResponsesWithAndWithoutABodyFollowEachOther) {
  constexpr char kChunked[] =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  AnsweringServer server(
      network_, {kept_open(kChunked), kept_open("HTTP/1.1 204 No Content\r\n\r\n"),
                 kept_open(http_response(200, "", "")), kept_open(http_response(200, "", "body"))});
  chip_.run([&] {
    Client client(kUrl);
    for (const char* body : {"abc", "", "", "body"}) {
      EXPECT_EQ(client.get(), std::string(body) == "body" ? 4 : 0);
      EXPECT_EQ(client.read_all(), body);
      EXPECT_EQ(client.last_read, 0);
      EXPECT_TRUE(esp_http_client_is_complete_data_received(client.handle));
    }
  });
  EXPECT_EQ(server.connections, 1u);
}

// http_on_headers_complete: there is no body, and nothing that read could tell the end by.
TEST_P(KeepAlive, AHeadLeavesTheConnectionUsable) {
  AnsweringServer server(network_, {kept_open("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"),
                                    kept_open(http_response(200, "", "body"))});
  chip_.run([&] {
    Client client(kUrl);
    esp_http_client_set_method(client.handle, HTTP_METHOD_HEAD);
    EXPECT_EQ(client.get(), 4);
    EXPECT_FALSE(esp_http_client_is_complete_data_received(client.handle));
    esp_http_client_set_method(client.handle, HTTP_METHOD_GET);
    EXPECT_EQ(client.get(), 4);
    EXPECT_EQ(client.read_all(), "body");
  });
  EXPECT_EQ(server.connections, 1u);
}

// Only esp_http_client_perform asks http_should_keep_alive: open writes to a connection that the
// server has announced to close.
TEST_P(KeepAlive, AnAnswerThatClosesIsNotRespected) {
  for (const char* head : {"HTTP/1.1 200 OK\r\nConnection: close\r\n", "HTTP/1.0 200 OK\r\n"}) {
    AnsweringServer server(network_, {{std::string(head) + "Content-Length: 4\r\n\r\nbody", true}});
    chip_.run([&] {
      Client client(kUrl);
      ASSERT_EQ(client.get(), 4);
      EXPECT_EQ(client.read_all(), "body");
      EXPECT_EQ(client.get(), ESP_FAIL);
      EXPECT_EQ(server.connections, 1u);
      // The server has answered the request with a reset, which ends what the chip holds open.
      vTaskDelay(pdMS_TO_TICKS(20));
      EXPECT_EQ(esp_http_client_open(client.handle, 0), ESP_ERR_HTTP_WRITE_DATA);
      EXPECT_EQ(client.events.back(), "ERROR");
      EXPECT_EQ(client.get(), 4);
      EXPECT_EQ(client.read_all(), "body");
    });
    EXPECT_EQ(server.connections, 2u);
    EXPECT_EQ(server.requests.size(), 2u);
  }
}

TEST_P(KeepAlive, CloseMakesTheNextRequestConnect) {
  AnsweringServer server(network_, {{http_response(200, "Connection: close\r\n", "body"), true}});
  chip_.run([&] {
    Client client(kUrl);
    for (int i = 0; i < 2; ++i) {
      ASSERT_EQ(client.get(), 4);
      EXPECT_EQ(client.read_all(), "body");
      EXPECT_EQ(esp_http_client_close(client.handle), ESP_OK);
    }
  });
  EXPECT_EQ(server.connections, 2u);
}

/// Answers once and resets the connection a little later.
class ResettingPeer final : public Peer {
 public:
  void on_data(PeerSide& connection, std::string_view) override {
    connection.send(http_response(200, "", "body"), 0);
    connection.reset(kMillisecond);
  }
};

// A reset, unlike a close, is known before the next request is written.
TEST_P(KeepAlive, AResetMeanwhileFailsTheWrite) {
  network_.listen(kServer, [] { return std::make_unique<ResettingPeer>(); });
  chip_.run([&] {
    Client client(kUrl);
    ASSERT_EQ(client.get(), 4);
    EXPECT_EQ(client.read_all(), "body");
    vTaskDelay(pdMS_TO_TICKS(20));
    EXPECT_EQ(esp_http_client_open(client.handle, 0), ESP_ERR_HTTP_WRITE_DATA);
    EXPECT_EQ(client.events.back(), "ERROR");
    EXPECT_EQ(client.get(), 4);
  });
  EXPECT_EQ(chip_.stack().statistics().connections, 2u);
}

// http_on_body and esp_http_client_read: what came with the headers is kept for the next read, of
// whatever response that is.
TEST_P(KeepAlive, AnUnreadBodyStandsBeforeTheNext) {
  AnsweringServer server(network_, {kept_open(http_response(200, "", "first")),
                                    kept_open(http_response(200, "", "second"))});
  chip_.run([&] {
    Client client(kUrl);
    ASSERT_EQ(client.get(), 5);
    ASSERT_EQ(client.get(), 6);
    EXPECT_EQ(client.read_all(), "firstsecond");
  });
}

// esp_http_client_set_url: another port or host throws it away.
TEST_P(KeepAlive, AnUnreadBodyIsDroppedForAnotherPort) {
  FixedServer second(network_, http_response(200, "", "second"), false, {"192.168.1.41", 50001});
  AnsweringServer server(network_, {kept_open(http_response(200, "", "first"))});
  chip_.run([&] {
    Client client(kUrl);
    ASSERT_EQ(client.get(), 5);
    esp_http_client_set_url(client.handle, "http://192.168.1.41:50001/y");
    ASSERT_EQ(client.get(), 6);
    EXPECT_EQ(client.read_all(), "second");
  });
}

// http_client_prepare_first_line; esp_http_client_set_header: what an application sets stays.
TEST_P(KeepAlive, AReportBetweenTwoRequestsLeavesItsHeaders) {
  AnsweringServer server(network_, {kept_open(http_response(200, "", "x")),
                                    kept_open("HTTP/1.1 204 No Content\r\n\r\n"),
                                    kept_open(http_response(200, "", "x"))});
  const std::string report = R"({"state":"failed"})";
  chip_.run([&] {
    Client client(kUrl);
    client.get();
    client.read_all();
    set_path(client, "/reports");
    esp_http_client_set_method(client.handle, HTTP_METHOD_POST);
    esp_http_client_set_header(client.handle, "Content-Type", "application/json");
    const int size = static_cast<int>(report.size());
    ASSERT_EQ(esp_http_client_open(client.handle, size), ESP_OK);
    EXPECT_EQ(esp_http_client_write(client.handle, report.data(), size), size);
    EXPECT_EQ(esp_http_client_fetch_headers(client.handle), 0);
    EXPECT_EQ(esp_http_client_get_status_code(client.handle), 204);
    set_path(client, "/x");
    esp_http_client_set_method(client.handle, HTTP_METHOD_GET);
    EXPECT_EQ(client.get(), 1);
  });
  ASSERT_EQ(server.requests.size(), 3u);
  EXPECT_EQ(server.connections, 1u);
  EXPECT_EQ(server.requests[1].method, "POST");
  EXPECT_EQ(server.requests[1].header("Content-Length"), std::to_string(report.size()));
  EXPECT_EQ(server.requests[1].header("Content-Type"), "application/json");
  EXPECT_EQ(server.requests[1].body, report);
  const std::string length = GetParam() == IdfVersion::v4_4 ? "0" : "";
  EXPECT_EQ(server.requests[0].header("Content-Length"), length);
  EXPECT_EQ(server.requests[2].header("Content-Length"), length);
  EXPECT_EQ(server.requests[2].header("Content-Type"), "application/json");
}

// esp_http_client_write: an answer before the body was written waits for fetch_headers.
TEST_P(KeepAlive, ABodyMayBeWrittenInPortions) {
  AnsweringServer server(network_, {kept_open("HTTP/1.1 204 No Content\r\n\r\n")});
  chip_.run([&] {
    Client client(kUrl);
    esp_http_client_set_method(client.handle, HTTP_METHOD_POST);
    ASSERT_EQ(esp_http_client_open(client.handle, 6), ESP_OK);
    EXPECT_EQ(esp_http_client_write(client.handle, "abc", 3), 3);
    EXPECT_EQ(esp_http_client_write(client.handle, "def", 3), 3);
    EXPECT_EQ(esp_http_client_fetch_headers(client.handle), 0);
  });
  EXPECT_EQ(server.requests.at(0).body, "abcdef");
}

INSTANTIATE_TEST_SUITE_P(Versions, KeepAlive,
                         testing::Values(IdfVersion::v4_4, IdfVersion::v5_5, IdfVersion::v6_0),
                         [](const auto& tested) {
                           return "Idf" + std::to_string(static_cast<int>(tested.param));
                         });

class Leftovers : public testing::Test {
 protected:
  Network network_;
  Chip chip_{network_};
};

class LeftoversDeathTest : public Leftovers {};

// esp_http_client_flush_response: what it throws away counts as kept (raw_len), and the next read
// copies so much from where nothing is.
TEST_F(LeftoversDeathTest, AReadAfterAFlushEndsTheProcess) {
  AnsweringServer server(network_, {kept_open(http_response(200, "", std::string(5'000, 'x')))});
  EXPECT_DEATH(chip_.run([&] {
    Client client(kUrl);
    client.get();
    client.read_all(1'500);
    client.get();
    char buffer[1'500];
    esp_http_client_read(client.handle, buffer, sizeof buffer);
    esp_http_client_flush_response(client.handle, nullptr);
    esp_http_client_read(client.handle, buffer, sizeof buffer);
  }),
               "flush_response counted bytes that it did not keep");
}

// The same without a read between: the next body begins behind as many bytes of garbage.
TEST_F(Leftovers, AFlushPutsGarbageBeforeTheNextBody) {
  AnsweringServer server(network_, {kept_open("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" +
                                              std::string(2'000, 'x')),
                                    kept_open(http_response(200, "", "next"))});
  chip_.run([&] {
    Client client(kUrl, [](esp_http_client_config_t& config) { config.buffer_size = 40; });
    ASSERT_EQ(client.get(), 2'000);
    int flushed = 0;
    ASSERT_EQ(esp_http_client_flush_response(client.handle, &flushed), ESP_OK);
    ASSERT_EQ(client.get(), 4);
    const std::string body = client.read_all();
    EXPECT_EQ(body.size(), 2'004u);
    EXPECT_EQ(body.substr(2'000), "next");
  });
}

// http_on_body asserts that nothing was taken from what is kept.
TEST_F(LeftoversDeathTest, ABodyThatWasBegunAndNotReadEndsTheProcess) {
  AnsweringServer server(network_, {kept_open(http_response(200, "", "the body"))});
  EXPECT_DEATH(chip_.run([&] {
    Client client(kUrl);
    client.get();
    char buffer[3];
    esp_http_client_read(client.handle, buffer, sizeof buffer);
    client.get();
  }),
               "the body before was begun and not read");
}

TEST_F(LeftoversDeathTest, FlushingAHeadNeverReturns) {
  AnsweringServer server(network_, {kept_open("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")});
  EXPECT_DEATH(chip_.run([&] {
    Client client(kUrl);
    esp_http_client_set_method(client.handle, HTTP_METHOD_HEAD);
    client.get();
    esp_http_client_flush_response(client.handle, nullptr);
  }),
               "it never returns");
}

// Over the host's sockets and TLS.
TEST(KeepAliveOfRealTls, UsesOneHandshakeForSeveralRequests) {
  const Identity identity = make_identity({"192.168.1.41", ""});
  TlsServer server(identity, [](TlsServer::Peer& peer) {
    for (int i = 0; i < 2; ++i) {
      peer.read_request();
      peer.write(http_response(200, "", "body"));
    }
    peer.close_notify();
  });
  Network network;
  network.route(kServer, {"127.0.0.1", server.port()});
  Chip chip(network);
  chip.run([&] {
    Client client("https://192.168.1.41:50000/x", [&](esp_http_client_config_t& config) {
      config.cert_pem = identity.certificate_pem.c_str();
    });
    for (int i = 0; i < 2; ++i) {
      ASSERT_EQ(client.get(), 4);
      EXPECT_EQ(client.read_all(), "body");
    }
    EXPECT_EQ(chip.stack().statistics().connections, 1u);
    // The server has closed: the request is written, and no answer comes.
    EXPECT_EQ(client.get(), ESP_FAIL);
    esp_http_client_close(client.handle);
    EXPECT_EQ(client.get(), 4);
    EXPECT_EQ(client.read_all(), "body");
  });
  EXPECT_EQ(chip.stack().statistics().connections, 2u);
}

}  // namespace
}  // namespace simulator::net
