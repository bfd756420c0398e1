// Headers, their ambiguities and the events (esp_http_client/esp_http_client.c).

#include "tests/unit/simulator_net/chip.hpp"

namespace simulator::net {
namespace {

struct HeadersCase {
  const char* name;
  const char* answer;
  std::int64_t fetched;         ///< what fetch_headers gives
  std::int64_t content_length;  ///< what get_content_length gives
  bool chunked;
  const char* body;
};

class Headers : public testing::TestWithParam<HeadersCase> {};

// esp_http_client/esp_http_client.c, esp_http_client_fetch_headers.
TEST_P(Headers, AreAmbiguousAsOnTheChip) {
  const HeadersCase& row = GetParam();
  Network network;
  FixedServer server(network, row.answer);
  Chip chip(network);
  chip.run([&] {
    Client client(kUrl);
    EXPECT_EQ(client.get(), row.fetched);
    EXPECT_EQ(esp_http_client_get_content_length(client.handle), row.content_length);
    EXPECT_EQ(esp_http_client_is_chunked_response(client.handle), row.chunked);
    EXPECT_EQ(client.read_all(), row.body);
    EXPECT_EQ(client.last_read, 0);
    EXPECT_TRUE(esp_http_client_is_complete_data_received(client.handle));
  });
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Headers,
    testing::Values(
        HeadersCase{"Length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 5, 5, false,
                    "hello"},
        HeadersCase{"LengthZero", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, 0, true, ""},
        HeadersCase{"NoContent", "HTTP/1.1 204 No Content\r\n\r\n", 0, -1, true, ""},
        // The original server's file download: HTTP/1.0, no length, ends with the connection.
        HeadersCase{"UntilClose", "HTTP/1.0 200 OK\r\n\r\nhello", 0, -1, true, "hello"},
        HeadersCase{"UntilCloseEmpty", "HTTP/1.0 404 Not Found\r\n\r\n", 0, -1, true, ""},
        HeadersCase{"Chunked",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
                    0, -1, true, "hello"}),
    [](const auto& tested) { return tested.param.name; });

// esp_http_client/esp_http_client.c of v4.4.4, esp_http_client_close and esp_http_client_cleanup;
// the order is that of the log in the original project's README.
TEST(Events, ComeInTheOrderOfTheOriginalsLog) {
  Network network;
  FixedServer server(network,
                     "HTTP/1.0 200 OK\r\nServer: BaseHTTP/0.6 Python/3.8.10\r\n"
                     "Content-length: 21\r\n\r\nesp32-fuota.bin.0.1.1");
  Chip chip(network, IdfVersion::v4_4);
  std::vector<std::string> events;
  chip.run([&] {
    esp_http_client_handle_t handle = nullptr;
    {
      Client client(kUrl);
      handle = client.handle;
      client.get();
      EXPECT_EQ(client.read_all(), "esp32-fuota.bin.0.1.1");
      esp_http_client_close(handle);
      events = client.events;
      client.events.clear();
      // Cleanup closes again; seen after the destructor it could not be counted.
      esp_http_client_close(handle);
      events.insert(events.end(), client.events.begin(), client.events.end());
    }
  });
  EXPECT_THAT(events, testing::ElementsAre("ON_CONNECTED", "HEADERS_SENT",
                                           "ON_HEADER Server=BaseHTTP/0.6 Python/3.8.10",
                                           "ON_HEADER Content-length=21", "ON_DATA 21",
                                           "DISCONNECTED", "DISCONNECTED"));
}

// esp_http_client/esp_http_client.c, esp_http_client_close.
TEST(Events, DisconnectedComesOnceInLaterVersions) {
  Network network;
  FixedServer server(network, http_response(204, "", ""));
  Chip chip(network);
  chip.run([&] {
    Client client(kUrl);
    client.get();
    client.events.clear();
    esp_http_client_close(client.handle);
    esp_http_client_close(client.handle);
    EXPECT_THAT(client.events, testing::ElementsAre("DISCONNECTED"));
  });
}

// esp_http_client/esp_http_client.c of v6.0, http_on_status and http_on_headers_complete: to an
// application that is compiled with these headers, events that it doesn't know.
TEST(Events, OfTheStatusAndTheEndOfTheHeadersComeInV6) {
  Network network;
  FixedServer server(network, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  Chip chip(network, IdfVersion::v6_0);
  chip.run([&] {
    Client client(kUrl);
    client.get();
    EXPECT_THAT(client.events,
                testing::ElementsAre("ON_CONNECTED", "HEADERS_SENT", "unknown 7",
                                     "ON_HEADER Content-Length=2", "unknown 7", "ON_DATA 2"));
  });
}

// esp_http_client/esp_http_client.c, http_on_header_event.
TEST(Events, AHeaderThatArrivesInPiecesIsOneEvent) {
  Network network;
  FixedServer server(network, "HTTP/1.1 204 No Content\r\nX-Long: " + std::string(900, 'v') +
                                  "\r\nEmpty:\r\n\r\n");
  Chip chip(network);
  chip.run([&] {
    Client client(kUrl);
    client.get();
    EXPECT_THAT(client.events, testing::Contains("ON_HEADER X-Long=" + std::string(900, 'v')));
    EXPECT_THAT(client.events, testing::Contains("ON_HEADER Empty="));
  });
}

TEST(Events, AnErrorIsOneToo) {
  Network network;
  Chip chip(network);
  chip.run([&] {
    Client client("http://nowhere.example/");
    EXPECT_EQ(esp_http_client_open(client.handle, 0), ESP_ERR_HTTP_CONNECT);
    EXPECT_THAT(client.events, testing::ElementsAre("ERROR"));
  });
}

TEST(Status, IsThatOfTheResponse) {
  Network network;
  FixedServer server(network, http_response(416, "Content-Range: bytes */10\r\n", ""));
  Chip chip(network);
  chip.run([&] {
    Client client(kUrl);
    client.get();
    EXPECT_EQ(esp_http_client_get_status_code(client.handle), 416);
  });
}

TEST(Head, HasALengthAndNoBody) {
  Network network;
  FixedServer server(network, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  Chip chip(network);
  chip.run([&] {
    Client client(kUrl);
    esp_http_client_set_method(client.handle, HTTP_METHOD_HEAD);
    EXPECT_EQ(client.get(), 1000);
  });
}

TEST(Garbage, LeadsToAFailureWhenThePeerCloses) {
  Network network;
  FixedServer server(network, "this is not HTTP");
  Chip chip(network);
  chip.run([&] {
    Client client(kUrl);
    EXPECT_EQ(client.get(), ESP_FAIL);
    EXPECT_EQ(esp_http_client_get_status_code(client.handle), -1);
  });
}

TEST(Redirection, GoesWhereTheLocationSays) {
  Network network;
  FixedServer server(network, http_response(302, "Location: http://10.0.0.2/y\r\n", ""));
  FixedServer other(network, http_response(204, "", ""), true, {"10.0.0.2", 80});
  Chip chip(network);
  chip.run([&] {
    Client client(kUrl);
    EXPECT_EQ(esp_http_client_set_redirection(client.handle), ESP_ERR_INVALID_ARG);
    client.get();
    EXPECT_EQ(esp_http_client_set_redirection(client.handle), ESP_OK);
    client.get();
  });
  EXPECT_EQ(other.requests.at(0).target, "/y");
}

// esp_http_client/esp_http_client.c: only esp_http_client_perform looks at the status of a
// response.
TEST(Redirection, IsNotFollowedByItself) {
  Network network;
  FixedServer server(network, http_response(302, "Location: http://10.0.0.2/y\r\n", ""));
  FixedServer other(network, http_response(204, "", ""), true, {"10.0.0.2", 80});
  Chip chip(network);
  chip.run([&] {
    Client client(kUrl);
    EXPECT_EQ(client.get(), 0);
    EXPECT_EQ(esp_http_client_get_status_code(client.handle), 302);
  });
  EXPECT_EQ(other.connections, 0u);
}

struct DowngradeCase {
  const char* name;
  IdfVersion idf;
  esp_err_t redirected;
  bool in_clear;  ///< the request to the http URL is sent without TLS
};

class Downgrade : public testing::TestWithParam<DowngradeCase> {};

// esp_http_client/esp_http_client.c, esp_http_client_set_redirection: only v5.5.5 refuses. And
// esp_http_client_connect of v6.0: the transport of the first connection stays.
TEST_P(Downgrade, FromHttpsToHttpDependsOnTheVersion) {
  const DowngradeCase& row = GetParam();
  const Endpoint target{"10.0.0.2", 80};
  Network network;
  Chip chip(network, row.idf);
  FixedServer server(network, http_response(302, "Location: http://10.0.0.2/y\r\n", ""));
  FixedServer other(network, http_response(204, "", ""), true, target);
  network.set_conditions(target, [](unsigned) {
    Conditions no_tls;
    no_tls.connect = Conditions::Connect::tls_broken;
    return no_tls;
  });
  chip.run([&] {
    Client client("https://192.168.1.41:50000/x", [](esp_http_client_config_t& config) {
      config.crt_bundle_attach = [](void*) { return ESP_OK; };
    });
    client.get();
    ASSERT_EQ(esp_http_client_set_redirection(client.handle), row.redirected);
    if (row.redirected != ESP_OK) return;
    EXPECT_EQ(esp_http_client_open(client.handle, 0), row.in_clear ? ESP_OK : ESP_ERR_HTTP_CONNECT);
  });
}

INSTANTIATE_TEST_SUITE_P(Versions, Downgrade,
                         testing::Values(DowngradeCase{"V4", IdfVersion::v4_4, ESP_OK, true},
                                         DowngradeCase{"V5", IdfVersion::v5_5,
                                                       ESP_ERR_HTTP_BASE + 13, false},
                                         DowngradeCase{"V6", IdfVersion::v6_0, ESP_OK, false}),
                         [](const auto& tested) { return tested.param.name; });

// esp_http_client/esp_http_client.c, esp_http_client_add_auth: without
// CONFIG_ESP_HTTP_CLIENT_ENABLE_BASIC_AUTH a 401 ends the credentials.
TEST(AddAuth, IsNotSupportedAndSwitchesCredentialsOff) {
  Network network;
  FixedServer server(network, http_response(401, "WWW-Authenticate: Basic realm=\"x\"\r\n", ""));
  Chip chip(network);
  chip.run([&] {
    Client client(kUrl, [](esp_http_client_config_t& config) {
      config.username = "u";
      config.password = "p";
      config.auth_type = HTTP_AUTH_TYPE_BASIC;
    });
    client.get();
    EXPECT_EQ(esp_http_client_add_auth(client.handle), ESP_ERR_NOT_SUPPORTED);
  });
  EXPECT_THAT(chip.console, testing::Contains(testing::HasSubstr(
                                "This authentication method is not supported: Basic realm=")));
}

// esp_http_client/esp_http_client.c, esp_http_client_add_auth.
TEST(AddAuth, WithoutAChallengeOnlyWarns) {
  Network network;
  FixedServer server(network, http_response(401, "", ""));
  Chip chip(network);
  chip.run([&] {
    Client client(kUrl);
    client.get();
    EXPECT_EQ(esp_http_client_add_auth(client.handle), ESP_ERR_NOT_SUPPORTED);
  });
  EXPECT_THAT(chip.console,
              testing::Contains(testing::HasSubstr("does not provide header information")));
}

}  // namespace
}  // namespace simulator::net
