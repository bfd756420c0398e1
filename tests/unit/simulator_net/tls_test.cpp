// Real TLS over the host's sockets, against OpenSSL (esp-tls/esp_tls_mbedtls.c,
// set_client_config).

#include "tests/unit/simulator_net/chip.hpp"
#include "tests/unit/simulator_net/tls_server.hpp"

namespace simulator::net {
namespace {

/// The URL's host is routed to the server of the test.
class Tls : public testing::Test {
 protected:
  void serve(const Identity& identity, TlsServer::Handler handler = hello) {
    server_ = std::make_unique<TlsServer>(identity, std::move(handler));
  }

  static void hello(TlsServer::Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    peer.close_notify();
  }

  /// GETs from `host` with the pinned certificates; the body, or why there is none.
  std::string get(const std::string& pinned_pem, const std::string& host = "192.168.1.41",
                  const std::function<void(esp_http_client_config_t&)>& edit = {}) {
    network_.route({host, 50000}, {"127.0.0.1", server_->port()});
    Chip chip(network_, idf_);
    std::string result;
    chip.run([&] {
      Client client("https://" + host + ":50000/", [&](esp_http_client_config_t& config) {
        config.cert_pem = pinned_pem.c_str();
        if (edit) edit(config);
      });
      const esp_err_t error = esp_http_client_open(client.handle, 0);
      if (error != ESP_OK) {
        result = "not connected";
        return;
      }
      const std::int64_t length = esp_http_client_fetch_headers(client.handle);
      result = client.read_all();
      if (length < 0 || client.last_read < 0) result += "<broken>";
    });
    console_ = chip.console;
    return result;
  }

