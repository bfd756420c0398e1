#include "server/api/manifest_endpoints.hpp"

#include <string>
#include <utility>

#include "fuota_protocol/jws.hpp"
#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/manifest.hpp"
#include "server/api/arguments.hpp"
#include "server/api/offer.hpp"
#include "server/api/small_body.hpp"
#include "server/storage/deployment.hpp"

namespace fuota::server::api {
namespace {

using boost::asio::awaitable;

constexpr std::string_view kRemedy = "send what \"fuota release sign\" writes";

Answer other_content(const storage::ContentId& content) {
  return plain_answer(Outcome::conflict, "the manifest is about another image (" +
                                             std::to_string(content.size_bytes) +
                                             " bytes, SHA-256 " + storage::to_hex(content.sha256) +
                                             "): PUT that image as the file first");
}

/// What devices would be told of a content with this manifest.
domain::AssignedFile as_offered(const storage::ContentId& content, const std::string& manifest) {
  domain::AssignedFile file;
  file.sha256 = content.sha256;
  file.size_bytes = content.size_bytes;
  file.manifest = manifest;
  file.deployment = storage::deployment_of("", content.sha256);
  return file;
}

}  // namespace

awaitable<Answer> ManifestEndpoints::get(std::string_view name_segment) const {
  auto name = parse_file_name(name_segment);
  if (!name) co_return plain_answer(Outcome::bad_request, name.error().reason);
  auto manifest = co_await store_.manifest_of(std::move(*name));
  if (!manifest && manifest.error().code == storage::StoreError::not_found) {
    co_return plain_answer(Outcome::not_found, "there is no such file, or no manifest of it");
  }
  if (!manifest) co_return failure_answer(manifest.error());
  Answer answer;
  answer.text_kind = TextKind::jose;
  answer.text = std::move(*manifest);
  co_return answer;
}

awaitable<Answer> ManifestEndpoints::put(std::string_view name_segment, BodySource* body,
                                         domain::Change change) const {
  auto name = parse_file_name(name_segment);
  if (!name) co_return plain_answer(Outcome::bad_request, name.error().reason);
  auto text = co_await read_small_body(body, protocol::kSignedManifestBytesMax);
  if (!text) co_return plain_answer(Outcome::bad_request, "the body did not come whole");
  const auto jws = protocol::parse_jws(*text);
  if (jws.problem) co_return refused_document("the signed manifest", jws.problem, kRemedy);
  const auto manifest = protocol::manifest_of(jws.jws);
  if (manifest.problem) co_return refused_document("the payload", manifest.problem, kRemedy);
  const storage::ContentId content{manifest.manifest.sha256, manifest.manifest.size_bytes};
  const std::string reason = why_not_offerable(*name, as_offered(content, *text));
  if (!reason.empty()) co_return plain_answer(Outcome::bad_request, reason);

  const auto stored =
      co_await store_.put_manifest(std::move(*name), content, std::move(*text), std::move(change));
  if (stored) co_return Answer{};
  if (stored.error().code == storage::StoreError::not_found) {
    co_return plain_answer(Outcome::not_found, "there is no such file: PUT the image first");
  }
  if (stored.error().code == storage::StoreError::other_content) co_return other_content(content);
  co_return failure_answer(stored.error());
}

}  // namespace fuota::server::api
