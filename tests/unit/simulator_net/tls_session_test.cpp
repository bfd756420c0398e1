// Resuming a TLS session with the next connection of a client (esp_http_client/esp_http_client.c,
// esp_http_client_connect; tcp_transport/transport_ssl.c,
// esp_transport_ssl_session_ticket_operation).

#include "tests/unit/simulator_net/chip.hpp"
#include "tests/unit/simulator_net/tls_server.hpp"

namespace simulator::net {
namespace {

constexpr char kTlsUrl[] = "https://192.168.1.41:50000/x";

void save_sessions(esp_http_client_config_t& config) {
  config.crt_bundle_attach = [](void*) { return ESP_OK; };
  config.save_client_session = true;
}

/// One whole request on a connection of its own; how long connecting took.
std::int64_t fetch(Chip& chip, Client& client) {
  const std::int64_t start_us = chip.now_us();
  EXPECT_EQ(esp_http_client_open(client.handle, 0), ESP_OK);
  const std::int64_t took_us = chip.now_us() - start_us;
  EXPECT_EQ(esp_http_client_fetch_headers(client.handle), 4);
  EXPECT_EQ(client.read_all(), "body");
  EXPECT_EQ(esp_http_client_close(client.handle), ESP_OK);
  return took_us;
}

class SavedSessionOfRealTls : public testing::Test {
 protected:
  SavedSessionOfRealTls() { network_.route(kServer, {"127.0.0.1", server_->port()}); }

  /// Two connections each of one client and of another; which of them the server resumed.
  std::vector<bool> resumed(IdfVersion idf, bool save) {
    unsigned counted = 0;
    {
      Chip chip(network_, idf);
      chip.run([&] {
        for (int i = 0; i < 2; ++i) {
          Client client(kTlsUrl, [&](esp_http_client_config_t& config) {
            config.cert_pem = identity_.certificate_pem.c_str();
            config.save_client_session = save;
          });
          fetch(chip, client);
          fetch(chip, client);
        }
      });
      counted = chip.stack().statistics().resumed_sessions;
    }
    server_.reset();
    EXPECT_EQ(counted, std::count(resumed_.begin(), resumed_.end(), true));
    return resumed_;
  }

  const Identity identity_ = make_identity({"192.168.1.41", ""});
  std::vector<bool> resumed_;
  Network network_;
  std::unique_ptr<TlsServer> server_ =
      std::make_unique<TlsServer>(identity_, [this](TlsServer::Peer& peer) {
        resumed_.push_back(peer.resumed());
        peer.read_request();
        peer.write(http_response(200, "", "body"));
        peer.close_notify();
      });
};

TEST_F(SavedSessionOfRealTls, IsResumedByTheSameClientOnly) {
  EXPECT_EQ(resumed(IdfVersion::v5_5, true), (std::vector<bool>{false, true, false, true}));
}

TEST_F(SavedSessionOfRealTls, IsThereWhenAskedForOnly) {
  EXPECT_EQ(resumed(IdfVersion::v5_5, false), (std::vector<bool>{false, false, false, false}));
}

// esp_http_client/include/esp_http_client.h of v4.4 has no such member.
TEST_F(SavedSessionOfRealTls, IsUnknownToV4) {
  EXPECT_EQ(resumed(IdfVersion::v4_4, true), (std::vector<bool>{false, false, false, false}));
}

class SavedSessionInProcess : public testing::Test {
 protected:
  void set_conditions(const std::function<void(Conditions&, unsigned)>& edit) {
    network_.set_conditions(kServer, [edit](unsigned connection) {
      Conditions conditions;
      edit(conditions, connection);
      return conditions;
    });
  }

  Network network_;
  FixedServer server_{network_, http_response(200, "", "body"), false};
  Chip chip_{network_};
};

TEST_F(SavedSessionInProcess, HalvesTheTimeToConnect) {
  chip_.run([&] {
    Client client(kTlsUrl, save_sessions);
    const std::int64_t first_us = fetch(chip_, client);
    EXPECT_NEAR(static_cast<double>(fetch(chip_, client)), static_cast<double>(first_us) / 2, 10);
  });
  EXPECT_EQ(chip_.stack().statistics().resumed_sessions, 1u);
}

TEST_F(SavedSessionInProcess, IsWorthNothingToAnotherServer) {
  FixedServer other(network_, http_response(200, "", "body"), false, {"192.168.1.41", 50001});
  chip_.run([&] {
    Client client(kTlsUrl, save_sessions);
    fetch(chip_, client);
    esp_http_client_set_url(client.handle, "https://192.168.1.41:50001/x");
    fetch(chip_, client);
  });
  EXPECT_EQ(chip_.stack().statistics().resumed_sessions, 0u);
}

TEST_F(SavedSessionInProcess, MayBeForgottenByTheServer) {
  set_conditions([](Conditions& conditions, unsigned connection) {
    conditions.resumes_sessions = connection != 1;
  });
  chip_.run([&] {
    Client client(kTlsUrl, save_sessions);
    fetch(chip_, client);
    fetch(chip_, client);
    EXPECT_EQ(chip_.stack().statistics().resumed_sessions, 0u);
    fetch(chip_, client);
    EXPECT_EQ(chip_.stack().statistics().resumed_sessions, 1u);
  });
}

// esp-tls/esp_tls_mbedtls.c, esp_mbedtls_get_client_session.
TEST_F(SavedSessionInProcess, TakesHeapUntilTheClientIsGone) {
  chip_.run([&] {
    const std::size_t before = chip_.session().scheduler().heap().free_bytes();
    {
      Client client(kTlsUrl, save_sessions);
      const std::size_t with_client = chip_.session().scheduler().heap().free_bytes();
      for (int i = 0; i < 2; ++i) {
        fetch(chip_, client);
        EXPECT_EQ(chip_.session().scheduler().heap().free_bytes(), with_client - 2'000);
      }
    }
    EXPECT_EQ(chip_.session().scheduler().heap().free_bytes(), before);
  });
}

// A connection needs no session; without memory for one, the next shakes hands in full.
TEST_F(SavedSessionInProcess, IsNotSavedWithoutMemory) {
  chip_.run([&] {
    Client client(kTlsUrl, save_sessions);
    kernel::Heap& heap = chip_.session().scheduler().heap();
    const std::size_t taken = heap.free_bytes() - 43'000;
    ASSERT_TRUE(heap.take(taken));
    fetch(chip_, client);
    heap.give_back(taken);
    fetch(chip_, client);
    EXPECT_EQ(chip_.stack().statistics().resumed_sessions, 0u);
  });
  EXPECT_THAT(
      chip_.console,
      testing::Contains(testing::HasSubstr("Failed to allocate memory for client session ctx")));
}

// esp_mbedtls_get_client_session: a connection without TLS has no session.
TEST_F(SavedSessionInProcess, WithoutTlsIsAnErrorInTheLogOnly) {
  chip_.run([&] {
    Client client(kUrl, save_sessions);
    fetch(chip_, client);
    fetch(chip_, client);
  });
  EXPECT_THAT(chip_.console,
              testing::Contains(testing::HasSubstr("esp_tls session context cannot be NULL")));
}

}  // namespace
}  // namespace simulator::net
