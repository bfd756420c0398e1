#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace simulator::net {

struct FreeSslContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

/// A P-256 key and certificate, made in the test.
struct Identity {
  std::string key_pem;
  std::string certificate_pem;
};

struct CertificateOptions {
  std::string common_name = "localhost";
  std::string alternative_names;  ///< as OpenSSL writes them: "DNS:a,IP:1.2.3.4"; empty: none
  long valid_from_s = -3600;      ///< from now
  long valid_to_s = 3600;
};

/// Signed by itself, or by `issuer`.
Identity make_identity(const CertificateOptions& options, const Identity* issuer = nullptr);

/// Certificate authority.
Identity make_authority(const std::string& name);

/// A TLS server of OpenSSL on 127.0.0.1, in a thread; it answers connections one after the other.
class TlsServer {
 public:
  /// A connection after its handshake.
  class Peer {
   public:
    explicit Peer(SSL* ssl) : ssl_(ssl) {}
    /// Reads until the end of a request's headers.
    std::string read_request();
    void write(std::string_view bytes);
    /// The name that the client asked for (SNI).
    [[nodiscard]] std::string server_name() const;
    [[nodiscard]] std::string tls_version() const { return SSL_get_version(ssl_); }
    /// The common name of the client's certificate; empty without one.
    [[nodiscard]] std::string client_name() const;
    [[nodiscard]] bool resumed() const { return SSL_session_reused(ssl_) == 1; }
    /// Ends TLS in order; else the connection just ends.
    void close_notify() { SSL_shutdown(ssl_); }
    /// Ends the connection with a reset.
    void reset();

   private:
    SSL* ssl_;
  };
  using Handler = std::function<void(Peer&)>;

  /// With `client_authority`, only for clients whose certificate that has signed.
  TlsServer(const Identity& identity, Handler handler, const Identity* client_authority = nullptr);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  [[nodiscard]] int port() const { return port_; }

 private:
  void serve();

  std::unique_ptr<SSL_CTX, FreeSslContext> context_;
  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace simulator::net
