#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>

#include "server/api/answer.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::api {

/// The endpoints under /files (docs/protocol.md, layer 1). Segments are as they came, still
/// percent-encoded; views, bodies and the store stay valid until the call completes.
class FileEndpoints {
 public:
  explicit FileEndpoints(storage::Store& store) : store_(store) {}

  /// GET /files/<name>: `ok` with the download, `not_found`, `bad_request`. What is downloaded
  /// stays as it is when the name is replaced meanwhile.
  [[nodiscard]] boost::asio::awaitable<Answer> get(std::string_view name_segment) const;

  /// PUT /files/<name>: `ok` when the whole body is stored under the name, durably; `bad_request`,
  /// also for an empty body. Takes constant memory.
  [[nodiscard]] boost::asio::awaitable<Answer> put(std::string_view name_segment, BodySource* body,
                                                   domain::Change change) const;

  /// DELETE /files/<name>: `ok`, `not_found`, `conflict` while a device row points at it,
  /// `bad_request`.
  [[nodiscard]] boost::asio::awaitable<Answer> remove(std::string_view name_segment,
                                                      domain::Change change) const;

  /// Whether the row of device `id` names the file of this segment.
  [[nodiscard]] boost::asio::awaitable<storage::Result<bool>> is_assigned(
      std::string id, std::string_view name_segment) const;

 private:
  storage::Store& store_;
};

}  // namespace fuota::server::api
