#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string_view>

#include "server/api/answer.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::api {

/// The audit log (docs/protocol.md, "The audit log"). Queries are as they came, still
/// percent-encoded; views and the store stay valid until the call completes.
class AuditEndpoints {
 public:
  explicit AuditEndpoints(storage::Store& store) : store_(store) {}

  /// GET /api/v1/audit?before=<n>&limit=<n>&by=<prefix>&action=<prefix>: `ok` with a page of it,
  /// the newest entry first; `bad_request`.
  [[nodiscard]] boost::asio::awaitable<Answer> get(std::optional<std::string_view> query) const;

 private:
  storage::Store& store_;
};

}  // namespace fuota::server::api
