#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fuota::server::http {

/// What a read of a body found.
enum class BodyStatus {
  data,       ///< `bytes` of it were read, at least one.
  end,        ///< It is complete, and was read before.
  too_large,  ///< It is longer than the route allows.
  malformed,  ///< Its chunks are not as RFC 9112 section 7.1 says.
  cut_short,  ///< The client went away in the middle.
  too_slow,   ///< It did not arrive in time (Limits::body_deadline).
};

struct BodyRead {
  BodyStatus status = BodyStatus::end;
  std::size_t bytes = 0;
};

/// The body of the request being answered.
class RequestBody {
 public:
  virtual ~RequestBody() = default;

  /// Whether the request declares a body, by Content-Length (be it 0) or by chunks.
  [[nodiscard]] virtual bool declared() const = 0;

  /// Sets how long it may be; called before the first `read`. False when the request declares more:
  /// the body is then not to be read, and the answer is 413.
  [[nodiscard]] virtual bool limit(std::uint64_t bytes_max) = 0;

  /// Reads some of it into `destination`, which is not empty and stays valid until the call
  /// completes. The first call sends "100 Continue" to a client that waits for it. After any
  /// status but `data`, the same is answered again. When a read ends in a failure, the
  /// connection answers the client by itself, whatever the endpoint answers.
  [[nodiscard]] virtual boost::asio::awaitable<BodyRead> read(std::span<char> destination) = 0;
};

/// Who asks, as the guard before the routes found out (router.hpp). What is known of them is for
/// guard and endpoints to agree on.
struct Caller {
  Caller() = default;
  Caller(const Caller&) = default;
  Caller& operator=(const Caller&) = default;
  virtual ~Caller() = default;
};

/// A request whose header is complete and valid. The views and `body` point into the connection:
/// they are valid until the endpoint has answered.
struct Request {
  std::string_view method;                ///< As sent: "GET", "HEAD", "PUT", ...
  std::string_view path;                  ///< Still percent-encoded, begins with '/'.
  std::optional<std::string_view> query;  ///< Behind the first '?', still percent-encoded.
  std::string_view authorization;         ///< The field's value, or empty.
  std::string_view accept;                ///< Likewise; empty also when it stands twice.
  RequestBody* body = nullptr;            ///< Never null in an endpoint.

  /// Where the connection comes from: an address without port; IPv4 mapped into IPv6 as IPv4.
  std::string_view peer_address;

  /// The common name in the subject of the client's certificate, which was verified: 1 to
  /// kClientNameBytesMax bytes of UTF-8 without NUL. Empty when the client has shown no
  /// certificate, or one without just one such name.
  std::string_view client_name;

  const Caller* caller = nullptr;  ///< Null before the guard, and when it doesn't say.

  /// What stood at the place of "{}" in the route's pattern, still percent-encoded.
  std::string_view argument;
};

}  // namespace fuota::server::http
