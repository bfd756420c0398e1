#include "server/app/certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream content;
  content << std::ifstream(file).rdbuf();
  return content.str();
}

mode_t mode_of(const std::filesystem::path& file) {
  struct stat status {};
  ::stat(file.c_str(), &status);
  return status.st_mode & 0777;
}

class Certificates : public testing::Test {
 protected:
  Result<CertificateFiles> provide(const std::vector<std::string>& hosts) const {
    return provide_certificate(directory_.path(), hosts);
  }

  [[nodiscard]] std::filesystem::path certificate() const {
    return directory_.path() / "ca_cert.pem";
  }
  [[nodiscard]] std::filesystem::path key() const { return directory_.path() / "ca_key.pem"; }

  [[nodiscard]] std::shared_ptr<X509> read() const {
    std::FILE* const file = std::fopen(certificate().c_str(), "r");
    std::shared_ptr<X509> x509(PEM_read_X509(file, nullptr, nullptr, nullptr), X509_free);
    std::fclose(file);
    return x509;
  }

  test_support::TemporaryDirectory directory_;
};

TEST_F(Certificates, AreValidForTheHostsTheyWereMadeFor) {
  ASSERT_TRUE(provide({"updates.example.org", "192.168.1.41", "::1"}).has_value());
  EXPECT_THAT(hosts_not_covered(certificate(), {"updates.example.org", "192.168.1.41", "::1"}),
              IsEmpty());
  EXPECT_THAT(hosts_not_covered(certificate(), {"other.example.org", "192.168.1.42"}),
              ElementsAre("other.example.org", "192.168.1.42"));
}

TEST_F(Certificates, CarryAnAddressAsADnsNameToo) {
  ASSERT_TRUE(provide({"192.168.1.41"}).has_value());
  // Compared as mbedTLS does in ESP-IDF v4.4: as text, with the names of kind DNS.
  const auto names =
      std::shared_ptr<GENERAL_NAMES>(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(
                                         read().get(), NID_subject_alt_name, nullptr, nullptr)),
                                     GENERAL_NAMES_free);
  std::vector<std::string> dns;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    dns.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                     static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
  }
  EXPECT_THAT(dns, ElementsAre("192.168.1.41"));
}

TEST_F(Certificates, AreTheirOwnAuthority) {
  ASSERT_TRUE(provide({"localhost"}).has_value());
  const auto x509 = read();
  EXPECT_EQ(X509_check_ca(x509.get()), 1);
  EXPECT_EQ(X509_verify(x509.get(), X509_get0_pubkey(x509.get())), 1);
}

TEST_F(Certificates, AreOfP256) {
  ASSERT_TRUE(provide({"localhost"}).has_value());
  EXPECT_EQ(EVP_PKEY_get_bits(X509_get0_pubkey(read().get())), 256);
}

TEST_F(Certificates, HaveAKeyThatOnlyItsOwnerReads) {
  ASSERT_TRUE(provide({"localhost"}).has_value());
  EXPECT_EQ(mode_of(key()), 0600U);
}

TEST_F(Certificates, AreMadeOnce) {
  ASSERT_TRUE(provide({"localhost"})->made);
  const std::string first = content_of(certificate());
  EXPECT_FALSE(provide({"other"})->made);
  EXPECT_EQ(content_of(certificate()), first);
}

TEST_F(Certificates, AreMadeAnewWhenOnlyAKeyIsThere) {
  std::ofstream(key()) << "left by a crash";
  EXPECT_TRUE(provide({"localhost"})->made);
}

TEST_F(Certificates, AreNotReplacedWhenTheirKeyIsMissing) {
  std::ofstream(certificate()) << "given to devices";
  const auto files = provide({"localhost"});
  ASSERT_FALSE(files.has_value());
  EXPECT_THAT(files.error().line, HasSubstr("has no key"));
  EXPECT_EQ(content_of(certificate()), "given to devices");
}

class BadHosts : public Certificates, public testing::WithParamInterface<const char*> {};

TEST_P(BadHosts, AreRefused) {
  const auto files = provide({"localhost", GetParam()});
  ASSERT_FALSE(files.has_value());
  EXPECT_THAT(files.error().line, HasSubstr("--host"));
  EXPECT_FALSE(std::filesystem::exists(certificate()));
}

INSTANTIATE_TEST_SUITE_P(Rows, BadHosts,
                         testing::Values("", "a b", "a,IP:1.2.3.4", "https://host", "a\nb"));

}  // namespace
}  // namespace fuota::server::app
