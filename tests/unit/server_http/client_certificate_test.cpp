// Who a client is by its certificate, and where it comes from.

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>

#include "server/http/limits.hpp"
#include "tests/support/server/certificate_authority.hpp"
#include "tests/unit/server_http/http_server_fixture.hpp"

namespace fuota::server::http {
namespace {

using test_support::CertificateAuthority;
using test_support::ClientOptions;
using test_support::HttpReader;
using test_support::KeyPair;
using test_support::TlsClient;
using TlsSession = std::shared_ptr<ssl_session_st>;

class ClientCertificate : public HttpServerTest, public testing::WithParamInterface<int> {
 protected:
  ClientCertificate() { tls_files_.client_ca = authority_.certificate(); }

  [[nodiscard]] ClientOptions client_with(const KeyPair& own, TlsSession session = nullptr) const {
    ClientOptions options = client();
    options.tls_version_max = GetParam();
    options.own_certificate = own.certificate;
    options.own_key = own.key;
    options.session = std::move(session);
    return options;
  }

  /// The name that the server sees, "-" when it sees none, "refused" when it refuses the client.
  [[nodiscard]] static std::string name_of(const ClientOptions& options) {
    try {
      TlsClient tls(options);
      return name_of(tls);
    } catch (const std::runtime_error&) {
      return "refused";
    }
  }
  [[nodiscard]] static std::string name_of(TlsClient& tls) {
    tls.send(request("GET /name"));
    // With TLS 1.3, a client that is refused learns it when it reads.
    const auto response = HttpReader(tls).receive();
    if (response.status != 200) throw std::runtime_error("no answer");
    return response.body.empty() ? "-" : response.body;
  }

  CertificateAuthority authority_{directory_.path(), "authority"};
  CertificateAuthority stranger_{directory_.path(), "stranger"};
};

TEST_P(ClientCertificate, NamesTheClient) {
  start();
  EXPECT_EQ(name_of(client_with(authority_.issue("device", "00001"))), "00001");
}

TEST_P(ClientCertificate, IsNotDemanded) {
  start();
  EXPECT_EQ(name_of(client_with({})), "-");
}

TEST_P(ClientCertificate, OfAnotherAuthorityIsRefused) {
  start();
  EXPECT_EQ(name_of(client_with(stranger_.issue("device", "00001"))), "refused");
}

TEST_P(ClientCertificate, IsNotAskedForWithoutAnAuthority) {
  tls_files_.client_ca.clear();
  start();
  EXPECT_EQ(name_of(client_with(stranger_.issue("device", "00001"))), "-");
}

TEST_P(ClientCertificate, IsKeptByAResumedSession) {
  start();
  TlsClient first(client_with(authority_.issue("device", "00001")));
  ASSERT_EQ(name_of(first), "00001");
  TlsClient second(client_with({}, first.session()));
  EXPECT_TRUE(second.resumed());
  EXPECT_EQ(name_of(second), "00001");
}

TEST_P(ClientCertificate, IsForgottenWithItsAuthority) {
  start();
  TlsClient first(client_with(authority_.issue("device", "00001")));
  ASSERT_EQ(name_of(first), "00001");
  std::filesystem::copy_file(stranger_.certificate(), authority_.certificate(),
                             std::filesystem::copy_options::overwrite_existing);
  ASSERT_TRUE(tls_->reload().has_value());
  TlsClient second(client_with({}, first.session()));
  EXPECT_FALSE(second.resumed());
  EXPECT_EQ(name_of(second), "-");
}

TEST_P(ClientCertificate, IsForgottenWithItsAuthorityOnAnOpenConnectionToo) {
  start();
  TlsClient tls(client_with(authority_.issue("device", "00001")));
  ASSERT_EQ(name_of(tls), "00001");
  std::filesystem::copy_file(stranger_.certificate(), authority_.certificate(),
                             std::filesystem::copy_options::overwrite_existing);
  ASSERT_TRUE(tls_->reload().has_value());
  EXPECT_EQ(name_of(tls), "-");
}

TEST_P(ClientCertificate, IsKnownOnAnOpenConnectionWhileItsAuthorityIsTrusted) {
  start();
  TlsClient tls(client_with(authority_.issue("device", "00001")));
  ASSERT_EQ(name_of(tls), "00001");
  std::ofstream(authority_.certificate(), std::ios::app)
      << std::ifstream(stranger_.certificate()).rdbuf();
  ASSERT_TRUE(tls_->reload().has_value());
  EXPECT_EQ(name_of(tls), "00001");
}

TEST_P(ClientCertificate, OfAnIntermediateAuthorityIsKnownOnAResumedConnectionAfterAReload) {
  const CertificateAuthority between(directory_.path(), "between", authority_);
  const KeyPair own = between.issue("device", "00001");
  std::ofstream(own.certificate, std::ios::app) << std::ifstream(between.certificate()).rdbuf();
  start();
  TlsClient first(client_with(own));
  ASSERT_EQ(name_of(first), "00001");
  TlsClient second(client_with({}, first.session()));
  ASSERT_TRUE(second.resumed());
  ASSERT_EQ(name_of(second), "00001");
  ASSERT_TRUE(tls_->reload().has_value());
  EXPECT_EQ(name_of(second), "00001");
}

TEST_P(ClientCertificate, EndsWithItsTimeOnAnOpenConnectionToo) {
  constexpr std::chrono::seconds kLifetime{3};
  const auto end = std::chrono::system_clock::now() + kLifetime;
  start();
  TlsClient tls(client_with(authority_.issue_for(kLifetime, "device", "00001")));
  std::string name;
  do {
    name = name_of(tls);
  } while (name == "00001" && std::chrono::system_clock::now() < end + kLifetime);
  EXPECT_EQ(name, "-");
}

TEST_P(ClientCertificate, NamesNobodyWhenItsNameIsNone) {
  using namespace std::string_literals;
  start();
  const std::string longest(kClientNameBytesMax, 'x');
  EXPECT_EQ(name_of(client_with(authority_.issue("longest", longest))), longest);
  for (const std::string& name : {""s, longest + "x", "00001\0.evil"s}) {
    EXPECT_EQ(name_of(client_with(authority_.issue("device", name))), "-") << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, ClientCertificate,
                         testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST_F(HttpServerTest, TellsTheAddressOfTheClient) {
  start();
  EXPECT_EQ(exchange("GET /peer").body, "127.0.0.1");
}

TEST_F(HttpServerTest, TellsAnIpv4AddressAsOneWhereItListensForBoth) {
  listen_ = boost::asio::ip::address_v6::any();
  start();
  EXPECT_EQ(exchange("GET /peer").body, "127.0.0.1");
}

TEST_F(HttpServerTest, SaysWhichFileOfAuthoritiesIsNone) {
  tls_files_.client_ca = tls_files_.certificates.front().key;
  const auto tls = TlsContext::create(tls_files_);
  ASSERT_FALSE(tls.has_value());
  EXPECT_NE(tls.error().find("authorities of clients in " + tls_files_.client_ca),
            std::string::npos);
}

}  // namespace
}  // namespace fuota::server::http
