#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;

namespace test_support {

/// What a client keeps of a connection to resume it.
using TlsSession = std::shared_ptr<ssl_session_st>;

/// How a client connects. Everything waits at most kClientPatience, then fails.
struct ClientOptions {
  std::uint16_t port = 0;
  std::filesystem::path certificate;  ///< The only one that is trusted.
  std::string verified_name = "127.0.0.1";
  int tls_version_max = 0;                ///< 0: any; TLS1_2_VERSION: as ESP-IDF v4.4.
  std::filesystem::path own_certificate;  ///< What it shows to a server that asks; or empty.
  std::filesystem::path own_key;
  TlsSession session;                ///< To be resumed, if the server agrees.
  bool with_tls = true;              ///< Without, bytes go as they are.
  int receive_buffer_bytes = 0;      ///< 0: the system's.
  std::string server_name;           ///< What it calls the server in its first message; or nothing.
  std::string signature_algorithms;  ///< As OpenSSL writes them; empty: all.
  std::string ciphers;               ///< Of TLS 1.2, as OpenSSL writes them; empty: all.
};

/// One connection to 127.0.0.1, byte by byte as the test wants it. Failures throw
/// std::runtime_error, but for a peer that closes.
class TlsClient {
 public:
  explicit TlsClient(const ClientOptions& options);
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  ~TlsClient();

  /// Sends all of `bytes`. False when the server has closed.
  bool send(std::string_view bytes);

  /// Some bytes; empty when the server has closed.
  [[nodiscard]] std::string receive_some(std::size_t bytes_max = 16384);

  /// All bytes until the server closes.
  [[nodiscard]] std::string receive_all();

  /// Whether something can be received, or the server has closed, within `milliseconds`.
  [[nodiscard]] bool readable_within(int milliseconds) const;

  /// Whether the last empty `receive_some` was a close as TLS says, not a broken connection.
  [[nodiscard]] bool closed_cleanly() const { return closed_cleanly_; }

  /// What later connections can resume; call it after something was received. Null when the server
  /// has sent none.
  [[nodiscard]] TlsSession session() const;

  /// Whether the handshake has resumed `ClientOptions::session`.
  [[nodiscard]] bool resumed() const;

  /// The common name in the certificate that the server has shown.
  [[nodiscard]] std::string certificate_name() const;

  /// Asks for another handshake on this connection, as TLS 1.2 allows. Whether the server agrees.
  [[nodiscard]] bool renegotiate();

  /// Ends its side of TLS, and leaves the socket open.
  void end_tls();

  /// Breaks the connection off, with a reset.
  void reset();

 private:
  struct FreeContext {
    void operator()(ssl_ctx_st* context) const;
  };
  struct FreeSsl {
    void operator()(ssl_st* ssl) const;
  };

  void connect(const ClientOptions& options);
  void handshake(const ClientOptions& options);
  [[nodiscard]] bool has_data_or_end() const;

  int socket_ = -1;
  std::unique_ptr<ssl_ctx_st, FreeContext> context_;
  std::unique_ptr<ssl_st, FreeSsl> ssl_;
  bool closed_cleanly_ = false;
};

constexpr int kClientPatienceSeconds = 20;

}  // namespace test_support
