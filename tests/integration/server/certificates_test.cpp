// The server's certificate changes while it runs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "tests/integration/server/server_fixture.hpp"
#include "tests/support/server/certificate_authority.hpp"

namespace fuota::server {
namespace {

using test_support::CertificateAuthority;
using test_support::ClientOptions;
using test_support::HttpReader;
using test_support::KeyPair;
using test_support::TlsClient;
using testing::HasSubstr;
using testing::Not;

class Certificates : public ServerTest {
 protected:
  void start_with_old(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"--cert", old_.certificate.string(), "--key",
                                       old_.key.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    start(arguments);
  }

  static void replace(const std::filesystem::path& file, const std::filesystem::path& by) {
    std::filesystem::copy_file(by, file, std::filesystem::copy_options::overwrite_existing);
  }

  [[nodiscard]] ClientOptions trusting() const {
    ClientOptions options = server_->client();
    options.certificate = authority_.certificate();
    return options;
  }

  [[nodiscard]] std::string shown() const { return TlsClient(trusting()).certificate_name(); }

  [[nodiscard]] static int status_over(TlsClient& tls) {
    tls.send("GET /devices HTTP/1.1\r\nHost: h\r\nAuthorization: " +
             test_support::basic_authorization("server_username", "server_password") + "\r\n\r\n");
    return HttpReader(tls).receive().status;
  }

  CertificateAuthority authority_{directory_.path(), "authority"};
  KeyPair old_ = authority_.issue("used", "old", "IP:127.0.0.1");
  KeyPair next_ = authority_.issue("next", "new", "IP:127.0.0.1");
};

TEST_F(Certificates, AreReadAgainAtSighup) {
  start_with_old();
  TlsClient before(trusting());
  ASSERT_EQ(status_over(before), 200);
  replace(old_.certificate, next_.certificate);
  replace(old_.key, next_.key);
  server_->signal(SIGHUP);
  ASSERT_TRUE(server_->wait_for_log("used.pem (127.0.0.1) was read again"));
  EXPECT_EQ(shown(), "new");
  EXPECT_EQ(status_over(before), 200);
}

TEST_F(Certificates, AreReadAgainWhenTheirFilesChange) {
  start_with_old();
  replace(old_.certificate, next_.certificate);
  replace(old_.key, next_.key);
  ASSERT_TRUE(server_->wait_for_log("was read again"));
  EXPECT_EQ(shown(), "new");
}

TEST_F(Certificates, StayAsTheyAreWhileAKeyIsMissing) {
  start_with_old();
  replace(old_.certificate, next_.certificate);
  server_->signal(SIGHUP);
  ASSERT_TRUE(server_->wait_for_log("certificates that were read before stay in use"));
  EXPECT_EQ(shown(), "old");
  replace(old_.key, next_.key);
  ASSERT_TRUE(server_->wait_for_log("was read again"));
  EXPECT_EQ(shown(), "new");
}

TEST_F(Certificates, ThatEndSoonAreLoggedAtTheStart) {
  start_with_old();
  EXPECT_TRUE(server_->wait_for_log("error the certificate " + old_.certificate.string() +
                                    " (127.0.0.1) is valid only until "));
}

TEST_F(Certificates, OfTheServersOwnMakingAreNotLogged) {
  start();
  EXPECT_THAT(server_->log(), Not(HasSubstr("valid only until")));
}

TEST_F(Certificates, OfDevicesAreAskedForAndVerified) {
  start_with_old({"--client-ca", authority_.certificate().string()});
  const KeyPair own = authority_.issue("device", "00001");
  const CertificateAuthority stranger(directory_.path(), "stranger");
  const KeyPair forged = stranger.issue("forged", "00001");
  ClientOptions options = trusting();
  options.own_certificate = own.certificate;
  options.own_key = own.key;
  TlsClient with_certificate(options);
  EXPECT_EQ(status_over(with_certificate), 200);
  options.own_certificate = forged.certificate;
  options.own_key = forged.key;
  options.tls_version_max = 0x0303;  // TLS 1.2, where the client learns it in the handshake.
  EXPECT_THROW(TlsClient{options}, std::runtime_error);
}

}  // namespace
}  // namespace fuota::server
