#pragma once

#include <boost/system/result.hpp>
#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace fuota::server::http {

/// Where a TlsContext reads from; all of it PEM.
struct TlsFiles {
  std::string certificate;  ///< The chain, the server's own certificate first.
  std::string key;          ///< Its private key.

  /// Certificates of authorities. Where named, clients are asked for a certificate: one that shows
  /// none is served all the same, one that shows a certificate that these didn't sign isn't.
  std::string client_ca;
};

/// The server's side of TLS 1.2 and 1.3 with one certificate, shared by all connections and
/// threads.
class TlsContext {
 public:
  /// Reads the files. Outcomes: the context, or one line that says which file is wrong and how.
  [[nodiscard]] static boost::system::result<TlsContext, std::string> create(const TlsFiles& files);

  /// For the streams of this room.
  [[nodiscard]] ssl_ctx_st* native() const { return context_.get(); }

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  explicit TlsContext(std::unique_ptr<ssl_ctx_st, Free> context) : context_(std::move(context)) {}

  std::unique_ptr<ssl_ctx_st, Free> context_;
};

}  // namespace fuota::server::http
