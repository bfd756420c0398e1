#include "server/api/account_endpoints.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "server/api/access_json.hpp"
#include "server/api/account_name.hpp"
#include "server/api/arguments.hpp"
#include "server/api/json_members.hpp"
#include "server/api/small_body.hpp"

namespace fuota::server::api {
namespace {

using boost::asio::awaitable;

constexpr std::string_view kRole = "role";
constexpr std::string_view kPassword = "password";
constexpr std::array<std::string_view, 2> kMembers = {kRole, kPassword};

/// What shall become of an account.
struct AccountUpdate {
  std::optional<domain::Role> role;
  std::optional<std::string> password;
};

boost::system::result<AccountUpdate, ArgumentError> parse_update(std::string_view text) {
  const auto members = JsonMembers::parse(text, kMembers);
  if (!members) return members.error();
  AccountUpdate update;
  const auto role = members->text(kRole);
  if (!role) return role.error();
  if (*role) {
    update.role = domain::parse_role(**role);
    if (!update.role) {
      return ArgumentError{"\"role\" is none: use viewer, publisher, operator or admin"};
    }
  }
  const auto password = members->text(kPassword);
  if (!password) return password.error();
  if (*password && !is_acceptable_password(**password)) {
    return ArgumentError{"\"password\" can't be one: use " + std::string(password_rule())};
  }
  update.password = *password;
  return update;
}

Answer unknown_account() {
  return plain_answer(Outcome::not_found, "there is no account of this name");
}

bool is_admin(const Principal& principal) {
  return principal.role && domain::covers(*principal.role, domain::Role::admin);
}

bool is_own(const Principal& principal, std::string_view name) {
  return principal.kind == PrincipalKind::account && principal.name == name;
}

/// Nobody makes the own account: it was there when the password was shown, and then removed.
bool may_create(const Principal& principal, std::string_view name) {
  return is_admin(principal) && !is_own(principal, name);
}

/// Leaves of `wanted` what `principal` may do, on the condition that it still may when that is
/// done. The refusal, if there is one.
std::optional<Answer> limit_to(const Principal& principal, std::string_view name,
                               domain::AccountChange& wanted) {
  if (is_own(principal, name)) wanted.shown = principal.secret;
  if (is_admin(principal) || !wanted.role) return std::nullopt;
  if (wanted.role != principal.role) {
    return plain_answer(Outcome::forbidden, "only an admin gives another role");
  }
  wanted.role.reset();
  return std::nullopt;
}

Answer refused_change(const storage::Failure& failure) {
  switch (failure.code) {
    case storage::StoreError::not_found:
      return plain_answer(Outcome::forbidden, "the account is there no more: an admin makes it");
    case storage::StoreError::other_content:
      return plain_answer(Outcome::forbidden,
                          "the account has got another password meanwhile: show that one");
    case storage::StoreError::in_use:
      return plain_answer(Outcome::conflict,
                          "somebody else has made the account meanwhile: look at it first");
    default:
      return failure_answer(failure);
  }
}

Answer busy_answer(std::chrono::seconds retry_after) {
  Answer busy = plain_answer(Outcome::busy, "too many passwords wait: try again");
  busy.retry_after_s = static_cast<std::uint32_t>(retry_after.count());
  return busy;
}

Answer account_answer(const domain::Account& account) {
  Answer answer;
  answer.text_kind = TextKind::json;
  answer.text = to_json(account);
  return answer;
}

}  // namespace

awaitable<Answer> AccountEndpoints::list() const {
  const auto accounts = co_await store_.accounts();
  if (!accounts) co_return failure_answer(accounts.error());
  Answer answer;
  answer.text_kind = TextKind::json;
  answer.text = to_json(*accounts);
  co_return answer;
}

awaitable<Answer> AccountEndpoints::get(std::string_view name_segment) const {
  const auto name = parse_account_name(name_segment);
  if (!name) co_return plain_answer(Outcome::bad_request, name.error().reason);
  const auto account = co_await store_.account(*name);
  if (account) co_return account_answer(*account);
  if (account.error().code == storage::StoreError::not_found) co_return unknown_account();
  co_return failure_answer(account.error());
}

awaitable<Answer> AccountEndpoints::put(std::string_view name_segment, BodySource* body,
                                        const Principal* principal, domain::Change change) const {
  auto name = parse_account_name(name_segment);
  if (!name) co_return plain_answer(Outcome::bad_request, name.error().reason);
  if (*name == reserved_) {
    co_return plain_answer(Outcome::conflict,
                           "this is the shared user's name: choose another one for the account");
  }
  if (principal->kind == PrincipalKind::api_token) {
    co_return plain_answer(
        Outcome::forbidden,
        "a token makes and changes no accounts: use the account's name and password");
  }
  const auto text = co_await read_small_body(body, kManagementBodyBytesMax);
  if (!text) co_return plain_answer(Outcome::bad_request, "the body did not come whole");
  const auto update = parse_update(*text);
  if (!update) co_return plain_answer(Outcome::bad_request, update.error().reason);
  if (!update->role && !update->password) {
    co_return plain_answer(Outcome::bad_request,
                           "there is nothing to change: send \"role\" or \"password\"");
  }
  domain::AccountChange wanted;
  wanted.role = update->role;
  if (update->password) {
    NewHash made = co_await authenticator_.hash(*principal, change.from, *update->password);
    if (made.hash.empty()) co_return busy_answer(made.retry_after);
    wanted.password_hash = std::move(made.hash);
  }
  // To hash takes its time: who asks is found out once more.
  const bool counts = co_await still_counts(body);
  if (!counts) co_return plain_answer(Outcome::forbidden, "that isn't allowed any more");
  if (auto refusal = limit_to(*principal, *name, wanted)) co_return std::move(*refusal);
  const auto changed = co_await store_.change_account(*name, wanted, change);
  if (changed) co_return co_await get(name_segment);
  if (changed.error().code == storage::StoreError::not_found && may_create(*principal, *name)) {
    co_return co_await create(std::move(*name), std::move(wanted), std::move(change));
  }
  co_return refused_change(changed.error());
}

awaitable<Answer> AccountEndpoints::create(std::string name, domain::AccountChange wanted,
                                           domain::Change change) const {
  if (!wanted.role || !wanted.password_hash) {
    co_return plain_answer(Outcome::bad_request,
                           "there is no such account: send \"role\" and \"password\" to make it");
  }
  domain::Account account;
  account.name = std::move(name);
  account.role = *wanted.role;
  account.password_hash = std::move(*wanted.password_hash);
  account.created = change.at;
  const auto created = co_await store_.create_account(account, std::move(change));
  if (created) co_return account_answer(account);
  co_return refused_change(created.error());
}

awaitable<Answer> AccountEndpoints::remove(std::string_view name_segment,
                                           domain::Change change) const {
  auto name = parse_account_name(name_segment);
  if (!name) co_return plain_answer(Outcome::bad_request, name.error().reason);
  const auto removed = co_await store_.remove_account(std::move(*name), std::move(change));
  if (removed) co_return Answer{};
  if (removed.error().code == storage::StoreError::not_found) co_return unknown_account();
  co_return failure_answer(removed.error());
}

}  // namespace fuota::server::api
