#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "server/api/answer.hpp"
#include "server/api/clock.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::api {

/// What devices report, and what became of their updates (docs/protocol.md, "Reports" and
/// "History"). Segments and queries are as they came, still percent-encoded; views, bodies and the
/// store stay valid until the call completes.
class HistoryEndpoints {
 public:
  HistoryEndpoints(storage::Store& store, Clock clock) : store_(store), clock_(std::move(clock)) {}

  /// POST /devices/<id>/reports: `nothing` when the report in the body is stored, durably, now or
  /// before; `not_found`, `bad_request`.
  [[nodiscard]] boost::asio::awaitable<Answer> record(std::string_view id_segment,
                                                      BodySource* body) const;

  /// GET /api/v1/devices/<id>/history?limit=<n>&before=<event>: `ok` with JSON, `not_found`,
  /// `bad_request`.
  [[nodiscard]] boost::asio::awaitable<Answer> get(std::string_view id_segment,
                                                   std::optional<std::string_view> query) const;

 private:
  storage::Store& store_;
  Clock clock_;
};

}  // namespace fuota::server::api
