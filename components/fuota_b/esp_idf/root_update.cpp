#include "root_update.hpp"

#include <cinttypes>
#include <new>
#include <string_view>
#include <type_traits>

#include "body.hpp"
#include "document_log.hpp"
#include "es256.hpp"
#include "esp_log.h"
#include "fuota_protocol/root_trust.hpp"
#include "report_store.hpp"
#include "root_store.hpp"

namespace fuota::update {
namespace {

constexpr char kTag[] = "OTA";
constexpr int kOk = 200;

static_assert(protocol::kSignedRootBytesMax <= kSectorBytes, "a root fits the sector's buffer");
static_assert(protocol::kRootKeysMax <= kReleaseKeysMax, "all of its keys are kept");

Code fetch_root(HttpConnection& connection, const Server& server, std::uint32_t version,
                Workspace& work, std::string_view* document) {
  if (!write_root_url(server.name, server.port, version, work.url)) return Code::bad_parameter;
  HttpRequest request;
  request.url = work.url;
  const Code sent = connection.perform(request);
  if (sent != Code::updated) return sent;
  if (connection.status() != kOk) return Code::file_refused;
  char* room = reinterpret_cast<char*>(work.writer.lend());
  std::size_t length = 0;
  const Code read = read_body(connection, room, protocol::kSignedRootBytesMax, &length);
  *document = {room, length};
  return read == Code::bad_answer ? Code::bad_root : read;
}

/// Leaves the keys that take the place of the trusted ones in `work.successor`.
Code judge_root(std::string_view document, Workspace& work) {
  const protocol::DocumentProblem problem = protocol::parse_jws(
      document, protocol::kRootSignaturesMax, work.scratch.json, work.scratch.jws);
  if (problem) {
    log_problem("root document", problem);
    return Code::bad_root;
  }
  protocol::TrustedKeys current;
  current.keys = work.trusted.keys.data();
  current.count = work.trusted.key_count;
  current.threshold = work.trusted.threshold;
  Es256Verifier verifier;
  // Made in its place: it is too large for the stack, which is deep from there on.
  static_assert(std::is_trivially_destructible_v<protocol::RootDecision>, "there was one before");
  const auto& decision = *::new (&work.root) protocol::RootDecision(protocol::verify_root(
      work.scratch.jws, current, work.trusted.version, verifier, &sha256_of, work.scratch.json));
  if (decision.outcome == protocol::RootOutcome::failed) return Code::no_memory;
  if (decision.outcome != protocol::RootOutcome::trusted) {
    const std::string_view why = protocol::describe(decision.outcome);
    ESP_LOGE(kTag, "The root document %.*s", static_cast<int>(why.size()), why.data());
    if (decision.problem) log_problem("root document", decision.problem);
    return Code::bad_root;
  }
  ReleasePolicy& successor = work.successor;
  successor = ReleasePolicy{};
  successor.version = decision.root.version;
  successor.threshold = decision.root.threshold;
  successor.key_count = decision.root.key_count;
  for (std::size_t i = 0; i < decision.root.key_count; ++i) successor.keys[i] = decision.keys[i];
  return Code::updated;
}

Code take_root(HttpConnection& connection, const Server& server, Workspace& work) {
  std::string_view document;
  const Code fetched = fetch_root(connection, server, work.trusted.version + 1, work, &document);
  if (fetched != Code::updated) return fetched;
  const Code judged = judge_root(document, work);
  if (judged != Code::updated) return judged;
  const ReleasePolicy& successor = work.successor;
  const esp_err_t error =
      write_before_reports([&successor] { return save_trusted_keys(successor); });
  if (error != ESP_OK) {
    ESP_LOGE(kTag, "Cannot keep the keys of a root document: %s", esp_err_to_name(error));
    return Code::nvs;
  }
  work.trusted = successor;
  ESP_LOGI(kTag, "Root document %" PRIu32 ": releases need %u of %u keys from now on",
           successor.version, static_cast<unsigned>(successor.threshold),
           static_cast<unsigned>(successor.key_count));
  return Code::updated;
}

}  // namespace

Code follow_roots(HttpConnection& connection, const Server& server, std::uint32_t newest,
                  Workspace& work) {
  Code result = Code::bad_root;
  for (unsigned taken = 0; taken < kRootsPerContactMax && work.trusted.version < newest; ++taken) {
    const Code code = take_root(connection, server, work);
    if (code == Code::updated) {
      result = Code::updated;
      continue;
    }
    ESP_LOGE(kTag, "Root document %" PRIu32 " not taken: %s", work.trusted.version + 1,
             describe(code));
    return taken > 0 ? result : code;
  }
  return result;
}

}  // namespace fuota::update
