#include "server/http/tls_certificate.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "server/http/openssl_reason.hpp"

namespace fuota::server::http {
namespace {

template <auto Function>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    Function(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;

struct FreeChain {
  void operator()(STACK_OF(X509) * chain) const { sk_X509_pop_free(chain, X509_free); }
};
using Chain = std::unique_ptr<STACK_OF(X509), FreeChain>;

/// A server can't ask for the password of a key.
int no_password(char*, int, int, void*) {
  return 0;
}

/// The certificates of a PEM file; fewer when one of them is none, with OpenSSL's reason.
std::vector<Certificate> read_certificates(const std::string& file) {
  std::vector<Certificate> certificates;
  const Bio bio(BIO_new_file(file.c_str(), "r"));
  while (bio) {
    Certificate certificate(PEM_read_bio_X509_AUX(bio.get(), nullptr, no_password, nullptr));
    if (!certificate) break;
    certificates.push_back(std::move(certificate));
  }
  // What tells the end of the file from a damaged certificate.
  if (!certificates.empty() && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) {
    ERR_clear_error();
  }
  return certificates;
}

std::string text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string address_text(const ASN1_OCTET_STRING* address) {
  const std::unique_ptr<ASN1_OCTET_STRING, Free<ASN1_OCTET_STRING_free>> copy(
      ASN1_OCTET_STRING_dup(address));
  GENERAL_NAME name{};
  name.type = GEN_IPADD;
  name.d.iPAddress = copy.get();
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || GENERAL_NAME_print(bio.get(), &name) != 1) return {};
  char* data = nullptr;
  const long bytes = BIO_get_mem_data(bio.get(), &data);
  std::string text(data, static_cast<std::size_t>(bytes));
  return text.substr(text.find(':') + 1);  // "IP Address:192.0.2.1"
}

std::string common_name(X509* certificate) {
  const X509_NAME* const subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return {};
  return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

/// The names that a certificate is for, as they stand there.
std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> names;
  const Names alternative(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternative.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(alternative.get(), i);
    if (name->type == GEN_DNS) names.push_back(text_of(name->d.dNSName));
    if (name->type == GEN_IPADD) names.push_back(address_text(name->d.iPAddress));
  }
  if (names.empty()) names.push_back(common_name(certificate));
  return names;
}

std::chrono::system_clock::time_point not_after(const X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return {};
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

}  // namespace

struct TlsCertificate::Parts {
  std::string file;
  Certificate certificate;
  Key key;
  Chain chain;
  std::vector<std::string> names;
};

boost::system::result<TlsCertificate, std::string> TlsCertificate::read(
    const CertificateFiles& files) {
  ERR_clear_error();
  std::vector<Certificate> certificates = read_certificates(files.certificate);
  if (certificates.empty() || ERR_peek_last_error() != 0) {
    return "the certificate " + files.certificate + " can't be used: " + take_openssl_reason();
  }
  const auto parts = std::make_shared<Parts>();
  parts->file = files.certificate;
  parts->certificate = std::move(certificates.front());
  parts->chain.reset(sk_X509_new_null());
  for (std::size_t i = 1; i < certificates.size(); ++i) {
    sk_X509_push(parts->chain.get(), certificates[i].release());
  }
  const Bio bio(BIO_new_file(files.key.c_str(), "r"));
  if (bio) parts->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (!parts->key || X509_check_private_key(parts->certificate.get(), parts->key.get()) != 1) {
    return "the key " + files.key + " can't be used with the certificate " + files.certificate +
           ": " + take_openssl_reason();
  }
  parts->names = names_of(parts->certificate.get());
  return TlsCertificate(parts);
}

bool TlsCertificate::covers(std::string_view name) const {
  X509* const certificate = parts_->certificate.get();
  if (X509_check_host(certificate, name.data(), name.size(), 0, nullptr) == 1) return true;
  return X509_check_ip_asc(certificate, std::string(name).c_str(), 0) == 1;
}

bool TlsCertificate::covers_all_of(const TlsCertificate& other) const {
  const auto& names = other.parts_->names;
  return std::all_of(names.begin(), names.end(), [this](const std::string& name) {
    // A wildcard is no name that could be checked: it must stand here as well.
    return std::find(parts_->names.begin(), parts_->names.end(), name) != parts_->names.end() ||
           covers(name);
  });
}

bool TlsCertificate::has_key_like(const TlsCertificate& other) const {
  return EVP_PKEY_get_base_id(parts_->key.get()) == EVP_PKEY_get_base_id(other.parts_->key.get());
}

CertificateExpiry TlsCertificate::expiry() const {
  auto first = not_after(parts_->certificate.get());
  for (int i = 0; i < sk_X509_num(parts_->chain.get()); ++i) {
    first = std::min(first, not_after(sk_X509_value(parts_->chain.get(), i)));
  }
  return {parts_->file, parts_->names.front(), first};
}

bool TlsCertificate::use(ssl_ctx_st* context) const {
  return SSL_CTX_use_cert_and_key(context, parts_->certificate.get(), parts_->key.get(),
                                  parts_->chain.get(), 1) == 1;
}

bool TlsCertificate::use(ssl_st* ssl) const {
  return SSL_use_cert_and_key(ssl, parts_->certificate.get(), parts_->key.get(),
                              parts_->chain.get(), 1) == 1;
}

std::vector<CertificateExpiry> expiries_in(const std::string& file) {
  std::vector<CertificateExpiry> expiries;
  for (const Certificate& certificate : read_certificates(file)) {
    expiries.push_back({file, common_name(certificate.get()), not_after(certificate.get())});
  }
  ERR_clear_error();
  return expiries;
}

}  // namespace fuota::server::http
