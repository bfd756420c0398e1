// The bytes that the client sends (esp_http_client/esp_http_client.c and lib/http_header.c).

#include "simulator/net/request_headers.hpp"
#include "tests/unit/simulator_net/chip.hpp"

namespace simulator::net {
namespace {

class Request : public testing::Test {
 protected:
  /// What the server got from a GET of `url`.
  std::string sent_for(const std::string& url,
                       const std::function<void(esp_http_client_config_t&)>& edit = {}) {
    chip_.run([&] {
      Client client(url, edit);
      client.get();
    });
    return server_.requests.empty() ? "nothing" : server_.requests.back().raw;
  }

  Network network_;
  FixedServer server_{network_, http_response(204, "", "")};
  Chip chip_{network_};
};

TEST_F(Request, IsWhatTheChipSends) {
  EXPECT_EQ(sent_for("http://192.168.1.41:50000/devices/00001?app_ver=0.1.0"),
            "GET /devices/00001?app_ver=0.1.0 HTTP/1.1\r\n"
            "User-Agent: ESP32 HTTP Client/1.0\r\n"
            "Host: 192.168.1.41:50000\r\n"
            "\r\n");
}

// esp_http_client/esp_http_client.c, esp_http_client_prepare: Basic credentials are sent without a
// challenge.
TEST_F(Request, CarriesCredentialsWithoutBeingAsked) {
  const std::string raw = sent_for(kUrl, [](esp_http_client_config_t& config) {
    config.username = "server_username";
    config.password = "server_password";
    config.auth_type = HTTP_AUTH_TYPE_BASIC;
  });
  EXPECT_EQ(raw,
            "GET /x HTTP/1.1\r\n"
            "User-Agent: ESP32 HTTP Client/1.0\r\n"
            "Host: 192.168.1.41:50000\r\n"
            "Authorization: Basic c2VydmVyX3VzZXJuYW1lOnNlcnZlcl9wYXNzd29yZA==\r\n"
            "\r\n");
}

TEST_F(Request, CarriesNoCredentialsWithoutAuthType) {
  const std::string raw = sent_for(kUrl, [](esp_http_client_config_t& config) {
    config.username = "u";
    config.password = "p";
  });
  EXPECT_THAT(raw, testing::Not(testing::HasSubstr("Authorization")));
}

TEST_F(Request, TakesCredentialsOfTheUrl) {
  const std::string raw =
      sent_for("http://u:p@192.168.1.41:50000/x",
               [](esp_http_client_config_t& config) { config.auth_type = HTTP_AUTH_TYPE_BASIC; });
  EXPECT_THAT(raw, testing::HasSubstr("Authorization: Basic dTpw\r\n"));
}

TEST_F(Request, TakesHostPathAndQueryInsteadOfAUrl) {
  const std::string raw = sent_for("ignored", [](esp_http_client_config_t& config) {
    config.host = "192.168.1.41";
    config.port = 50000;
    config.path = "/devices";
    config.query = "a=b";
    config.user_agent = "me";
  });
  EXPECT_EQ(raw, "GET /devices?a=b HTTP/1.1\r\nUser-Agent: me\r\nHost: 192.168.1.41:50000\r\n\r\n");
}

TEST(RequestHost, HasNoPortWhenItIsTheDefault) {
  Network network;
  FixedServer server(network, http_response(204, "", ""), true, {"example.org", 80});
  Chip chip(network);
  chip.run([&] {
    Client client("http://example.org/");
    client.get();
  });
  EXPECT_THAT(server.requests.at(0).raw, testing::HasSubstr("Host: example.org\r\n"));
}

// esp_http_client/esp_http_client.c, esp_http_client_prepare
TEST_F(Request, CarriesTheCredentialsOfTheMoment) {
  chip_.run([&] {
    Client client(
        kUrl, [](esp_http_client_config_t& config) { config.auth_type = HTTP_AUTH_TYPE_BASIC; });
    const auto get_as = [&client](const char* username, const char* password) {
      ASSERT_EQ(esp_http_client_set_username(client.handle, username), ESP_OK);
      ASSERT_EQ(esp_http_client_set_password(client.handle, password), ESP_OK);
      ASSERT_EQ(esp_http_client_open(client.handle, 0), ESP_OK);
      EXPECT_GE(esp_http_client_fetch_headers(client.handle), 0);
      ASSERT_EQ(esp_http_client_close(client.handle), ESP_OK);
    };
    get_as(nullptr, nullptr);
    get_as("u", "p");
    get_as(nullptr, nullptr);
    ASSERT_EQ(esp_http_client_delete_header(client.handle, "Authorization"), ESP_OK);
    get_as(nullptr, nullptr);
  });
  ASSERT_EQ(server_.requests.size(), 4U);
  EXPECT_EQ(server_.requests[0].header("Authorization"), "");
  EXPECT_EQ(server_.requests[1].header("Authorization"), "Basic dTpw");
  EXPECT_EQ(server_.requests[2].header("Authorization"), "Basic dTpw") << "what was set stays";
  EXPECT_EQ(server_.requests[3].header("Authorization"), "");
}

// Own headers stand between Host and Authorization.
TEST_F(Request, KeepsTheOrderInWhichHeadersWereSet) {
  chip_.run([&] {
    Client client(kUrl, [](esp_http_client_config_t& config) {
      config.username = "u";
      config.password = "p";
      config.auth_type = HTTP_AUTH_TYPE_BASIC;
    });
    ASSERT_EQ(esp_http_client_set_header(client.handle, "Range", " bytes=5- "), ESP_OK);
    ASSERT_EQ(esp_http_client_set_method(client.handle, HTTP_METHOD_PUT), ESP_OK);
    ASSERT_EQ(esp_http_client_open(client.handle, 3), ESP_OK);
    EXPECT_EQ(esp_http_client_write(client.handle, "abc", 3), 3);
    EXPECT_EQ(esp_http_client_fetch_headers(client.handle), 0);
  });
  EXPECT_EQ(server_.requests.at(0).raw,
            "PUT /x HTTP/1.1\r\n"
            "User-Agent: ESP32 HTTP Client/1.0\r\n"
            "Host: 192.168.1.41:50000\r\n"
            "Range: bytes=5-\r\n"
            "Authorization: Basic dTpw\r\n"
            "Content-Length: 3\r\n"
            "\r\n"
            "abc");
}

struct LengthCase {
  const char* name;
  esp_http_client_method_t method;
  int write_length;
  const char* expected;  ///< header line, or empty
  IdfVersion idf = IdfVersion::v5_5;
};

class BodyHeaders : public testing::TestWithParam<LengthCase> {};

// esp_http_client/esp_http_client.c, http_client_prepare_first_line.
TEST_P(BodyHeaders, FollowFromMethodAndLength) {
  const LengthCase& row = GetParam();
  Network network;
  FixedServer server(network, http_response(204, "", ""));
  Chip chip(network, row.idf);
  chip.run([&] {
    Client client(kUrl);
    esp_http_client_set_method(client.handle, row.method);
    ASSERT_EQ(esp_http_client_open(client.handle, row.write_length), ESP_OK);
    if (row.write_length > 0) {
      const std::string body(static_cast<std::size_t>(row.write_length), 'b');
      esp_http_client_write(client.handle, body.data(), row.write_length);
    }
    if (row.write_length < 0) esp_http_client_write(client.handle, "0\r\n\r\n", 5);
    esp_http_client_fetch_headers(client.handle);
  });
  const PeerRequest& request = server.requests.at(0);
  EXPECT_EQ(request.header("Content-Length") + "|" + request.header("Transfer-Encoding"),
            row.expected);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BodyHeaders,
    testing::Values(LengthCase{"Get", HTTP_METHOD_GET, 0, "|"},
                    LengthCase{"Head", HTTP_METHOD_HEAD, 0, "|"},
                    LengthCase{"Delete", HTTP_METHOD_DELETE, 0, "|"},
                    LengthCase{"EmptyPost", HTTP_METHOD_POST, 0, "0|"},
                    LengthCase{"Post", HTTP_METHOD_POST, 7, "7|"},
                    LengthCase{"Chunked", HTTP_METHOD_POST, -1, "|chunked"},
                    LengthCase{"GetInV4", HTTP_METHOD_GET, 0, "0|", IdfVersion::v4_4},
                    LengthCase{"GetInV6", HTTP_METHOD_GET, 0, "|", IdfVersion::v6_0}),
    [](const auto& tested) { return tested.param.name; });

// esp_http_client/esp_http_client.c, esp_http_client_set_header: they belong to the handle.
TEST_F(Request, HeadersStayUntilTheyAreDeleted) {
  chip_.run([&] {
    Client client(kUrl);
    esp_http_client_set_header(client.handle, "Range", "bytes=1-");
    client.get();
    esp_http_client_close(client.handle);
    client.get();
    esp_http_client_close(client.handle);
    char* value = nullptr;
    EXPECT_EQ(esp_http_client_get_header(client.handle, "range", &value), ESP_OK);
    EXPECT_STREQ(value, "bytes=1-");
    EXPECT_EQ(esp_http_client_delete_header(client.handle, "RANGE"), ESP_OK);
    EXPECT_EQ(esp_http_client_delete_header(client.handle, "RANGE"), ESP_ERR_NOT_FOUND);
    client.get();
  });
  EXPECT_EQ(server_.requests.at(1).header("Range"), "bytes=1-");
  EXPECT_EQ(server_.requests.at(2).header("Range"), "");
}

// esp_http_client/esp_http_client.c, http_client_prepare_first_line: it is built in buffer_size_tx.
TEST_F(Request, ALineThatDoesNotFitTheBufferFails) {
  // "GET /" and " HTTP/1.1\r\n" are 16 bytes, and a NUL must fit too.
  const std::string longest(512 - 16 - 1, 'a');
  const std::string base = "http://192.168.1.41:50000/";
  chip_.run([&] {
    {
      Client fits(base + longest);
      EXPECT_EQ(esp_http_client_open(fits.handle, 0), ESP_OK);
    }
    Client too_long(base + longest + "a");
    EXPECT_EQ(esp_http_client_open(too_long.handle, 0), ESP_FAIL);
  });
  EXPECT_THAT(chip_.console, testing::Contains(testing::HasSubstr("HTTP_CLIENT: Out of buffer")));
}

TEST_F(Request, ABiggerBufferTakesALongerLine) {
  const std::string target(1500, 'a');
  const std::string raw =
      sent_for("http://192.168.1.41:50000/" + target,
               [](esp_http_client_config_t& config) { config.buffer_size_tx = 2048; });
  EXPECT_THAT(raw, testing::StartsWith("GET /" + target + " HTTP/1.1\r\n"));
}

TEST_F(Request, HeadersThatDoNotFitAreSentInPortions) {
  chip_.run([&] {
    Client client(kUrl);
    const std::string value(300, 'v');
    esp_http_client_set_header(client.handle, "A", value.c_str());
    esp_http_client_set_header(client.handle, "B", value.c_str());
    client.get();
  });
  EXPECT_EQ(server_.requests.at(0).header("A"), std::string(300, 'v'));
  EXPECT_EQ(server_.requests.at(0).header("B"), std::string(300, 'v'));
}

// http_header_generate_string: the request then ends in its middle, and open() says ESP_OK.
TEST_F(Request, AHeaderBeyondTheBufferMakesTheServerWaitForEver) {
  chip_.run([&] {
    Client client(kUrl);
    esp_http_client_set_header(client.handle, "A", std::string(600, 'v').c_str());
    EXPECT_EQ(esp_http_client_open(client.handle, 0), ESP_OK);
    EXPECT_EQ(esp_http_client_fetch_headers(client.handle), -ESP_ERR_HTTP_EAGAIN);
  });
  EXPECT_TRUE(server_.requests.empty());
}

// esp_http_client_set_url writes the Host header without the port.
TEST(SetUrl, ToAnotherHostDropsThePortOfTheHostHeader) {
  Network network;
  FixedServer first(network, http_response(204, "", ""), false);
  FixedServer second(network, http_response(204, "", ""), false, {"10.0.0.2", 50000});
  Chip chip(network);
  chip.run([&] {
    Client client(kUrl);
    client.get();
    ASSERT_EQ(esp_http_client_set_url(client.handle, "http://10.0.0.2:50000/y"), ESP_OK);
    client.get();
  });
  EXPECT_EQ(second.requests.at(0).header("Host"), "10.0.0.2");
}

// esp_http_client/esp_http_client.c, esp_http_client_set_url: credentials go to whatever URL is
// used.
TEST(SetUrl, KeepsTheCredentialsForAnotherHost) {
  Network network;
  FixedServer second(network, http_response(204, "", ""), true, {"10.0.0.2", 50000});
  Chip chip(network);
  chip.run([&] {
    Client client(kUrl, [](esp_http_client_config_t& config) {
      config.username = "u";
      config.password = "p";
      config.auth_type = HTTP_AUTH_TYPE_BASIC;
    });
    ASSERT_EQ(esp_http_client_set_url(client.handle, "http://10.0.0.2:50000/y"), ESP_OK);
    client.get();
  });
  EXPECT_EQ(second.requests.at(0).header("Authorization"), "Basic dTpw");
}

TEST(SetUrl, RefusesWhatIsNoUrl) {
  Network network;
  Chip chip(network);
  chip.run([&] {
    Client client(kUrl);
    EXPECT_EQ(esp_http_client_set_url(client.handle, "no url"), ESP_ERR_INVALID_ARG);
    EXPECT_EQ(esp_http_client_set_url(client.handle, nullptr), ESP_ERR_INVALID_ARG);
  });
}

TEST(Init, NeedsAUrlOrHostAndPath) {
  Network network;
  Chip chip(network);
  chip.run([&] {
    esp_http_client_config_t config{};
    EXPECT_EQ(esp_http_client_init(&config), nullptr);
    config.url = "http://[broken";
    EXPECT_EQ(esp_http_client_init(&config), nullptr);
    EXPECT_EQ(chip.stack().statistics().clients_alive, 0u);
  });
}

TEST(Open, KnowsHttpAndHttpsOnly) {
  Network network;
  Chip chip(network);
  chip.run([&] {
    Client client("ftp://192.168.1.41:50000/x");
    EXPECT_EQ(esp_http_client_open(client.handle, 0), ESP_ERR_HTTP_INVALID_TRANSPORT);
    EXPECT_EQ(esp_http_client_get_transport_type(client.handle), HTTP_TRANSPORT_UNKNOWN);
  });
}

}  // namespace
}  // namespace simulator::net
