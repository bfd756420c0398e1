#pragma once

#include <boost/system/result.hpp>
#include <memory>
#include <string>
#include <vector>

#include "server/http/tls_certificate.hpp"

struct ssl_ctx_st;

namespace fuota::server::http {

/// Where a TlsContext reads from; all of it PEM.
struct TlsFiles {
  /// At least one. A client gets the first one that is for the name that it calls the server by,
  /// with a key of a kind that it knows; the first of all when none is, or when it says no name.
  std::vector<CertificateFiles> certificates;

  /// Certificates of authorities. Where named, clients are asked for a certificate: one that shows
  /// none is served all the same, one that shows a certificate that these didn't sign isn't.
  std::string client_ca;
};

/// The server's side of TLS 1.2 and 1.3, for all connections and threads. A copy is the same one.
/// Clients resume their sessions by tickets, for kTicketLifetime, whatever is reloaded; but not
/// when other authorities are trusted since.
class TlsContext {
 public:
  /// Reads the files. Outcomes: the context, or one line that says which file is wrong and how.
  [[nodiscard]] static boost::system::result<TlsContext, std::string> create(TlsFiles files);

  /// Reads the files again. Handshakes that begin afterwards use what they hold now; connections
  /// that have one behind them go on, and a client whose certificate isn't of the authorities named
  /// now has no name any more. When anything is wrong, be it that a certificate is there already
  /// and its key not yet, nothing changes, and the line says what. Any thread; blocks for reading.
  [[nodiscard]] boost::system::result<void, std::string> reload();

  /// Whether any of the files is another one than the one that was read last. Any thread.
  [[nodiscard]] bool outdated() const;

  /// Until when the certificates in use are valid, those of the authorities included. Any thread.
  [[nodiscard]] std::vector<CertificateExpiry> expiries() const;

  /// For the streams of this room: what a new connection uses.
  [[nodiscard]] std::shared_ptr<ssl_ctx_st> native() const;

 private:
  struct State;
  explicit TlsContext(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;
};

/// For the streams of this room: whether two that `native` gave trust the same authorities.
[[nodiscard]] bool trusts_the_same(const ssl_ctx_st& one, const ssl_ctx_st& other);

}  // namespace fuota::server::http
