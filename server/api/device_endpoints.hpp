#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/api/answer.hpp"
#include "server/api/clock.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::api {

/// What a device runs, and what was not known before.
struct RunningNews {
  std::string device;
  domain::RunningImage image;
};

/// The answer to a check, and what has to be remembered before it is given.
struct CheckAnswer {
  Answer answer;
  std::optional<RunningNews> news;
};

/// The endpoints under /devices (docs/protocol.md). Segments and queries are as they came,
/// still percent-encoded; views, bodies and the store stay valid until the call completes.
class DeviceEndpoints {
 public:
  DeviceEndpoints(storage::Store& store, Clock clock) : store_(store), clock_(std::move(clock)) {}

  /// GET /devices/<id>?app_ver=<v>: `ok` with the file's name as CSV, or with an offer when
  /// `accept`, the Accept field, wants one and the file has a manifest; `nothing`, `not_found`,
  /// `bad_request`. What a device that wants an offer says that it runs is `news` for `remember`,
  /// unless it is known. That a known device has asked, from `peer_address`, is remembered as its
  /// contact. Nothing at all is remembered with an empty `peer_address`: somebody else asks what
  /// the device would be told.
  [[nodiscard]] CheckAnswer check(std::string_view id_segment,
                                  std::optional<std::string_view> query, std::string_view accept,
                                  std::string_view peer_address) const;

  /// Remembers the news, which are there, and gives the answer. That this fails is no reason to
  /// keep an update from the device, and stands in `detail` alone.
  [[nodiscard]] boost::asio::awaitable<Answer> remember(CheckAnswer checked) const;

  /// GET /devices: `ok` with a row per device as CSV, in byte order of the ids. A long list comes
  /// in pieces, each of them what the store held when it was made.
  [[nodiscard]] boost::asio::awaitable<Answer> list() const;

  /// PUT /devices/<id>: `ok`, `bad_request`.
  [[nodiscard]] boost::asio::awaitable<Answer> put(std::string_view id_segment, BodySource* body,
                                                   domain::Change change) const;

  /// DELETE /devices/<id>: `ok`, `not_found`, `bad_request`.
  [[nodiscard]] boost::asio::awaitable<Answer> remove(std::string_view id_segment,
                                                      domain::Change change) const;

 private:
  storage::Store& store_;
  Clock clock_;
};

/// Rows in one piece of the list of devices.
constexpr std::size_t kRowsPerPiece = 500;

}  // namespace fuota::server::api
