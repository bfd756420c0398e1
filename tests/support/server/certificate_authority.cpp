#include "tests/support/server/certificate_authority.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace test_support {
namespace {

constexpr unsigned kRsaBits = 2048;
constexpr long kDayS = 24L * 60 * 60;

template <typename Write>
void write_pem(const std::filesystem::path& path, Write write) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "w"),
                                                             std::fclose);
  if (!file || write(file.get()) != 1) throw std::runtime_error("can't write " + path.string());
}

void add_extension(X509* certificate, int id, const char* value) {
  const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, id, value), X509_EXTENSION_free);
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) {
    throw std::runtime_error("extension");
  }
}

}  // namespace

CertificateAuthority::CertificateAuthority(std::filesystem::path directory, const std::string& name)
    : directory_(std::move(directory)),
      name_(name),
      key_(EVP_EC_gen("P-256")),
      certificate_(make(key_.get(), name)) {
  add_extension(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  X509_sign(certificate_.get(), key_.get(), EVP_sha256());
  static_cast<void>(write(name_, key_.get(), certificate_.get()));
}

CertificateAuthority::CertificateAuthority(std::filesystem::path directory, const std::string& name,
                                           const CertificateAuthority& above)
    : CertificateAuthority(std::move(directory), name) {
  static_cast<void>(above.sign(name_, key_, certificate_.get(), ""));
}

CertificateAuthority::~CertificateAuthority() = default;

std::filesystem::path CertificateAuthority::certificate() const {
  return directory_ / (name_ + ".pem");
}

KeyPair CertificateAuthority::issue(const std::string& file, std::string_view common_name,
                                    const std::string& names) const {
  const Key key(EVP_EC_gen("P-256"));
  return sign(file, key, make(key.get(), common_name).get(), names);
}

KeyPair CertificateAuthority::issue_for(std::chrono::seconds lifetime, const std::string& file,
                                        std::string_view common_name) const {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = make(key.get(), common_name);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), lifetime.count());
  return sign(file, key, certificate.get(), "");
}

KeyPair CertificateAuthority::issue_rsa(const std::string& file, std::string_view common_name,
                                        const std::string& names) const {
  const Key key(EVP_RSA_gen(kRsaBits));
  return sign(file, key, make(key.get(), common_name).get(), names);
}

KeyPair CertificateAuthority::sign(const std::string& file, const Key& key, x509_st* certificate,
                                   const std::string& names) const {
  if (!names.empty()) add_extension(certificate, NID_subject_alt_name, names.c_str());
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate_.get()));
  X509_sign(certificate, key_.get(), EVP_sha256());
  return write(file, key.get(), certificate);
}

CertificateAuthority::Certificate CertificateAuthority::make(evp_pkey_st* key,
                                                             std::string_view common_name) {
  static std::atomic<long> serial{1};
  Certificate certificate(X509_new());
  X509* const x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), serial++);
  X509_gmtime_adj(X509_getm_notBefore(x509), -kDayS);
  X509_gmtime_adj(X509_getm_notAfter(x509), kDayS);
  X509_set_pubkey(x509, key);
  // The table of OpenSSL bounds a common name to 64 characters: a test may want more.
  const std::unique_ptr<X509_NAME_ENTRY, void (*)(X509_NAME_ENTRY*)> entry(
      X509_NAME_ENTRY_create_by_NID(nullptr, NID_commonName, V_ASN1_UTF8STRING,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size())),
      X509_NAME_ENTRY_free);
  if (!common_name.empty() &&
      X509_NAME_add_entry(X509_get_subject_name(x509), entry.get(), -1, 0) != 1) {
    throw std::runtime_error("subject");
  }
  return certificate;
}

KeyPair CertificateAuthority::write(const std::string& file, evp_pkey_st* key,
                                    x509_st* certificate) const {
  KeyPair files{directory_ / (file + ".pem"), directory_ / (file + ".key")};
  write_pem(files.certificate, [&](std::FILE* out) { return PEM_write_X509(out, certificate); });
  write_pem(files.key, [&](std::FILE* out) {
    return PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

void CertificateAuthority::FreeKey::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}
void CertificateAuthority::FreeCertificate::operator()(x509_st* certificate) const {
  X509_free(certificate);
}

}  // namespace test_support
