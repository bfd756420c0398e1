#include "server/api/root_endpoints.hpp"

#include <string>
#include <utility>

#include "fuota_protocol/jws.hpp"
#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/root_document.hpp"
#include "server/api/arguments.hpp"
#include "server/api/small_body.hpp"

namespace fuota::server::api {
namespace {

using boost::asio::awaitable;

constexpr std::string_view kRemedy = "send what \"fuota root sign\" writes";

Answer failure(const storage::Failure& failure) {
  switch (failure.code) {
    case storage::StoreError::other_content:
      return plain_answer(Outcome::conflict,
                          "there is another root document of this version, and it stays: PUT the "
                          "next version");
    case storage::StoreError::out_of_order:
      return plain_answer(Outcome::conflict,
                          "the root document of the version before is missing: PUT the one before "
                          "first");
    default:
      return failure_answer(failure);
  }
}

}  // namespace

awaitable<Answer> RootEndpoints::get(std::string_view version_segment) const {
  const auto version = parse_root_version(version_segment);
  if (!version) co_return plain_answer(Outcome::bad_request, version.error().reason);
  auto document = co_await store_.root(*version);
  if (!document && document.error().code == storage::StoreError::not_found) {
    co_return plain_answer(Outcome::not_found, "there is no root document of this version");
  }
  if (!document) co_return failure_answer(document.error());
  Answer answer;
  answer.text_kind = TextKind::jose;
  answer.text = std::move(*document);
  co_return answer;
}

awaitable<Answer> RootEndpoints::put(std::string_view version_segment, BodySource* body,
                                     domain::Change change) const {
  const auto version = parse_root_version(version_segment);
  if (!version) co_return plain_answer(Outcome::bad_request, version.error().reason);
  auto text = co_await read_small_body(body, protocol::kSignedRootBytesMax);
  if (!text) co_return plain_answer(Outcome::bad_request, "the body did not come whole");
  const auto jws = protocol::parse_jws(*text, protocol::kRootSignaturesMax);
  if (jws.problem) co_return refused_document("the root document", jws.problem, kRemedy);
  const auto root = protocol::root_of(jws.jws);
  if (root.problem) co_return refused_document("the payload", root.problem, kRemedy);
  if (root.root.version != *version) {
    co_return plain_answer(Outcome::bad_request, "the root document is of version " +
                                                     std::to_string(root.root.version) +
                                                     ": PUT it as that");
  }
  const auto stored = co_await store_.put_root(*version, std::move(*text), std::move(change));
  if (!stored) co_return failure(stored.error());
  co_return Answer{};
}

}  // namespace fuota::server::api
