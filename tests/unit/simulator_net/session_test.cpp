// What a session owns, and what is left when it ends.

#include "tests/unit/simulator_net/chip.hpp"

namespace simulator::net {
namespace {

// esp_http_client/esp_http_client.c, esp_http_client_cleanup.
TEST(Clients, AreCountedUntilTheyAreCleanedUp) {
  Network network;
  FixedServer server(network, http_response(204, "", ""));
  Chip chip(network);
  chip.run([&] {
    const std::size_t before = chip.session().scheduler().heap().free_bytes();
    {
      Client client(kUrl);
      EXPECT_EQ(chip.stack().statistics().clients_alive, 1u);
      EXPECT_LT(chip.session().scheduler().heap().free_bytes(), before);
      client.get();
    }
    EXPECT_EQ(chip.stack().statistics().clients_alive, 0u);
    EXPECT_EQ(chip.session().scheduler().heap().free_bytes(), before);
  });
}

TEST(ClientsDeathTest, AreNotUsedAfterCleanup) {
  Network network;
  Chip chip(network);
  EXPECT_DEATH(chip.run([] {
    esp_http_client_config_t config{};
    config.url = kUrl;
    esp_http_client_handle_t client = esp_http_client_init(&config);
    esp_http_client_cleanup(client);
    esp_http_client_open(client, 0);
  }),
               "esp_http_client_open: the client was cleaned up already");
}

TEST(ClientsDeathTest, AreNotNull) {
  Network network;
  Chip chip(network);
  EXPECT_DEATH(chip.run([] { esp_http_client_open(nullptr, 0); }), "the client is NULL");
}

// A power cut drops tasks without unwinding; the leak sanitizer would find what nobody owns.
TEST(PowerCut, LeavesNothingBehindWhereverItHappens) {
  Network network;
  FixedServer server(network, http_response(200, "X-Header: value\r\n", std::string(50'000, 'x')));
  for (std::int64_t cut_us = 0; cut_us < 200 * kMillisecond; cut_us += 1'700) {
    Chip chip(network);
    chip.session().scheduler().spawn("device", 10240, 1, [] {
      esp_http_client_config_t config{};
      config.url = kUrl;
      config.username = "u";
      config.password = "p";
      config.auth_type = HTTP_AUTH_TYPE_BASIC;
      esp_http_client_handle_t client = esp_http_client_init(&config);
      esp_http_client_set_header(client, "Range", "bytes=0-");
      if (esp_http_client_open(client, 0) == ESP_OK) {
        esp_http_client_fetch_headers(client);
        char buffer[100];
        while (esp_http_client_read(client, buffer, sizeof buffer) > 0) {
        }
      }
      esp_http_client_cleanup(client);
    });
    chip.session().run(cut_us);
  }
}

}  // namespace
}  // namespace simulator::net
