#include "server/http/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

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
  static constexpr unsigned char kSessionContext[] = "fuota";
  SSL_CTX_set_session_id_context(context, kSessionContext, sizeof(kSessionContext) - 1);
  // Sessions are resumed by tickets, which cost the server no memory.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
}

}  // namespace

boost::system::result<TlsContext, std::string> TlsContext::create(
    const std::string& certificate_file, const std::string& key_file) {
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_server_method()));
  if (!context) return "TLS can't be set up: " + last_reason();
  configure(context.get());
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    return "the certificate " + certificate_file + " can't be used: " + last_reason();
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return "the key " + key_file + " can't be used with the certificate " + certificate_file +
           ": " + last_reason();
  }
  return TlsContext(std::move(context));
}

void TlsContext::Free::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

}  // namespace fuota::server::http
