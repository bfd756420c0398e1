#include "server/api/token_endpoints.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "fuota_protocol/names.hpp"
#include "server/api/access_json.hpp"
#include "server/api/access_token.hpp"
#include "server/api/account_name.hpp"
#include "server/api/arguments.hpp"
#include "server/api/json_members.hpp"
#include "server/api/small_body.hpp"

namespace fuota::server::api {
namespace {

using boost::asio::awaitable;

constexpr std::string_view kLabel = "label";
constexpr std::string_view kRole = "role";
constexpr std::string_view kExpiresInS = "expires_in_s";
constexpr std::string_view kOwner = "owner";
constexpr std::string_view kEnrolmentsMax = "enrolments_max";
constexpr std::array<std::string_view, 4> kTokenMembers = {kLabel, kRole, kExpiresInS, kOwner};
constexpr std::array<std::string_view, 3> kKeyMembers = {kLabel, kExpiresInS, kEnrolmentsMax};
constexpr std::uint64_t kEnrolmentsMaxMax = 1'000'000'000;

/// What a token or a fleet key is made of.
struct Wanted {
  std::string label;
  std::optional<domain::Time> expires;
  std::optional<domain::Role> role;
  std::string owner;
  std::optional<std::uint64_t> enrolments_max;
};

boost::system::result<std::string, ArgumentError> parse_label(const JsonMembers& members) {
  const auto label = members.text(kLabel);
  if (!label) return label.error();
  if (!*label || (*label)->size() > kLabelBytesMax ||
      protocol::check_version(**label) != protocol::NameError::none) {
    return ArgumentError{
        "\"label\" is missing, or can't be one: use 1 to 64 bytes, without control "
        "characters, /, \\ and \""};
  }
  // Said plainly, since an error could be made of a text, too.
  return boost::system::result<std::string, ArgumentError>(boost::system::in_place_value, **label);
}

boost::system::result<Wanted, ArgumentError> parse_wanted(std::string_view text,
                                                          std::span<const std::string_view> known,
                                                          domain::Time now) {
  const auto members = JsonMembers::parse(text, known);
  if (!members) return members.error();
  Wanted wanted;
  auto label = parse_label(*members);
  if (!label) return label.error();
  wanted.label = std::move(*label);
  const auto expires_in_s = members->number(kExpiresInS, 1, kExpiresInSMax);
  if (!expires_in_s) return expires_in_s.error();
  if (*expires_in_s) wanted.expires = now + std::chrono::seconds(**expires_in_s);
  const auto role = members->text(kRole);
  if (!role) return role.error();
  if (*role) wanted.role = domain::parse_role(**role);
  if (*role && !wanted.role) {
    return ArgumentError{"\"role\" is none: use viewer, publisher, operator or admin"};
  }
  const auto owner = members->text(kOwner);
  if (!owner) return owner.error();
  wanted.owner = owner->value_or("");
  if (*owner && !is_account_name(wanted.owner)) {
    return ArgumentError{"\"owner\" is no account: use " + std::string(account_name_rule())};
  }
  const auto enrolments_max = members->number(kEnrolmentsMax, 1, kEnrolmentsMaxMax);
  if (!enrolments_max) return enrolments_max.error();
  wanted.enrolments_max = *enrolments_max;
  return wanted;
}

/// Why `principal` may not make this token; nothing when it may.
std::optional<Answer> refuse_token(const Principal& principal, const Wanted& wanted) {
  if (principal.kind == PrincipalKind::api_token) {
    return plain_answer(Outcome::forbidden,
                        "a token makes no tokens: use the account's name and password");
  }
  if (!wanted.role) {
    return plain_answer(Outcome::bad_request,
                        "\"role\" is missing: say what the token may do at most");
  }
  if (!domain::covers(*principal.role, *wanted.role)) {
    return plain_answer(Outcome::forbidden, "the token's role is above your own");
  }
  const bool is_admin = domain::covers(*principal.role, domain::Role::admin);
  if (!wanted.owner.empty() && wanted.owner != principal.owner && !is_admin) {
    return plain_answer(Outcome::forbidden, "only an admin makes tokens of another account");
  }
  if (wanted.owner.empty() && principal.owner.empty()) {
    return plain_answer(Outcome::bad_request,
                        "\"owner\" is missing: the shared user has no account, so name one");
  }
  return std::nullopt;
}

/// Whose tokens `principal` sees: its own; those of all, which is "", for an admin.
std::string visible_owner(const Principal& principal) {
  return domain::covers(*principal.role, domain::Role::admin) ? std::string() : principal.owner;
}

Answer unknown_token() {
  return plain_answer(Outcome::not_found, "there is no token of this id");
}

Answer json_answer(Outcome outcome, std::string text) {
  Answer answer;
  answer.outcome = outcome;
  answer.text_kind = TextKind::json;
  answer.text = std::move(text);
  return answer;
}

}  // namespace

awaitable<Answer> TokenEndpoints::list(const Principal* principal) const {
  const auto tokens = co_await store_.api_tokens(visible_owner(*principal));
  if (!tokens) co_return failure_answer(tokens.error());
  co_return json_answer(Outcome::ok, to_json(*tokens));
}

awaitable<Answer> TokenEndpoints::create(BodySource* body, const Principal* principal,
                                         domain::Change change) const {
  const auto text = co_await read_small_body(body, kManagementBodyBytesMax);
  if (!text) co_return plain_answer(Outcome::bad_request, "the body did not come whole");
  auto wanted = parse_wanted(*text, kTokenMembers, change.at);
  if (!wanted) co_return plain_answer(Outcome::bad_request, wanted.error().reason);
  if (auto refusal = refuse_token(*principal, *wanted)) co_return std::move(*refusal);
  domain::ApiToken token;
  token.id = make_id();
  token.owner = wanted->owner.empty() ? principal->owner : wanted->owner;
  token.label = std::move(wanted->label);
  token.role = *wanted->role;
  token.created = change.at;
  token.expires = wanted->expires;
  const auto present = co_await store_.api_tokens(token.owner);
  if (!present) co_return failure_answer(present.error());
  if (present->size() >= kApiTokensPerAccountMax) {
    co_return plain_answer(
        Outcome::conflict,
        "the account has " + std::to_string(kApiTokensPerAccountMax) + " tokens: remove one first");
  }
  const std::string secret = make_token(TokenKind::api);
  token.digest = digest_of(secret);
  const auto stored = co_await store_.put_api_token(token, std::move(change));
  if (!stored && stored.error().code == storage::StoreError::not_found) {
    co_return plain_answer(Outcome::bad_request, "the account " + token.owner + " doesn't exist");
  }
  if (!stored) co_return failure_answer(stored.error());
  co_return json_answer(Outcome::created, to_json(token, secret));
}

awaitable<Answer> TokenEndpoints::remove(std::string_view id_segment, const Principal* principal,
                                         domain::Change change) const {
  const std::string id(id_segment);
  const auto tokens = co_await store_.api_tokens(visible_owner(*principal));
  if (!tokens) co_return failure_answer(tokens.error());
  const bool found = std::any_of(tokens->begin(), tokens->end(),
                                 [&id](const auto& token) { return token.id == id; });
  if (!found) co_return unknown_token();
  const auto removed = co_await store_.remove_api_token(id, std::move(change));
  if (removed) co_return Answer{};
  if (removed.error().code == storage::StoreError::not_found) co_return unknown_token();
  co_return failure_answer(removed.error());
}

awaitable<Answer> FleetKeyEndpoints::list() const {
  const auto keys = co_await store_.fleet_keys();
  if (!keys) co_return failure_answer(keys.error());
  co_return json_answer(Outcome::ok, to_json(*keys));
}

awaitable<Answer> FleetKeyEndpoints::create(BodySource* body, const Principal* principal,
                                            domain::Change change) const {
  if (principal->kind == PrincipalKind::api_token) {
    co_return plain_answer(Outcome::forbidden,
                           "a token makes no fleet keys: use the account's name and password");
  }
  const auto text = co_await read_small_body(body, kManagementBodyBytesMax);
  if (!text) co_return plain_answer(Outcome::bad_request, "the body did not come whole");
  auto wanted = parse_wanted(*text, kKeyMembers, change.at);
  if (!wanted) co_return plain_answer(Outcome::bad_request, wanted.error().reason);
  const auto present = co_await store_.fleet_keys();
  if (!present) co_return failure_answer(present.error());
  if (present->size() >= kFleetKeysMax) {
    co_return plain_answer(Outcome::conflict, "there are " + std::to_string(kFleetKeysMax) +
                                                  " fleet keys: remove one first");
  }
  const std::string secret = make_token(TokenKind::fleet);
  domain::FleetKey key;
  key.id = make_id();
  key.label = std::move(wanted->label);
  key.digest = digest_of(secret);
  key.created = change.at;
  key.expires = wanted->expires;
  key.enrolments_max = wanted->enrolments_max;
  const auto stored = co_await store_.put_fleet_key(key, std::move(change));
  if (!stored) co_return failure_answer(stored.error());
  co_return json_answer(Outcome::created, to_json(key, secret));
}

awaitable<Answer> FleetKeyEndpoints::remove(std::string_view id_segment,
                                            domain::Change change) const {
  const auto removed = co_await store_.remove_fleet_key(std::string(id_segment), std::move(change));
  if (removed) co_return Answer{};
  if (removed.error().code == storage::StoreError::not_found) {
    co_return plain_answer(Outcome::not_found, "there is no fleet key of this id");
  }
  co_return failure_answer(removed.error());
}

}  // namespace fuota::server::api
