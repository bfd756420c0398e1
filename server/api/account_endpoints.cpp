#include "server/api/account_endpoints.hpp"

#include <array>
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

/// When to come back where too many wait for their passwords to be hashed: by then most are done.
constexpr std::uint32_t kBusyRetryS = 2;

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
  const auto name = parse_account_name(name_segment);
  if (!name) co_return plain_answer(Outcome::bad_request, name.error().reason);
  if (*name == reserved_) {
    co_return plain_answer(Outcome::conflict,
                           "this is the shared user's name: choose another one for the account");
  }
  const auto text = co_await read_small_body(body, kManagementBodyBytesMax);
  if (!text) co_return plain_answer(Outcome::bad_request, "the body did not come whole");
  const auto update = parse_update(*text);
  if (!update) co_return plain_answer(Outcome::bad_request, update.error().reason);
  if (!update->role && !update->password) {
    co_return plain_answer(Outcome::bad_request,
                           "there is nothing to change: send \"role\" or \"password\"");
  }
  // First, since it takes its time: what is read of the account is then written at once.
  std::string hash;
  if (update->password) {
    hash = co_await passwords_.hash(*update->password);
    if (hash.empty()) {
      Answer busy = plain_answer(Outcome::busy, "too many passwords wait: try again");
      busy.retry_after_s = kBusyRetryS;
      co_return busy;
    }
  }
  auto account = co_await store_.account(*name);
  if (!account && account.error().code != storage::StoreError::not_found) {
    co_return failure_answer(account.error());
  }
  domain::Account wanted;
  if (account) {
    wanted = std::move(*account);
  } else if (!update->role || !update->password) {
    co_return plain_answer(Outcome::bad_request,
                           "there is no such account: send \"role\" and \"password\" to make it");
  } else {
    wanted.name = *name;
    wanted.created = change.at;
  }
  const bool is_admin = principal->role && domain::covers(*principal->role, domain::Role::admin);
  if (update->role && *update->role != wanted.role && !is_admin) {
    co_return plain_answer(Outcome::forbidden, "only an admin gives another role");
  }
  if (update->role) wanted.role = *update->role;
  if (update->password) wanted.password_hash = std::move(hash);
  const auto stored = co_await store_.put_account(wanted, std::move(change));
  if (!stored) co_return failure_answer(stored.error());
  co_return account_answer(wanted);
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
