#include "server/api/credential_endpoints.hpp"

#include <array>
#include <string>
#include <utility>

#include "server/api/access_json.hpp"
#include "server/api/arguments.hpp"
#include "server/api/json_members.hpp"
#include "server/api/small_body.hpp"

namespace fuota::server::api {
namespace {

using boost::asio::awaitable;

constexpr std::string_view kToken = "token";
constexpr std::string_view kBlocked = "blocked";
constexpr std::array<std::string_view, 2> kMembers = {kToken, kBlocked};

/// What shall become of a device's credential: it is blocked or not, or has this token, empty for
/// one to be made.
struct CredentialUpdate {
  std::optional<bool> blocked;
  std::string token;
};

boost::system::result<CredentialUpdate, ArgumentError> parse_update(std::string_view text) {
  const auto members = JsonMembers::parse(text, kMembers);
  if (!members) return members.error();
  const auto token = members->text(kToken);
  if (!token) return token.error();
  const auto blocked = members->flag(kBlocked);
  if (!blocked) return blocked.error();
  if (*token && *blocked) {
    return ArgumentError{"\"token\" and \"blocked\" are changed one by one: send two requests"};
  }
  if (*token && token_kind(**token) != TokenKind::device) {
    return ArgumentError{
        "\"token\" is no device's token: send \"fud_\" and 43 characters of "
        "base64url, or {} to have one made"};
  }
  return CredentialUpdate{*blocked, token->value_or("")};
}

Answer refusal(const storage::Failure& failure) {
  switch (failure.code) {
    case storage::StoreError::not_found:
      return plain_answer(Outcome::forbidden,
                          "the fleet key is unknown, expired or used up: take another one");
    case storage::StoreError::in_use:
      return plain_answer(Outcome::conflict,
                          "the device has another token, or is blocked: an operator must DELETE "
                          "its credential or let it in first");
    default:
      return failure_answer(failure);
  }
}

Answer nothing() {
  Answer answer;
  answer.outcome = Outcome::nothing;
  return answer;
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

awaitable<Answer> CredentialEndpoints::tell(std::string id, std::string_view secret) const {
  const auto credential = store_.device_credential(id);
  if (!credential) co_return failure_answer(credential.error());
  Answer answer;
  answer.text_kind = TextKind::json;
  answer.text = to_json(id, *credential, secret);
  co_return answer;
}

awaitable<Answer> CredentialEndpoints::get(std::string_view id_segment) const {
  auto id = parse_device_id(id_segment);
  if (!id) co_return plain_answer(Outcome::bad_request, id.error().reason);
  co_return co_await tell(std::move(*id), "");
}

awaitable<Answer> CredentialEndpoints::put(std::string_view id_segment, BodySource* body,
                                           domain::Change change) const {
  auto id = parse_device_id(id_segment);
  if (!id) co_return plain_answer(Outcome::bad_request, id.error().reason);
  const auto text = co_await read_small_body(body, kManagementBodyBytesMax);
  if (!text) co_return plain_answer(Outcome::bad_request, "the body did not come whole");
  auto update = parse_update(*text);
  if (!update) co_return plain_answer(Outcome::bad_request, update.error().reason);
  if (!update->blocked) {
    co_return co_await give_token(std::move(*id), std::move(update->token), std::move(change));
  }
  const auto done = co_await store_.block_device(*id, *update->blocked, std::move(change));
  if (!done) co_return failure_answer(done.error());
  co_return co_await tell(std::move(*id), "");
}

awaitable<Answer> CredentialEndpoints::give_token(std::string id, std::string token,
                                                  domain::Change change) const {
  const bool make = token.empty();
  if (make) token = make_token(TokenKind::device);
  const auto stored =
      co_await store_.put_device_credential(id, digest_of(token), std::move(change));
  if (!stored) co_return failure_answer(stored.error());
  const std::string_view told = make ? std::string_view(token) : std::string_view();
  co_return co_await tell(std::move(id), told);
}

awaitable<Answer> CredentialEndpoints::remove(std::string_view id_segment,
                                              domain::Change change) const {
  auto id = parse_device_id(id_segment);
  if (!id) co_return plain_answer(Outcome::bad_request, id.error().reason);
  const auto removed = co_await store_.remove_device_credential(std::move(*id), std::move(change));
  if (removed) co_return Answer{};
  if (removed.error().code == storage::StoreError::not_found) {
    co_return plain_answer(Outcome::not_found, "the device has no token");
  }
  co_return failure_answer(removed.error());
}

awaitable<Answer> CredentialEndpoints::enrol(std::string_view id_segment, BodySource* body,
                                             const Principal* principal,
                                             domain::Change change) const {
  auto id = parse_device_id(id_segment);
  if (!id) co_return plain_answer(Outcome::bad_request, id.error().reason);
  const bool by_key = principal->kind == PrincipalKind::fleet_key;
  if (!by_key && (principal->kind != PrincipalKind::device || principal->by_certificate)) {
    co_return plain_answer(Outcome::forbidden, "a device enrols with a fleet key: show one");
  }
  const auto text = co_await read_small_body(body, kEnrolmentBytesMax);
  if (!text) co_return plain_answer(Outcome::bad_request, "the body did not come whole");
  const std::string_view token = without_line_end(*text);
  if (token_kind(token) != TokenKind::device) {
    co_return plain_answer(Outcome::bad_request,
                           "the body is no device's token: send \"fud_\" and 43 characters of "
                           "base64url");
  }
  const domain::SecretDigest digest = digest_of(token);
  if (!by_key) {
    if (equal_digests(digest, principal->secret)) co_return nothing();
    co_return refusal({storage::StoreError::in_use, "another token"});
  }
  // The key is in the entry's detail: the device is who now has a token.
  change.by = "device:" + *id;
  // The key must be good when the token has come, and that takes as long as the device likes.
  change.at = clock_();
  const auto enrolled =
      co_await store_.enrol(std::move(*id), digest, principal->secret, std::move(change));
  co_return enrolled ? nothing() : refusal(enrolled.error());
}

}  // namespace fuota::server::api
