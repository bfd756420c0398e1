// Which certificate a client gets, when it is read again, and what TLS is spoken.

#include "server/http/tls_context.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/support/server/certificate_authority.hpp"
#include "tests/unit/server_http/http_server_fixture.hpp"

namespace fuota::server::http {
namespace {

using test_support::CertificateAuthority;
using test_support::ClientOptions;
using test_support::HttpReader;
using test_support::KeyPair;
using test_support::TlsClient;
using testing::HasSubstr;

constexpr char kLocal[] = "IP:127.0.0.1,DNS:127.0.0.1";

class Tls : public HttpServerTest {
 protected:
  void start_with(const std::vector<KeyPair>& pairs) {
    tls_files_.certificates.clear();
    for (const KeyPair& pair : pairs) {
      tls_files_.certificates.push_back({pair.certificate, pair.key});
    }
    start();
  }

  [[nodiscard]] ClientOptions trusting() const {
    ClientOptions options = client();
    options.certificate = authority_.certificate();
    return options;
  }

  /// The name in the certificate that a client gets which calls the server `name`.
  [[nodiscard]] std::string shown_to(const std::string& name,
                                     const std::string& signature_algorithms = "") const {
    ClientOptions options = trusting();
    options.server_name = name;
    options.verified_name.clear();
    options.signature_algorithms = signature_algorithms;
    return TlsClient(options).certificate_name();
  }

  static void replace(const std::filesystem::path& file, const std::filesystem::path& by) {
    std::filesystem::copy_file(by, file, std::filesystem::copy_options::overwrite_existing);
  }

  static bool is_served(TlsClient& tls) {
    tls.send(request("GET /text"));
    return HttpReader(tls).receive().body == "hello";
  }

