#pragma once

#include <boost/asio/awaitable.hpp>
#include <string_view>

#include "server/api/answer.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::api {

/// The endpoints under /files/<name>/manifest (docs/protocol.md, "Signed manifests"). Segments are
/// as they came, still percent-encoded; views, bodies and the store stay valid until the call
/// completes.
class ManifestEndpoints {
 public:
  explicit ManifestEndpoints(storage::Store& store) : store_(store) {}

  /// GET: `ok` with the manifest as it was put, `not_found`, `bad_request`.
  [[nodiscard]] boost::asio::awaitable<Answer> get(std::string_view name_segment) const;

  /// PUT: `ok` when the body is stored as the manifest of the file's content, durably;
  /// `bad_request` when it is not a signed manifest; `not_found` without the file; `conflict` when
  /// it is about another content. Signatures are not verified: the server trusts no keys, and
  /// devices trust no server.
  [[nodiscard]] boost::asio::awaitable<Answer> put(std::string_view name_segment, BodySource* body,
                                                   domain::Change change) const;

 private:
  storage::Store& store_;
};

}  // namespace fuota::server::api
