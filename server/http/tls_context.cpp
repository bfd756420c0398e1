#include "server/http/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <string_view>

namespace fuota::server::http {
namespace {

/// The reason of the last OpenSSL failure, in OpenSSL's words.
std::string last_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

void configure(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_NO_COMPRESSION | SSL_OP_PRIORITIZE_CHACHA);
  // Released buffers are what makes an idle connection small. The write buffer may move between
  // two attempts of one write, since coroutines hold it in vectors.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Sessions are resumed by tickets, which cost the server no memory.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
}

/// Bytes that say in which context a session was made. One that was made under other authorities
/// isn't resumed, so that no name outlives the trust in who signed it.
bool set_session_context(SSL_CTX* context, std::string_view trusted) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int bytes = 0;
  return EVP_Digest(trusted.data(), trusted.size(), digest.data(), &bytes, EVP_sha256(), nullptr) ==
             1 &&
         SSL_CTX_set_session_id_context(context, digest.data(), bytes) == 1;
}

/// The certificates that clients are verified with, in one text.
std::string encoded_store(SSL_CTX* context) {
  std::string text;
  const STACK_OF(X509_OBJECT)* const objects =
      X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    const X509* const certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
    unsigned char* der = nullptr;
    const int bytes = certificate == nullptr ? 0 : i2d_X509(certificate, &der);
    if (bytes > 0) text.append(reinterpret_cast<const char*>(der), static_cast<std::size_t>(bytes));
    OPENSSL_free(der);
  }
  return text;
}

/// Asks clients for certificates of the authorities in `file`.
bool trust_clients_of(SSL_CTX* context, const std::string& file) {
  STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(file.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(context, file.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return false;
  }
  SSL_CTX_set_client_CA_list(context, names);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  // An authority that was named is trusted as it is, also when another one signed it.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  return true;
}

}  // namespace

boost::system::result<TlsContext, std::string> TlsContext::create(const TlsFiles& files) {
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_server_method()));
  if (!context) return "TLS can't be set up: " + last_reason();
  configure(context.get());
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
    return "the certificate " + files.certificate + " can't be used: " + last_reason();
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return "the key " + files.key + " can't be used with the certificate " + files.certificate +
           ": " + last_reason();
  }
  if (!files.client_ca.empty() && !trust_clients_of(context.get(), files.client_ca)) {
    return "the authorities of clients in " + files.client_ca + " can't be used: " + last_reason();
  }
  if (!set_session_context(context.get(), encoded_store(context.get()))) {
    return "TLS can't be set up: " + last_reason();
  }
  return TlsContext(std::move(context));
}

void TlsContext::Free::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

}  // namespace fuota::server::http
