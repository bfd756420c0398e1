#pragma once

#include <boost/asio/awaitable.hpp>
#include <string_view>

#include "server/api/answer.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::api {

/// The endpoints under /roots/<version> (docs/protocol.md, "Root documents"). Segments are as they
/// came; views, bodies and the store stay valid until the call completes.
class RootEndpoints {
 public:
  explicit RootEndpoints(storage::Store& store) : store_(store) {}

  /// GET: `ok` with the root document as it was put, `not_found`, `bad_request`.
  [[nodiscard]] boost::asio::awaitable<Answer> get(std::string_view version_segment) const;

  /// PUT: `ok` when the body is stored as the root document of this version, durably, now or
  /// before; `bad_request` when it is none, or one of another version; `conflict` when there is
  /// another one of this version, or none of the version before it. Signatures are not verified:
  /// the server trusts no keys, and devices trust no server.
  [[nodiscard]] boost::asio::awaitable<Answer> put(std::string_view version_segment,
                                                   BodySource* body, domain::Change change) const;

 private:
  storage::Store& store_;
};

}  // namespace fuota::server::api
