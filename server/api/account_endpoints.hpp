#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "server/api/answer.hpp"
#include "server/api/authenticator.hpp"
#include "server/api/principal.hpp"
#include "server/domain/audit.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::api {

/// The endpoints under /api/v1/accounts (docs/protocol.md, "Accounts and credentials"). Segments
/// are as they came, still percent-encoded; views, bodies, principals, the authenticator and the
/// store stay valid until the call completes. That the caller may do this at all was found out
/// before.
class AccountEndpoints {
 public:
  /// `reserved` is the name that no account can have, since it is the shared user's; empty without
  /// one.
  AccountEndpoints(storage::Store& store, Authenticator& authenticator, std::string reserved)
      : store_(store), authenticator_(authenticator), reserved_(std::move(reserved)) {}

  /// GET /api/v1/accounts: `ok` with all of them.
  [[nodiscard]] boost::asio::awaitable<Answer> list() const;

  /// GET /api/v1/accounts/<name>: `ok`, `not_found`, `bad_request`.
  [[nodiscard]] boost::asio::awaitable<Answer> get(std::string_view name_segment) const;

  /// PUT /api/v1/accounts/<name> {"role","password"}: creates the account, for which both are
  /// needed, or changes what is there of them. Outcomes: `ok` with the account; `bad_request`;
  /// `forbidden` when `principal`, whose own account it is, isn't an admin and would give itself
  /// another role, or when that account was removed or got another password meanwhile, and to a
  /// token, which the account would outlive; `conflict` with the reserved name, or when somebody
  /// else makes the account meanwhile; `busy` when too many hashes are being made, or `principal`
  /// has had too many made.
  [[nodiscard]] boost::asio::awaitable<Answer> put(std::string_view name_segment, BodySource* body,
                                                   const Principal* principal,
                                                   domain::Change change) const;

  /// DELETE /api/v1/accounts/<name>: `ok`, `not_found`, `bad_request`. Its tokens go with it.
  [[nodiscard]] boost::asio::awaitable<Answer> remove(std::string_view name_segment,
                                                      domain::Change change) const;

 private:
  [[nodiscard]] boost::asio::awaitable<Answer> create(std::string name,
                                                      domain::AccountChange wanted,
                                                      domain::Change change) const;

  storage::Store& store_;
  Authenticator& authenticator_;
  std::string reserved_;
};

}  // namespace fuota::server::api
