// Routes to the host's network, and how virtual time passes there.

#include "tests/unit/simulator_net/chip.hpp"
#include "tests/unit/simulator_net/tls_server.hpp"

namespace simulator::net {
namespace {

TEST(HostNetwork, IsNotReachedUnlessAllowed) {
  Network network;
  EXPECT_EQ(network.on_host({"127.0.0.1", 1}), std::nullopt);
  network.allow_host_network(true);
  EXPECT_EQ(network.on_host({"127.0.0.1", 1}), (Endpoint{"127.0.0.1", 1}));
}

TEST(HostNetwork, ARouteLeadsElsewhere) {
  Network network;
  network.route(kServer, {"127.0.0.1", 7});
  EXPECT_EQ(network.on_host(kServer), (Endpoint{"127.0.0.1", 7}));
}

TEST(HostNetwork, APeerInTheProcessWins) {
  Network network;
  network.allow_host_network(true);
  FixedServer server(network, http_response(204, "", ""));
  EXPECT_EQ(network.on_host(kServer), std::nullopt);
}

TEST(HostNetwork, ARefusedConnectionIsToldAsOnTheChip) {
  int port = 0;
  {
    const TlsServer gone(make_identity({}), [](TlsServer::Peer&) {});
    port = gone.port();
  }
  Network network;
  network.route(kServer, {"127.0.0.1", port});
  Chip chip(network);
  chip.run([] {
    Client client(kUrl);
    EXPECT_EQ(esp_http_client_open(client.handle, 0), ESP_ERR_HTTP_CONNECT);
    EXPECT_EQ(esp_http_client_get_errno(client.handle), ECONNREFUSED);
  });
  EXPECT_THAT(chip.console, testing::Contains(testing::HasSubstr("Connection refused")));
}

TEST(HostNetwork, NeedsTheLinkToo) {
  const Identity identity = make_identity({"192.168.1.41", ""});
  TlsServer server(identity, [](TlsServer::Peer& peer) { peer.read_request(); });
  Network network;
  network.route(kServer, {"127.0.0.1", server.port()});
  Chip chip(network);
  chip.link.set(LinkStatus::down);
  chip.run([&] {
    Client client("https://192.168.1.41:50000/", [&](esp_http_client_config_t& config) {
      config.cert_pem = identity.certificate_pem.c_str();
    });
    EXPECT_EQ(esp_http_client_open(client.handle, 0), ESP_ERR_HTTP_CONNECT);
    chip.link.set(LinkStatus::up);
    EXPECT_EQ(esp_http_client_open(client.handle, 0), ESP_OK);
    chip.link.set(LinkStatus::down);
    EXPECT_EQ(esp_http_client_fetch_headers(client.handle), ESP_FAIL);
    EXPECT_EQ(esp_http_client_get_errno(client.handle), ECONNABORTED);
  });
}

TEST(HostNetwork, VirtualTimePassesAsTheHostsDoes) {
  const Identity identity = make_identity({"192.168.1.41", ""});
  TlsServer server(identity, [](TlsServer::Peer& peer) {
    peer.read_request();
    peer.read_request();
  });
  Network network;
  network.route(kServer, {"127.0.0.1", server.port()});
  Chip chip(network);
  chip.run([&] {
    Client client("https://192.168.1.41:50000/", [&](esp_http_client_config_t& config) {
      config.cert_pem = identity.certificate_pem.c_str();
      config.timeout_ms = 80;
    });
    ASSERT_EQ(esp_http_client_open(client.handle, 0), ESP_OK);
    const std::int64_t start_us = chip.now_us();
    EXPECT_EQ(esp_http_client_fetch_headers(client.handle), -ESP_ERR_HTTP_EAGAIN);
    EXPECT_GE(chip.now_us() - start_us, 80 * kMillisecond);
  });
}

}  // namespace
}  // namespace simulator::net