  [[nodiscard]] bool logged(const std::string& text) const {
    return std::any_of(console_.begin(), console_.end(), [&](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
  }

  IdfVersion idf_ = IdfVersion::v5_5;
  Network network_;
  std::unique_ptr<TlsServer> server_;
  std::vector<std::string> console_;
};

TEST_F(Tls, ThePinnedCertificateIsAccepted) {
  const Identity identity = make_identity({"192.168.1.41", ""});
  serve(identity);
  EXPECT_EQ(get(identity.certificate_pem), "hello");
}

TEST_F(Tls, ACertificateOfThePinnedAuthorityIsAccepted) {
  const Identity authority = make_authority("our CA");
  serve(make_identity({"server", "DNS:192.168.1.41"}, &authority));
  EXPECT_EQ(get(authority.certificate_pem), "hello");
}

TEST_F(Tls, AnotherCertificateIsRefused) {
  const CertificateOptions options{"192.168.1.41", ""};
  serve(make_identity(options));
  EXPECT_EQ(get(make_identity(options).certificate_pem), "not connected");
  EXPECT_TRUE(logged("esp-tls-mbedtls: mbedtls_ssl_handshake returned -0x2700"));
  EXPECT_FALSE(logged("esp-tls-mbedtls: Failed to verify peer certificate!"));
  EXPECT_TRUE(logged("esp-tls: Failed to open new connection"));
  EXPECT_TRUE(logged("HTTP_CLIENT: Connection failed, sock < 0"));
}

// esp-tls/esp_tls_mbedtls.c, esp_mbedtls_handshake: later versions find no certificate to judge.
TEST_F(Tls, ARefusedCertificateIsNamedInTheLogOfV4) {
  idf_ = IdfVersion::v4_4;
  const CertificateOptions options{"192.168.1.41", ""};
  serve(make_identity(options));
  EXPECT_EQ(get(make_identity(options).certificate_pem), "not connected");
  EXPECT_TRUE(logged("esp-tls-mbedtls: Failed to verify peer certificate!"));
}

// esp-tls/esp_tls_mbedtls.c, set_ca_cert: several certificates, for the rotation of the pin.
TEST_F(Tls, OneOfSeveralPinnedCertificatesIsEnough) {
  const Identity old_pin = make_identity({"old", ""});
  const Identity identity = make_identity({"192.168.1.41", ""});
  serve(identity);
  EXPECT_EQ(get(old_pin.certificate_pem + identity.certificate_pem), "hello");
}

TEST_F(Tls, AnUnreadableCertificateAmongSeveralIsAWarning) {
  const Identity identity = make_identity({"192.168.1.41", ""});
  serve(identity);
  const std::string broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  EXPECT_EQ(get(broken + identity.certificate_pem), "hello");
  EXPECT_TRUE(logged("No. of failed certificates: 1"));
}

class ClientCertificate : public Tls {
 protected:
  ClientCertificate() {
    server_ = std::make_unique<TlsServer>(
        identity_,
        [this](TlsServer::Peer& peer) {
          name_ = peer.client_name();
          hello(peer);
        },
        &authority_);
  }

  std::string get_as(const Identity& client) {
    return get(identity_.certificate_pem, "192.168.1.41", [&](esp_http_client_config_t& config) {
      config.client_cert_pem = client.certificate_pem.c_str();
      config.client_key_pem = client.key_pem.c_str();
    });
  }

  const Identity identity_ = make_identity({"192.168.1.41", ""});
  const Identity authority_ = make_authority("devices");
  std::string name_;
};

// esp-tls/esp_tls_mbedtls.c, set_pki_context
TEST_F(ClientCertificate, IsShownToAServerThatAsksForIt) {
  EXPECT_EQ(get_as(make_identity({"00001", ""}, &authority_)), "hello");
  server_.reset();
  EXPECT_EQ(name_, "00001");
}

TEST_F(ClientCertificate, OfAnotherAuthorityIsNotTakenByTheServer) {
  const Identity other = make_authority("others");
  EXPECT_EQ(get_as(make_identity({"00001", ""}, &other)), "not connected");
}

TEST_F(ClientCertificate, IsMissedByAServerThatNeedsOne) {
  EXPECT_EQ(get(identity_.certificate_pem), "not connected");
}

struct NameCase {
  const char* test_name;
  const char* host;
  const char* common_name;
  const char* alternative_names;
  bool accepted;
};

class ServerName : public Tls, public testing::WithParamInterface<NameCase> {};

// mbedTLS 2.28: dNSName entries only, and the common name only without any of them.
TEST_P(ServerName, IsComparedAsByMbedtls228) {
  const NameCase& row = GetParam();
  const Identity identity = make_identity({row.common_name, row.alternative_names});
  serve(identity);
  EXPECT_EQ(get(identity.certificate_pem, row.host), row.accepted ? "hello" : "not connected");
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ServerName,
    testing::Values(
        NameCase{"CommonName", "example.org", "example.org", "", true},
        NameCase{"OtherCommonName", "example.org", "example.com", "", false},
        NameCase{"CommonNameAddress", "192.168.1.41", "192.168.1.41", "", true},
        NameCase{"DnsName", "example.org", "x", "DNS:a.example,DNS:example.org", true},
        NameCase{"CommonNameIsIgnoredBesideDnsName", "example.org", "example.org", "DNS:a", false},
        NameCase{"AddressAsDnsName", "192.168.1.41", "x", "DNS:192.168.1.41,IP:192.168.1.41", true},
        NameCase{"AddressAsIpOnly", "192.168.1.41", "192.168.1.41", "IP:192.168.1.41", false},
        NameCase{"Wildcard", "a.example.org", "x", "DNS:*.example.org", true}),
    [](const auto& tested) { return tested.param.test_name; });

TEST_F(Tls, TheNameCheckCanBeSkipped) {
  const Identity identity = make_identity({"other", ""});
  serve(identity);
  EXPECT_EQ(
      get(identity.certificate_pem, "192.168.1.41",
          [](esp_http_client_config_t& config) { config.skip_cert_common_name_check = true; }),
      "hello");
}

// mbedtls/Kconfig, MBEDTLS_HAVE_TIME_DATE is off: dates are not checked.
TEST_F(Tls, AnExpiredCertificateIsAccepted) {
  const Identity identity = make_identity({"192.168.1.41", "", -7200, -3600});
  serve(identity);
  EXPECT_EQ(get(identity.certificate_pem), "hello");
}

// esp-tls/esp_tls_mbedtls.c, set_ca_cert: mbedTLS wants the NUL counted in.
TEST_F(Tls, ALengthWithoutTheNulMakesPemUnreadable) {
  const Identity identity = make_identity({"192.168.1.41", ""});
  serve(identity);
  const std::size_t size = identity.certificate_pem.size();
  EXPECT_EQ(get(identity.certificate_pem, "192.168.1.41",
                [&](esp_http_client_config_t& config) { config.cert_len = size + 1; }),
            "hello");
  EXPECT_EQ(get(identity.certificate_pem, "192.168.1.41",
                [&](esp_http_client_config_t& config) { config.cert_len = size; }),
            "not connected");
}

TEST_F(Tls, TheServerIsAskedForByName) {
  const Identity identity = make_identity({"example.org", ""});
  std::string name;
  std::string version;
  serve(identity, [&](TlsServer::Peer& peer) {
    name = peer.server_name();
    version = peer.tls_version();
    hello(peer);
  });
  EXPECT_EQ(get(identity.certificate_pem, "example.org"), "hello");
  server_.reset();
  EXPECT_EQ(name, "example.org");
  EXPECT_EQ(version, "TLSv1.2");
}

struct EndCase {
  const char* test_name;
  bool close_notify;
  bool reset;
  const char* result;
};

class MiddleOfABody : public Tls, public testing::WithParamInterface<EndCase> {};

TEST_P(MiddleOfABody, TheServerEndsTheConnection) {
  const EndCase& row = GetParam();
  const Identity identity = make_identity({"192.168.1.41", ""});
  serve(identity, [&](TlsServer::Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    if (row.close_notify) peer.close_notify();
    if (row.reset) peer.reset();
  });
  EXPECT_THAT(get(identity.certificate_pem), testing::EndsWith(row.result));
}

INSTANTIATE_TEST_SUITE_P(Rows, MiddleOfABody,
                         testing::Values(EndCase{"InOrder", true, false, "hello<broken>"},
                                         EndCase{"WithoutCloseNotify", false, false,
                                                 "hello<broken>"},
                                         EndCase{"ByReset", false, true, "<broken>"}),
                         [](const auto& tested) { return tested.param.test_name; });

TEST_F(Tls, ALongBodyArrivesWhole) {
  const Identity identity = make_identity({"192.168.1.41", ""});
  const std::string body(300'000, 'x');
  serve(identity, [&](TlsServer::Peer& peer) {
    peer.read_request();
    peer.write(http_response(200, "", body));
    peer.close_notify();
  });
  EXPECT_EQ(get(identity.certificate_pem), body);
}

TEST_F(Tls, AServerThatSaysNothingTimesOut) {
  const Identity identity = make_identity({"192.168.1.41", ""});
  std::string rest;
  serve(identity, [&](TlsServer::Peer& peer) {
    peer.read_request();
    rest = peer.read_request();  // until the client gives up
  });
  EXPECT_EQ(get(identity.certificate_pem, "192.168.1.41",
                [](esp_http_client_config_t& config) { config.timeout_ms = 50; }),
            "<broken>");
  server_.reset();
  EXPECT_EQ(rest, "");
}

}  // namespace
}  // namespace simulator::net
