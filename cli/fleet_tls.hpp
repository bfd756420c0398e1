#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "cli/failure.hpp"
#include "cli/openssl_handles.hpp"

namespace fuota::cli {

using TlsConnection = std::unique_ptr<SSL, FreeWith<SSL_free>>;
using TlsSession = std::unique_ptr<SSL_SESSION, FreeWith<SSL_SESSION_free>>;

/// The client's side of TLS for a whole fleet: whom it trusts, and which version it speaks. Used
/// from all threads.
class FleetTls {
 public:
  /// Trusts the certificates of the file `ca`, for the name or address `host`. `version` is "1.2",
  /// "1.3", or empty for either.
  [[nodiscard]] static Result<FleetTls> create(const std::string& ca, const std::string& host,
                                               const std::string& version);

  /// A connection over a socket that is connected. Each session that the server gives is put into
  /// `session`, which lives as long as the connection; the one that is there is resumed when
  /// `resume` says so. Null when memory is short.
  [[nodiscard]] TlsConnection connection(int socket, TlsSession& session, bool resume) const;

 private:
  using Context = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;

  FleetTls(Context context, std::string host)
      : context_(std::move(context)), host_(std::move(host)) {}

  Context context_;
  std::string host_;
};

}  // namespace fuota::cli
