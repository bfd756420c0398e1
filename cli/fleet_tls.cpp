#include "cli/fleet_tls.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <utility>

namespace fuota::cli {
namespace {

/// Where a connection keeps the address of the session that it replaces.
int session_slot() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int keep_session(SSL* connection, SSL_SESSION* session) {
  auto* const kept = static_cast<TlsSession*>(SSL_get_ex_data(connection, session_slot()));
  kept->reset(session);
  return 1;  // The session is ours.
}

std::string last_reason() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

void configure(SSL_CTX* context, const std::string& version) {
  const int only = version == "1.2" ? TLS1_2_VERSION : TLS1_3_VERSION;
  SSL_CTX_set_min_proto_version(context, version.empty() ? TLS1_2_VERSION : only);
  SSL_CTX_set_max_proto_version(context, version.empty() ? TLS1_3_VERSION : only);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep_session);
}

bool expect_host(SSL* connection, const std::string& host) {
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str()) == 1) return true;
  return SSL_set1_host(connection, host.c_str()) == 1 &&
         SSL_set_tlsext_host_name(connection, host.c_str()) == 1;
}

}  // namespace

Result<FleetTls> FleetTls::create(const std::string& ca, const std::string& host,
                                  const std::string& version) {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) return Failure{"TLS can't be set up: " + last_reason()};
  configure(context.get(), version);
  if (SSL_CTX_load_verify_file(context.get(), ca.c_str()) != 1) {
    return Failure{"--ca " + ca + " can't be used: " + last_reason() +
                   ": name a PEM file, such as the ca_cert.pem of the server's data directory"};
  }
  return FleetTls(std::move(context), host);
}

TlsConnection FleetTls::connection(int socket, TlsSession& session, bool resume) const {
  TlsConnection connection(SSL_new(context_.get()));
  if (!connection || SSL_set_fd(connection.get(), socket) != 1 ||
      SSL_set_ex_data(connection.get(), session_slot(), &session) != 1 ||
      !expect_host(connection.get(), host_)) {
    return nullptr;
  }
  ERR_clear_error();  // A name that is no address leaves an error behind.
  if (resume && session) SSL_set_session(connection.get(), session.get());
  SSL_set_connect_state(connection.get());
  return connection;
}

}  // namespace fuota::cli
