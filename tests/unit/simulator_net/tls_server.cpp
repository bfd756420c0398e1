#include "tests/unit/simulator_net/tls_server.hpp"

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace simulator::net {

namespace {

struct FreeOpenSsl {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
template <typename Object>
using Owned = std::unique_ptr<Object, FreeOpenSsl>;

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(what);
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Owned<BIO> bio_of(const std::string& text) {
  return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Owned<EVP_PKEY> read_key(const Identity& identity) {
  return Owned<EVP_PKEY>(
      PEM_read_bio_PrivateKey(bio_of(identity.key_pem).get(), nullptr, nullptr, nullptr));
}

Owned<X509> read_certificate(const Identity& identity) {
  return Owned<X509>(
      PEM_read_bio_X509(bio_of(identity.certificate_pem).get(), nullptr, nullptr, nullptr));
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
  require(extension != nullptr, "X509V3_EXT_conf_nid");
  X509_add_ext(certificate, extension.get(), -1);
}

Identity make(const CertificateOptions& options, const Identity* issuer, bool authority) {
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Owned<X509> certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  static long serial = 1;
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), options.valid_from_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), options.valid_to_s);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(options.common_name.c_str()),
                             -1, -1, 0);
  const Owned<X509> issuer_certificate = issuer ? read_certificate(*issuer) : nullptr;
  const Owned<EVP_PKEY> issuer_key = issuer ? read_key(*issuer) : nullptr;
  X509_set_issuer_name(certificate.get(),
                       issuer ? X509_get_subject_name(issuer_certificate.get()) : name);
  if (authority) add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  if (!options.alternative_names.empty()) {
    add_extension(certificate.get(), NID_subject_alt_name, options.alternative_names);
  }
  X509_sign(certificate.get(), issuer ? issuer_key.get() : key.get(), EVP_sha256());

  const Owned<BIO> key_text(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  const Owned<BIO> certificate_text(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(certificate_text.get(), certificate.get());
  return {text_of(key_text.get()), text_of(certificate_text.get())};
}

}  // namespace

Identity make_identity(const CertificateOptions& options, const Identity* issuer) {
  return make(options, issuer, false);
}

Identity make_authority(const std::string& name) {
  CertificateOptions options;
  options.common_name = name;
  return make(options, nullptr, true);
}

std::string TlsServer::Peer::read_request() {
  std::string request;
  char buffer[1024];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const int count = SSL_read(ssl_, buffer, sizeof buffer);
    if (count <= 0) break;
    request.append(buffer, static_cast<std::size_t>(count));
  }
  return request;
}

void TlsServer::Peer::write(std::string_view bytes) {
  SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
}

std::string TlsServer::Peer::server_name() const {
  const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? name : "";
}

std::string TlsServer::Peer::client_name() const {
  const Owned<X509> certificate(SSL_get1_peer_certificate(ssl_));
  if (certificate == nullptr) return "";
  char name[64] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name,
                            sizeof name);
  return name;
}

void TlsServer::Peer::reset() {
  const linger at_once{1, 0};
  setsockopt(SSL_get_fd(ssl_), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

TlsServer::TlsServer(const Identity& identity, Handler handler, const Identity* client_authority)
    : context_(SSL_CTX_new(TLS_server_method())), handler_(std::move(handler)) {
  std::signal(SIGPIPE, SIG_IGN);  // SSL_write to a peer that is gone
  const Owned<EVP_PKEY> key = read_key(identity);
  const Owned<X509> certificate = read_certificate(identity);
  require(SSL_CTX_use_certificate(context_.get(), certificate.get()) == 1, "certificate");
  require(SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1, "key");
  if (client_authority != nullptr) {
    const Owned<X509> authority = read_certificate(*client_authority);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), authority.get());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  require(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  require(listen(listener_, 8) == 0, "listen");
  require(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0, "port");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

TlsServer::~TlsServer() {
  shutdown(listener_, SHUT_RDWR);  // ends accept()
  thread_.join();
  ::close(listener_);
}

void TlsServer::serve() {
  while (true) {
    const int fd = accept(listener_, nullptr, nullptr);
    if (fd < 0) return;
    {
      const Owned<SSL> ssl(SSL_new(context_.get()));
      SSL_set_fd(ssl.get(), fd);
      if (SSL_accept(ssl.get()) == 1) {
        Peer peer(ssl.get());
        handler_(peer);
      }
    }
    ::close(fd);
  }
}

}  // namespace simulator::net
