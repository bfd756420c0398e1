#pragma once

#include <boost/asio/awaitable.hpp>
#include <string_view>

#include "server/api/answer.hpp"
#include "server/api/principal.hpp"
#include "server/domain/audit.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::api {

/// API tokens of one account: enough for every pipeline, and not for a script that forgets to
/// remove them.
constexpr std::size_t kApiTokensPerAccountMax = 100;

/// Fleet keys of a server.
constexpr std::size_t kFleetKeysMax = 100;

/// A label, in bytes, and the longest life of a token or key: ten years.
constexpr std::size_t kLabelBytesMax = 64;
constexpr std::uint64_t kExpiresInSMax = std::uint64_t{10} * 366 * 86'400;

/// The endpoints under /api/v1/tokens (docs/protocol.md, "Accounts and credentials"). Segments are
/// as they came; views, bodies, principals and the store stay valid until the call completes.
class TokenEndpoints {
 public:
  explicit TokenEndpoints(storage::Store& store) : store_(store) {}

  /// GET: `ok` with the caller's own tokens, and with all for an admin.
  [[nodiscard]] boost::asio::awaitable<Answer> list(const Principal* principal) const;

  /// POST {"label","role","expires_in_s","owner"}: `created` with the token, which is told this
  /// once. "role" is not above the caller's, and "owner" the caller's account unless an admin names
  /// another. Outcomes beside: `bad_request`; `forbidden`, also to a token, which would outlive
  /// itself so; `conflict` with kApiTokensPerAccountMax.
  [[nodiscard]] boost::asio::awaitable<Answer> create(BodySource* body, const Principal* principal,
                                                      domain::Change change) const;

  /// DELETE /api/v1/tokens/<id>: `ok`; `not_found`, also when it is another's and the caller no
  /// admin.
  [[nodiscard]] boost::asio::awaitable<Answer> remove(std::string_view id_segment,
                                                      const Principal* principal,
                                                      domain::Change change) const;

 private:
  storage::Store& store_;
};

/// The endpoints under /api/v1/fleet-keys, likewise.
class FleetKeyEndpoints {
 public:
  explicit FleetKeyEndpoints(storage::Store& store) : store_(store) {}

  /// GET: `ok` with all keys.
  [[nodiscard]] boost::asio::awaitable<Answer> list() const;

  /// POST {"label","expires_in_s","enrolments_max"}: `created` with the key, which is told this
  /// once; `bad_request`; `forbidden` to a token, which the key would outlive; `conflict` with
  /// kFleetKeysMax.
  [[nodiscard]] boost::asio::awaitable<Answer> create(BodySource* body, const Principal* principal,
                                                      domain::Change change) const;

  /// DELETE /api/v1/fleet-keys/<id>: `ok`, `not_found`. Devices that have enrolled with it stay.
  [[nodiscard]] boost::asio::awaitable<Answer> remove(std::string_view id_segment,
                                                      domain::Change change) const;

 private:
  storage::Store& store_;
};

}  // namespace fuota::server::api