  CertificateAuthority authority_{directory_.path(), "authority"};
};

TEST_F(Tls, ShowsTheCertificateThatIsForTheNameOfTheServer) {
  start_with({authority_.issue("a", "first", "DNS:a.example.org,DNS:*.a.example.org"),
              authority_.issue("b", "second", "DNS:b.example.org,IP:192.0.2.1"),
              authority_.issue("c", "third", "DNS:b.example.org,DNS:c.example.org")});
  EXPECT_EQ(shown_to("a.example.org"), "first");
  EXPECT_EQ(shown_to("x.a.example.org"), "first");
  EXPECT_EQ(shown_to("b.example.org"), "second");
  EXPECT_EQ(shown_to("B.Example.Org"), "second");
  EXPECT_EQ(shown_to("192.0.2.1"), "second");
  EXPECT_EQ(shown_to("c.example.org"), "third");
}

TEST_F(Tls, ShowsTheFirstCertificateWhenNoneIsForTheName) {
  start_with({authority_.issue("a", "first", "DNS:a.example.org"),
              authority_.issue_rsa("b", "second", "DNS:b.example.org")});
  EXPECT_EQ(shown_to("c.example.org"), "first");
  EXPECT_EQ(shown_to(""), "first");
}

TEST_F(Tls, ShowsTheCertificateWithAKeyThatTheClientKnows) {
  start_with({authority_.issue("ec", "ec", "DNS:a.example.org"),
              authority_.issue_rsa("rsa", "rsa", "DNS:a.example.org,DNS:b.example.org")});
  // The certificates themselves are signed with ECDSA.
  const std::string rsa_handshake = "rsa_pss_rsae_sha256:RSA+SHA256";
  for (const char* name : {"a.example.org", ""}) {
    EXPECT_EQ(shown_to(name, "ECDSA+SHA256"), "ec") << name;
    EXPECT_EQ(shown_to(name), "ec") << name;
  }
  EXPECT_EQ(shown_to("b.example.org", "ECDSA+SHA256:" + rsa_handshake), "rsa");
}

TEST_F(Tls, ShowsANewCertificateAfterAReloadAndDropsNobody) {
  const KeyPair used = authority_.issue("used", "old", kLocal);
  const KeyPair next = authority_.issue("next", "new", kLocal);
  start_with({used});
  TlsClient before(trusting());
  ASSERT_TRUE(is_served(before));
  EXPECT_FALSE(tls_->outdated());
  replace(used.certificate, next.certificate);
  replace(used.key, next.key);
  EXPECT_TRUE(tls_->outdated());
  EXPECT_EQ(shown_to(""), "old");
  ASSERT_TRUE(tls_->reload().has_value());
  EXPECT_FALSE(tls_->outdated());
  EXPECT_EQ(shown_to(""), "new");
  EXPECT_TRUE(is_served(before));
}

TEST_F(Tls, KeepsTheOldCertificateWhileTheNewOneHasNoKeyYet) {
  const KeyPair used = authority_.issue("used", "old", kLocal);
  const KeyPair next = authority_.issue("next", "new", kLocal);
  start_with({used});
  replace(used.certificate, next.certificate);
  const auto half = tls_->reload();
  ASSERT_FALSE(half.has_value());
  EXPECT_THAT(half.error(), HasSubstr("can't be used with the certificate"));
  EXPECT_TRUE(tls_->outdated());
  EXPECT_EQ(shown_to(""), "old");
  replace(used.key, next.key);
  EXPECT_TRUE(tls_->reload().has_value());
  EXPECT_EQ(shown_to(""), "new");
}

TEST_F(Tls, RefusesAChainThatIsCut) {
  const KeyPair used = authority_.issue("used", "old", kLocal);
  std::ifstream whole(authority_.certificate());
  const std::string text(std::istreambuf_iterator<char>(whole), {});
  std::ofstream(used.certificate, std::ios::app) << text.substr(0, text.size() / 2);
  EXPECT_FALSE(TlsContext::create({{{used.certificate, used.key}}, ""}).has_value());
}

TEST_F(Tls, SaysUntilWhenItsCertificatesAreValid) {
  const KeyPair pair = authority_.issue("used", "name", "DNS:a.example.org");
  const auto tls = TlsContext::create({{{pair.certificate, pair.key}}, authority_.certificate()});
  const auto expiries = tls->expiries();
  ASSERT_EQ(expiries.size(), 2U);
  EXPECT_EQ(expiries[0].file, pair.certificate);
  EXPECT_EQ(expiries[0].name, "a.example.org");
  EXPECT_EQ(expiries[1].name, "authority");
  // The authority of the tests makes them for a day.
  const auto left = expiries[0].not_after - std::chrono::system_clock::now();
  EXPECT_LE(left, std::chrono::hours(24));
  EXPECT_GT(left, std::chrono::hours(23));
}

class TlsVersions : public Tls, public testing::WithParamInterface<int> {};

TEST_P(TlsVersions, ResumeASessionAfterAReload) {
  const KeyPair used = authority_.issue("used", "old", kLocal);
  const KeyPair next = authority_.issue("next", "new", kLocal);
  start_with({used});
  ClientOptions options = trusting();
  options.tls_version_max = GetParam();
  TlsClient first(options);
  ASSERT_TRUE(is_served(first));
  replace(used.certificate, next.certificate);
  replace(used.key, next.key);
  ASSERT_TRUE(tls_->reload().has_value());
  options.session = first.session();
  TlsClient second(options);
  EXPECT_TRUE(second.resumed());
  EXPECT_TRUE(is_served(second));
}

INSTANTIATE_TEST_SUITE_P(Versions, TlsVersions, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

struct Spoken {
  const char* ciphers;
  bool spoken;
};

class TlsCiphers : public Tls, public testing::WithParamInterface<Spoken> {};

TEST_P(TlsCiphers, AreThoseWithForwardSecrecyAndAuthenticatedEncryption) {
  start_with({authority_.issue("ec", "ec", kLocal), authority_.issue_rsa("rsa", "rsa", kLocal)});
  ClientOptions options = trusting();
  options.tls_version_max = TLS1_2_VERSION;
  options.ciphers = GetParam().ciphers;
  if (GetParam().spoken) {
    EXPECT_NO_THROW(TlsClient{options});
  } else {
    EXPECT_THROW(TlsClient{options}, std::runtime_error);
  }
}

INSTANTIATE_TEST_SUITE_P(Ciphers, TlsCiphers,
                         testing::Values(Spoken{"ECDHE-ECDSA-AES128-GCM-SHA256", true},
                                         Spoken{"ECDHE-RSA-AES256-GCM-SHA384", true},
                                         Spoken{"ECDHE-RSA-CHACHA20-POLY1305", true},
                                         Spoken{"ECDHE-ECDSA-AES128-SHA256", false},
                                         Spoken{"ECDHE-ECDSA-AES128-CCM", false},
                                         Spoken{"DHE-RSA-AES128-GCM-SHA256", false},
                                         Spoken{"AES128-GCM-SHA256", false}));

}  // namespace
}  // namespace fuota::server::http
