// Connecting, keeping and losing a connection; the link (esp_http_client/esp_http_client.c,
// esp_http_client_connect).

#include <cerrno>

#include "tests/unit/simulator_net/chip.hpp"

namespace simulator::net {
namespace {

Network::ChooseConditions connecting(Conditions::Connect connect) {
  return [connect](unsigned) {
    Conditions conditions;
    conditions.connect = connect;
    return conditions;
  };
}

class Connection : public testing::Test {
 protected:
  esp_err_t open(const std::string& url = kUrl) {
    esp_err_t error = ESP_OK;
    chip_.run([&] {
      const std::int64_t start_us = chip_.now_us();
      Client client(url, [](esp_http_client_config_t& config) {
        config.crt_bundle_attach = [](void*) { return ESP_OK; };
      });
      error = esp_http_client_open(client.handle, 0);
      errno_ = esp_http_client_get_errno(client.handle);
      took_us_ = chip_.now_us() - start_us;
    });
    return error;
  }

  [[nodiscard]] bool logged(const std::string& text) const {
    return std::any_of(chip_.console.begin(), chip_.console.end(), [&](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
  }

  Network network_;
  Chip chip_{network_};
  int errno_ = 0;
  std::int64_t took_us_ = 0;
};

TEST_F(Connection, ToAnUnknownNameFails) {
  EXPECT_EQ(open("http://nowhere.example/"), ESP_ERR_HTTP_CONNECT);
  EXPECT_TRUE(logged("esp-tls: couldn't get hostname for :nowhere.example:"));
  EXPECT_TRUE(logged("HTTP_CLIENT: Connection failed, sock < 0"));
}

TEST_F(Connection, ToAnAddressWhereNobodyIsTimesOut) {
  EXPECT_EQ(open("http://192.168.1.99:50000/"), ESP_ERR_HTTP_CONNECT);
  EXPECT_NEAR(static_cast<double>(took_us_), 5 * kSecond, kMillisecond);
  EXPECT_TRUE(logged("select() timeout"));
}

TEST_F(Connection, ToAPortWhereNobodyListensIsRefused) {
  FixedServer server(network_, http_response(204, "", ""));
  EXPECT_EQ(open("http://192.168.1.41:50001/"), ESP_ERR_HTTP_CONNECT);
  EXPECT_EQ(errno_, ECONNREFUSED);
  EXPECT_LT(took_us_, kSecond);
}

TEST_F(Connection, ConditionsCanRefuseIt) {
  FixedServer server(network_, http_response(204, "", ""));
  network_.set_conditions(kServer, connecting(Conditions::Connect::refused));
  EXPECT_EQ(open(), ESP_ERR_HTTP_CONNECT);
  EXPECT_EQ(errno_, ECONNREFUSED);
  network_.set_conditions(kServer, connecting(Conditions::Connect::unanswered));
  EXPECT_EQ(open(), ESP_ERR_HTTP_CONNECT);
  EXPECT_NEAR(static_cast<double>(took_us_), 5 * kSecond, kMillisecond);
  EXPECT_EQ(chip_.stack().statistics().failed_connections, 2u);
}

TEST_F(Connection, ConditionsCanRefuseTheCertificate) {
  FixedServer server(network_, http_response(204, "", ""));
  network_.set_conditions(kServer, connecting(Conditions::Connect::tls_refused));
  EXPECT_EQ(open("https://192.168.1.41:50000/"), ESP_ERR_HTTP_CONNECT);
  EXPECT_TRUE(logged("esp-tls-mbedtls: mbedtls_ssl_handshake returned -0x2700"));
  EXPECT_TRUE(logged("transport_base: Failed to open a new connection"));
  // Without TLS there is no certificate.
  EXPECT_EQ(open(), ESP_OK);
}

TEST_F(Connection, HttpsNeedsAWayToVerifyTheServer) {
  FixedServer server(network_, http_response(204, "", ""));
  chip_.run([] {
    Client client("https://192.168.1.41:50000/");
    EXPECT_EQ(esp_http_client_open(client.handle, 0), ESP_ERR_HTTP_CONNECT);
  });
  EXPECT_TRUE(logged("No server verification option set"));
}

TEST_F(Connection, HttpsNeedsReadableCertificates) {
  FixedServer server(network_, http_response(204, "", ""));
  chip_.run([] {
    Client client("https://192.168.1.41:50000/",
                  [](esp_http_client_config_t& config) { config.cert_pem = "garbage"; });
    EXPECT_EQ(esp_http_client_open(client.handle, 0), ESP_ERR_HTTP_CONNECT);
  });
  EXPECT_TRUE(logged("mbedtls_x509_crt_parse of CA cert returned -0x"));
}

// mbedtls/Kconfig, MBEDTLS_ASYMMETRIC_CONTENT_LEN.
TEST_F(Connection, TlsNeedsMemory) {
  FixedServer server(network_, http_response(204, "", ""));
  kernel::Heap& heap = chip_.session().scheduler().heap();
  ASSERT_TRUE(heap.take(heap.free_bytes() - 25'000));
  EXPECT_EQ(open("https://192.168.1.41:50000/"), ESP_ERR_HTTP_CONNECT);
  EXPECT_TRUE(logged("mbedtls_ssl_setup returned -0x7F00"));
  heap.give_back(15'000);
  EXPECT_EQ(open("https://192.168.1.41:50000/"), ESP_ERR_HTTP_CONNECT);
  EXPECT_TRUE(logged("mbedtls_ssl_handshake returned -0x0010"));
  heap.give_back(10'000);
  EXPECT_EQ(open("https://192.168.1.41:50000/"), ESP_OK);
}

// esp_http_client/esp_http_client.c, esp_http_client_connect: an open connection is used again.
TEST_F(Connection, IsReusedWithoutClose) {
  FixedServer server(network_, http_response(200, "", "body"), false);
  chip_.run([&] {
    Client client(kUrl);
    for (int i = 0; i < 3; ++i) {
      ASSERT_EQ(client.get(), 4);
      EXPECT_EQ(client.read_all(), "body");
    }
  });
  EXPECT_EQ(server.connections, 1u);
  EXPECT_EQ(server.requests.size(), 3u);
}

// esp_http_client/esp_http_client.c, esp_http_client_fetch_headers: what is left of a body stands
// before the next response, and http-parser stops there.
TEST_F(Connection, ReusedBeforeTheBodyIsReadGivesNoResponse) {
  const std::string body(5'000, 'b');
  FixedServer server(network_, http_response(200, "", body), false);
  chip_.run([&] {
    Client client(kUrl);
    ASSERT_EQ(client.get(), 5'000);
    EXPECT_EQ(client.get(), -ESP_ERR_HTTP_EAGAIN);
  });
  EXPECT_EQ(server.requests.size(), 2u);
}

TEST_F(Connection, ThatTheServerClosedFailsAtTheNextResponse) {
  FixedServer server(network_, http_response(200, "", "body"), true);
  chip_.run([&] {
    Client client(kUrl);
    ASSERT_EQ(client.get(), 4);
    EXPECT_EQ(client.read_all(), "body");
    EXPECT_EQ(client.get(), ESP_FAIL);
    esp_http_client_close(client.handle);
    EXPECT_EQ(client.get(), 4);
  });
}

// esp_http_client/esp_http_client.c, esp_http_client_set_url.
TEST_F(Connection, EndsWhenTheUrlGetsAnotherPort) {
  FixedServer first(network_, http_response(204, "", ""), false);
  FixedServer second(network_, http_response(204, "", ""), false, {"192.168.1.41", 50001});
  chip_.run([&] {
    Client client(kUrl);
    client.get();
    EXPECT_EQ(esp_http_client_set_url(client.handle, "http://192.168.1.41:50001/y"), ESP_OK);
    EXPECT_EQ(client.events.back(), "DISCONNECTED");
    client.get();
  });
  EXPECT_EQ(second.requests.at(0).target, "/y");
}

class LinkTest : public Connection {};

TEST_F(LinkTest, WithoutLinkNothingIsReached) {
  FixedServer server(network_, http_response(204, "", ""));
  chip_.link.set(LinkStatus::down);
  EXPECT_EQ(open(), ESP_ERR_HTTP_CONNECT);
  EXPECT_TRUE(logged("connect() error: No route to host"));
  EXPECT_EQ(errno_, 0);  // esp-tls/esp_tls.c, tcp_connect: it is not kept
  EXPECT_EQ(server.connections, 0u);
  chip_.link.set(LinkStatus::up);
  EXPECT_EQ(open(), ESP_OK);
}

TEST_F(LinkTest, ASilentLinkTimesOut) {
  FixedServer server(network_, http_response(204, "", ""));
  chip_.link.set(LinkStatus::silent);
  EXPECT_EQ(open(), ESP_ERR_HTTP_CONNECT);
  EXPECT_NEAR(static_cast<double>(took_us_), 5 * kSecond, kMillisecond);
}

TEST_F(LinkTest, AConnectionOverlivesAShortSilence) {
  FixedServer server(network_, http_response(200, "", std::string(100'000, 'x')));
  chip_.run([&] {
    Client client(kUrl);
    client.get();
    chip_.link.set(LinkStatus::silent);
    chip_.after(2 * kSecond, [&] { chip_.link.set(LinkStatus::up); });
    EXPECT_EQ(client.read_all().size(), 100'000u);
  });
}

TEST_F(LinkTest, ARequestThatIsSentInSilenceArrivesLater) {
  FixedServer server(network_, http_response(200, "", "body"), false);
  chip_.run([&] {
    Client client(kUrl);
    client.get();
    client.read_all();
    chip_.link.set(LinkStatus::silent);
    EXPECT_EQ(esp_http_client_open(client.handle, 0), ESP_OK);
    EXPECT_EQ(server.requests.size(), 1u);
    chip_.after(kSecond, [&] { chip_.link.set(LinkStatus::up); });
    EXPECT_EQ(esp_http_client_fetch_headers(client.handle), 4);
  });
}

// "WIFI_EVENT_STA_DISCONNECTED" in wifi.rst: all TCP connections are removed.
TEST_F(LinkTest, AConnectionDiesWithTheLink) {
  FixedServer server(network_, http_response(200, "", std::string(1'000'000, 'x')));
  chip_.run([&] {
    Client client(kUrl);
    client.get();
    chip_.after(kSecond / 2, [&] { chip_.link.set(LinkStatus::down); });
    EXPECT_LT(client.read_all().size(), 1'000'000u);
    EXPECT_EQ(client.last_read, ESP_FAIL);
    EXPECT_EQ(esp_http_client_get_errno(client.handle), ECONNABORTED);
  });
}

TEST_F(LinkTest, AConnectionStaysDeadWhenTheLinkComesBack) {
  FixedServer server(network_, http_response(200, "", "body"), false);
  chip_.run([&] {
    Client client(kUrl);
    client.get();
    client.read_all();
    chip_.link.set(LinkStatus::down);
    chip_.link.set(LinkStatus::up);
    EXPECT_EQ(esp_http_client_open(client.handle, 0), ESP_ERR_HTTP_WRITE_DATA);
    EXPECT_EQ(client.get(), 4);
  });
}

}  // namespace
}  // namespace simulator::net
