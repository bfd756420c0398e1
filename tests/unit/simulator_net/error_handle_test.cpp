// What the data of HTTP_EVENT_ERROR and HTTP_EVENT_DISCONNECTED tells of a failure
// (tcp_transport/transport_ssl.c; esp-tls/esp_tls.c, tcp_connect; esp-tls/esp_tls_mbedtls.c).

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/simulator_net/chip.hpp"
#include "tests/unit/simulator_net/tls_server.hpp"

namespace simulator::net {

namespace {

using Connect = Conditions::Connect;

constexpr char kTlsUrl[] = "https://192.168.1.41:50000/x";
constexpr int kVerifyFailed = 0x2700;  // MBEDTLS_ERR_X509_CERT_VERIFY_FAILED
constexpr int kNotTrusted = 0x08;      // MBEDTLS_X509_BADCERT_NOT_TRUSTED

struct Failure {
  esp_err_t error = ESP_OK;
  int mbedtls_code = 0;
  int certificate_flags = 0;

  friend bool operator==(const Failure&, const Failure&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Failure& failure) {
    return out << std::hex << "{0x" << failure.error << ", 0x" << failure.mbedtls_code << ", 0x"
               << failure.certificate_flags << "}";
  }
};

/// As an application takes it.
Failure take(esp_tls_error_handle_t handle) {
  Failure failure;
  failure.error =
      esp_tls_get_and_clear_last_error(handle, &failure.mbedtls_code, &failure.certificate_flags);
  return failure;
}

/// One attempt, with a fresh client.
Failure failure_of(Chip& chip, const std::string& url,
                   const std::function<void(esp_http_client_config_t&)>& edit = {}) {
  Failure failure;
  chip.run([&] {
    Client client(url, edit);
    EXPECT_EQ(esp_http_client_open(client.handle, 0), ESP_ERR_HTTP_CONNECT);
    EXPECT_EQ(client.events, std::vector<std::string>{"ERROR"});
    failure = take(client.error);
  });
  return failure;
}

void trust_a_bundle(esp_http_client_config_t& config) {
  config.crt_bundle_attach = [](void*) { return ESP_OK; };
}

const Identity& pinned() {
  static const Identity identity = make_identity({"192.168.1.41", ""});
  return identity;
}

void pin(esp_http_client_config_t& config) {
  config.cert_pem = pinned().certificate_pem.c_str();
}

struct ConnectCase {
  const char* test_name;
  const char* host;
  Connect connect;
  esp_err_t last_error;
};

class FailureToConnect : public testing::TestWithParam<ConnectCase> {};

TEST_P(FailureToConnect, IsToldWithAndWithoutTls) {
  const ConnectCase& row = GetParam();
  Network network;
  FixedServer server(network, http_response(204, "", ""));
  network.set_conditions(kServer, [&](unsigned) {
    Conditions conditions;
    conditions.connect = row.connect;
    return conditions;
  });
  Chip chip(network);
  const Failure expected{row.last_error, 0, 0};
  EXPECT_EQ(failure_of(chip, std::string("http://") + row.host), expected);
  EXPECT_EQ(failure_of(chip, std::string("https://") + row.host, trust_a_bundle), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, FailureToConnect,
    testing::Values(ConnectCase{"UnknownName", "nowhere.example", Connect::accepted,
                                ESP_ERR_ESP_TLS_CANNOT_RESOLVE_HOSTNAME},
                    ConnectCase{"NobodyListens", "192.168.1.41:50001", Connect::accepted,
                                ESP_ERR_ESP_TLS_FAILED_CONNECT_TO_HOST},
                    ConnectCase{"Refused", "192.168.1.41:50000", Connect::refused,
                                ESP_ERR_ESP_TLS_FAILED_CONNECT_TO_HOST},
                    ConnectCase{"Unanswered", "192.168.1.41:50000", Connect::unanswered,
                                ESP_ERR_ESP_TLS_CONNECTION_TIMEOUT}),
    [](const auto& tested) { return tested.param.test_name; });

struct HandshakeCase {
  const char* test_name;
  IdfVersion idf;
  Connect connect;
  bool bundle;
  Failure expected;
};

class FailedHandshake : public testing::TestWithParam<HandshakeCase> {};

// esp_mbedtls_handshake. Since v5 the flags are asked for only if mbedtls_ssl_get_peer_cert gives a
// certificate, which it does not before the end of a handshake (mbedtls/library/ssl_tls.c).
TEST_P(FailedHandshake, IsToldWithTheCodeOfMbedtls) {
  const HandshakeCase& row = GetParam();
  Network network;
  FixedServer server(network, http_response(204, "", ""));
  network.set_conditions(kServer, [&](unsigned) {
    Conditions conditions;
    conditions.connect = row.connect;
    return conditions;
  });
  Chip chip(network, row.idf);
  EXPECT_EQ(failure_of(chip, kTlsUrl, row.bundle ? trust_a_bundle : pin), row.expected);
}

constexpr esp_err_t kHandshake = ESP_ERR_MBEDTLS_SSL_HANDSHAKE_FAILED;

INSTANTIATE_TEST_SUITE_P(
    Rows, FailedHandshake,
    testing::Values(
        HandshakeCase{"RefusedByAPinAsV4",
                      IdfVersion::v4_4,
                      Connect::tls_refused,
                      false,
                      {kHandshake, kVerifyFailed, kNotTrusted}},
        HandshakeCase{"RefusedByABundleAsV4",
                      IdfVersion::v4_4,
                      Connect::tls_refused,
                      true,
                      {kHandshake, kVerifyFailed, 0}},
        HandshakeCase{"RefusedByAPinAsV5",
                      IdfVersion::v5_5,
                      Connect::tls_refused,
                      false,
                      {kHandshake, kVerifyFailed, 0}},
        HandshakeCase{"RefusedByAPinAsV6",
                      IdfVersion::v6_0,
                      Connect::tls_refused,
                      false,
                      {kHandshake, kVerifyFailed, 0}},
        HandshakeCase{
            "BrokenAsV4", IdfVersion::v4_4, Connect::tls_broken, false, {kHandshake, 0x7780, 0}},
        HandshakeCase{
            "BrokenAsV5", IdfVersion::v5_5, Connect::tls_broken, false, {kHandshake, 0x7780, 0}}),
    [](const auto& tested) { return tested.param.test_name; });

struct SetupCase {
  const char* test_name;
  void (*edit)(esp_http_client_config_t&);
  esp_err_t last_error;
  bool has_code;
};

class UnusableConfiguration : public testing::TestWithParam<SetupCase> {};

// esp-tls/esp_tls_mbedtls.c, set_client_config, set_ca_cert, set_pki_context.
TEST_P(UnusableConfiguration, IsToldBeforeTheHandshake) {
  Network network;
  FixedServer server(network, http_response(204, "", ""));
  Chip chip(network);
  const Failure failure = failure_of(chip, kTlsUrl, GetParam().edit);
  EXPECT_EQ(failure.error, GetParam().last_error);
  EXPECT_EQ(failure.mbedtls_code > 0, GetParam().has_code);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, UnusableConfiguration,
    testing::Values(SetupCase{"NoWayToVerify", [](esp_http_client_config_t&) {},
                              ESP_ERR_MBEDTLS_SSL_SETUP_FAILED, false},
                    SetupCase{
                        "NoGlobalStore",
                        [](esp_http_client_config_t& config) { config.use_global_ca_store = true; },
                        ESP_ERR_INVALID_STATE, false},
                    SetupCase{"UnreadablePin",
                              [](esp_http_client_config_t& config) { config.cert_pem = "garbage"; },
                              ESP_ERR_MBEDTLS_X509_CRT_PARSE_FAILED, true},
                    SetupCase{"UnreadableKey",
                              [](esp_http_client_config_t& config) {
                                pin(config);
                                config.client_cert_pem = config.cert_pem;
                                config.client_key_pem = "garbage";
                              },
                              ESP_ERR_MBEDTLS_PK_PARSE_KEY_FAILED, true}),
    [](const auto& tested) { return tested.param.test_name; });

struct MemoryCase {
  const char* test_name;
  IdfVersion idf;
  std::size_t free_bytes;
  Failure expected;
};

class LackOfMemory : public testing::TestWithParam<MemoryCase> {};

// esp-tls/esp_tls.c, esp_tls_init; mbedtls/library/ssl_tls.c, mbedtls_ssl_setup;
// mbedtls/library/bignum.c. In mbedTLS 4 all of them are PSA_ERROR_INSUFFICIENT_MEMORY, -141.
TEST_P(LackOfMemory, IsToldByTheStepThatFoundNone) {
  const MemoryCase& row = GetParam();
  Network network;
  FixedServer server(network, http_response(204, "", ""));
  Chip chip(network, row.idf);
  kernel::Heap& heap = chip.session().scheduler().heap();
  constexpr std::size_t kClientBytes = 2'524;
  ASSERT_TRUE(heap.take(heap.free_bytes() - kClientBytes - row.free_bytes));
  EXPECT_EQ(failure_of(chip, kTlsUrl, pin), row.expected);
  EXPECT_EQ(heap.free_bytes(), kClientBytes + row.free_bytes);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, LackOfMemory,
    testing::Values(
        MemoryCase{"Connection", IdfVersion::v5_5, 2'999, {ESP_ERR_NO_MEM, 0, 0}},
        MemoryCase{
            "Buffers", IdfVersion::v5_5, 24'000, {ESP_ERR_MBEDTLS_SSL_SETUP_FAILED, 0x7F00, 0}},
        MemoryCase{
            "BuffersAsV4", IdfVersion::v4_4, 24'000, {ESP_ERR_MBEDTLS_SSL_SETUP_FAILED, 0x7F00, 0}},
        MemoryCase{
            "BuffersAsV6", IdfVersion::v6_0, 24'000, {ESP_ERR_MBEDTLS_SSL_SETUP_FAILED, 141, 0}},
        MemoryCase{"Handshake", IdfVersion::v5_5, 41'999, {kHandshake, 0x10, 0}},
        MemoryCase{"HandshakeAsV6", IdfVersion::v6_0, 41'999, {kHandshake, 141, 0}}),
    [](const auto& tested) { return tested.param.test_name; });

// mbedtls_ssl_setup wants 16 KiB in one piece, the handshake none so large.
TEST(ScatteredHeap, HasRoomForTheHandshakeAndNotForTheBuffers) {
  Network network;
  FixedServer server(network, http_response(204, "", ""));
  Chip chip(network);
  kernel::Heap& heap = chip.session().scheduler().heap();
  heap.limit_block(16'716);
  EXPECT_EQ(failure_of(chip, kTlsUrl, pin), (Failure{ESP_ERR_MBEDTLS_SSL_SETUP_FAILED, 0x7F00, 0}));
  heap.limit_block(16'717);
  chip.run([] {
    Client client(kTlsUrl, pin);
    EXPECT_EQ(esp_http_client_open(client.handle, 0), ESP_OK);
  });
}

class ErrorHandle : public testing::Test {
 protected:
  Network network_;
  Chip chip_{network_};
};

// tcp_transport/transport.c, esp_transport_get_error_handle; esp-tls/esp_tls.c,
// esp_tls_get_and_clear_last_error.
TEST_F(ErrorHandle, IsClearedByTaking) {
  chip_.run([&] {
    Client client("http://nowhere.example/");
    esp_http_client_open(client.handle, 0);
    EXPECT_EQ(esp_tls_get_and_clear_last_error(client.error, nullptr, nullptr),
              ESP_ERR_ESP_TLS_CANNOT_RESOLVE_HOSTNAME);
    EXPECT_EQ(esp_tls_get_and_clear_last_error(client.error, nullptr, nullptr), ESP_OK);
  });
}

TEST_F(ErrorHandle, ThatIsNullIsAnInvalidState) {
  chip_.run([&] {
    int code = 7;
    EXPECT_EQ(esp_tls_get_and_clear_last_error(nullptr, &code, nullptr), ESP_ERR_INVALID_STATE);
    EXPECT_EQ(code, 7);
  });
}

// tcp_transport/transport.c, esp_transport_get_error_handle.
TEST_F(ErrorHandle, IsNullWithoutATransport) {
  chip_.run([&] {
    Client client("ftp://192.168.1.41/x");
    EXPECT_EQ(esp_http_client_open(client.handle, 0), ESP_ERR_HTTP_INVALID_TRANSPORT);
    EXPECT_EQ(client.events, std::vector<std::string>{"ERROR"});
    EXPECT_EQ(client.error, nullptr);
  });
}

// tcp_transport/transport_ssl.c, tcp_read and ssl_read.
TEST_F(ErrorHandle, TellsThatThePeerHasClosed) {
  FixedServer server(network_, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
  chip_.run([&] {
    Client client(kTlsUrl, trust_a_bundle);
    ASSERT_EQ(client.get(), 10);
    EXPECT_EQ(client.read_all(), "hello");
    EXPECT_EQ(client.events.back(), "ERROR");
    EXPECT_EQ(take(client.error), (Failure{ESP_ERR_ESP_TLS_TCP_CLOSED_FIN, 0, 0}));
  });
}

// esp_http_client/esp_http_client.c, esp_http_client_fetch_headers: no event of its own.
TEST_F(ErrorHandle, ComesWithTheEndWhenThereIsNoResponse) {
  FixedServer server(network_, "");
  chip_.run([&] {
    Client client(kUrl);
    EXPECT_EQ(client.get(), ESP_FAIL);
    EXPECT_EQ(client.error, nullptr);
    esp_http_client_close(client.handle);
    EXPECT_EQ(client.events.back(), "DISCONNECTED");
    EXPECT_EQ(take(client.error), (Failure{ESP_ERR_ESP_TLS_TCP_CLOSED_FIN, 0, 0}));
  });
}

// tcp_transport/transport_ssl.c: each scheme has a transport of its own, for the client's life.
TEST_F(ErrorHandle, BelongsToTheScheme) {
  chip_.run([&] {
    Client client("http://nowhere.example/");
    esp_http_client_open(client.handle, 0);
    const esp_tls_error_handle_t plain = client.error;
    esp_http_client_set_url(client.handle, "https://nowhere.example/");
    esp_http_client_open(client.handle, 0);
    EXPECT_NE(client.error, plain);
    EXPECT_EQ(take(plain).error, ESP_ERR_ESP_TLS_CANNOT_RESOLVE_HOSTNAME);
  });
}

// Real TLS.

/// Takes connections and never says anything.
class SilentServer {
 public:
  SilentServer() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, 1), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { close(socket_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  [[nodiscard]] int port() const { return port_; }

 private:
  const int socket_;
  int port_ = 0;
};

class ErrorHandleOfRealTls : public testing::TestWithParam<IdfVersion> {
 protected:
  Failure failure_against(const Identity& identity) {
    TlsServer server(identity, [](TlsServer::Peer&) {});
    network_.route(kServer, {"127.0.0.1", server.port()});
    Chip chip(network_, GetParam());
    return failure_of(chip, kTlsUrl, pin);
  }
  [[nodiscard]] int flags(int as_v4) const { return GetParam() == IdfVersion::v4_4 ? as_v4 : 0; }

  Network network_;
};

TEST_P(ErrorHandleOfRealTls, TellsOfAnotherCertificate) {
  EXPECT_EQ(failure_against(make_identity({"192.168.1.41", ""})),
            (Failure{kHandshake, kVerifyFailed, flags(kNotTrusted)}));
}

TEST_P(ErrorHandleOfRealTls, TellsOfAnotherName) {
  constexpr int kNameMismatch = 0x04;  // MBEDTLS_X509_BADCERT_CN_MISMATCH
  TlsServer server(pinned(), [](TlsServer::Peer&) {});
  network_.route({"example.org", 50000}, {"127.0.0.1", server.port()});
  Chip chip(network_, GetParam());
  EXPECT_EQ(failure_of(chip, "https://example.org:50000/", pin),
            (Failure{kHandshake, kVerifyFailed, flags(kNameMismatch)}));
}

// esp-tls/esp_tls.c, tcp_connect: the host's sockets fail as the chip's do.
TEST_P(ErrorHandleOfRealTls, TellsOfARefusedConnection) {
  int port = 0;
  {
    const TlsServer gone(pinned(), [](TlsServer::Peer&) {});
    port = gone.port();
  }
  network_.route(kServer, {"127.0.0.1", port});
  Chip chip(network_, GetParam());
  const Failure expected{ESP_ERR_ESP_TLS_FAILED_CONNECT_TO_HOST, 0, 0};
  EXPECT_EQ(failure_of(chip, kTlsUrl, pin), expected);
  EXPECT_EQ(failure_of(chip, kUrl), expected);
}

TEST_P(ErrorHandleOfRealTls, TellsOfANameWithoutAddress) {
  network_.route(kServer, {"nowhere.invalid", 443});
  Chip chip(network_, GetParam());
  EXPECT_EQ(failure_of(chip, kTlsUrl, pin),
            (Failure{ESP_ERR_ESP_TLS_CANNOT_RESOLVE_HOSTNAME, 0, 0}));
}

// esp-tls/esp_tls_mbedtls.c, esp_mbedtls_handshake: the socket's timeout is a failure to receive.
TEST_P(ErrorHandleOfRealTls, TellsOfAServerThatDoesNotShakeHands) {
  constexpr int kReceiveFailed = 0x4C;  // MBEDTLS_ERR_NET_RECV_FAILED
  const SilentServer server;
  network_.route(kServer, {"127.0.0.1", server.port()});
  Chip chip(network_, GetParam());
  EXPECT_EQ(failure_of(chip, kTlsUrl,
                       [](esp_http_client_config_t& config) {
                         pin(config);
                         config.timeout_ms = 50;
                       }),
            (Failure{kHandshake, kReceiveFailed, 0}));
}

INSTANTIATE_TEST_SUITE_P(Versions, ErrorHandleOfRealTls,
                         testing::Values(IdfVersion::v4_4, IdfVersion::v5_5, IdfVersion::v6_0),
                         [](const auto& tested) {
                           return "Idf" + std::to_string(static_cast<int>(tested.param));
                         });

}  // namespace
}  // namespace simulator::net
