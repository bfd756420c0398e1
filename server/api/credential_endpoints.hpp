#pragma once

#include <boost/asio/awaitable.hpp>
#include <string_view>
#include <utility>

#include "server/api/access_token.hpp"
#include "server/api/answer.hpp"
#include "server/api/clock.hpp"
#include "server/api/principal.hpp"
#include "server/domain/audit.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::api {

/// What devices prove themselves with: the endpoints /api/v1/devices/<id>/credential of operators
/// and /devices/<id>/enrolment of devices (docs/protocol.md, "Accounts and credentials"). Segments
/// are as they came, still percent-encoded; views, bodies, principals and the store stay valid
/// until the call completes.
class CredentialEndpoints {
 public:
  CredentialEndpoints(storage::Store& store, Clock clock)
      : store_(store), clock_(std::move(clock)) {}

  /// GET: `ok` with what the device has, which may be nothing; `bad_request`.
  [[nodiscard]] boost::asio::awaitable<Answer> get(std::string_view id_segment) const;

  /// PUT {"token"}, in place of any other, or of {} one that is made and told this once; or
  /// {"blocked"}. Outcomes: `ok`, `bad_request`.
  [[nodiscard]] boost::asio::awaitable<Answer> put(std::string_view id_segment, BodySource* body,
                                                   domain::Change change) const;

  /// DELETE: `ok`, after which the device may enrol unless it is blocked; `not_found` when it has
  /// no token; `bad_request`.
  [[nodiscard]] boost::asio::awaitable<Answer> remove(std::string_view id_segment,
                                                      domain::Change change) const;

  /// POST /devices/<id>/enrolment with a device's token as the body, by a device that shows a fleet
  /// key or this very token. Outcomes: `nothing` when it is the device's token, now or before;
  /// `bad_request`; `forbidden` without a usable key; `conflict` when the device has another token
  /// or is blocked.
  [[nodiscard]] boost::asio::awaitable<Answer> enrol(std::string_view id_segment, BodySource* body,
                                                     const Principal* principal,
                                                     domain::Change change) const;

 private:
  [[nodiscard]] boost::asio::awaitable<Answer> give_token(std::string id, std::string token,
                                                          domain::Change change) const;
  [[nodiscard]] boost::asio::awaitable<Answer> tell(std::string id, std::string_view secret) const;

  storage::Store& store_;
  Clock clock_;
};

/// The greatest body of an enrolment: a token, and a line end that a person's tool may add.
constexpr std::size_t kEnrolmentBytesMax = kTokenBytes + 2;

}  // namespace fuota::server::api
