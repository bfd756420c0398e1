#include "server/api/manifest_endpoints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fuota_protocol/limits.hpp"
#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/signed_manifest.hpp"
#include "tests/support/server/some_change.hpp"
#include "tests/unit/server_api/fake_body.hpp"

namespace fuota::server::api {
namespace {

using test_support::run_awaitable;
using test_support::signed_manifest;
using test_support::some_change;
using testing::HasSubstr;

class Manifests : public testing::Test {
 protected:
  void publish(const std::string& name, const std::string& content) {
    auto upload = std::move(*run_awaitable(store_.begin_upload()));
    ASSERT_TRUE(run_awaitable(upload->append(content)).has_value());
    ASSERT_TRUE(run_awaitable(store_.publish(name, std::move(upload), some_change())).has_value());
  }

  Answer put(std::string_view name, const std::string& manifest) {
    FakeBody body(manifest, 100);
    return run_awaitable(endpoints_.put(name, &body, some_change()));
  }

  Answer get(std::string_view name) { return run_awaitable(endpoints_.get(name)); }

  test_support::MemoryStore store_;
  ManifestEndpoints endpoints_{store_};
};

TEST_F(Manifests, AreGivenAsTheyWerePut) {
  publish("a b.bin", "content");
  const std::string manifest = "\n " + signed_manifest("content") + "\n";
  EXPECT_EQ(put("a%20b.bin", manifest).outcome, Outcome::ok);
  const Answer answer = get("a%20b.bin");
  EXPECT_EQ(answer.outcome, Outcome::ok);
  EXPECT_EQ(answer.text_kind, TextKind::jose);
  EXPECT_EQ(answer.text, manifest);
}

TEST_F(Manifests, AreNotFoundWhereThereIsNone) {
  publish("app.bin", "content");
  EXPECT_EQ(get("app.bin").outcome, Outcome::not_found);
  EXPECT_EQ(get("other.bin").outcome, Outcome::not_found);
}

TEST_F(Manifests, AreNotTakenWithoutTheFile) {
  const Answer answer = put("app.bin", signed_manifest("content"));
  EXPECT_EQ(answer.outcome, Outcome::not_found);
  EXPECT_THAT(answer.text, HasSubstr("PUT the image first"));
}

TEST_F(Manifests, AboutAnotherContentAreAConflict) {
  publish("app.bin", "content");
  const Answer answer = put("app.bin", signed_manifest("other content"));
  EXPECT_EQ(answer.outcome, Outcome::conflict);
  EXPECT_THAT(answer.text, HasSubstr("13 bytes, SHA-256 "));
}

TEST_F(Manifests, OfABadNameAreRefusedBeforeTheBodyIsRead) {
  FakeBody body(signed_manifest("content"));
  EXPECT_EQ(run_awaitable(endpoints_.put("..", &body, some_change())).outcome,
            Outcome::bad_request);
  EXPECT_FALSE(body.was_read());
  EXPECT_EQ(get("..").outcome, Outcome::bad_request);
}

TEST_F(Manifests, ThatAreNoneAreRefusedForTheirReason) {
  publish("app.bin", "content");
  const std::pair<std::string, const char*> rows[] = {
      {"", "the signed manifest is not JSON"},
      {"{}", "the signed manifest's \"payload\" is missing"},
      {std::string(protocol::kSignedManifestBytesMax + 1, ' '), "is too long"},
      {R"({"payload":"e30","signatures":[{"protected":"eyJhbGciOiJFUzM4NCJ9","signature":"cA"}]})",
       "the payload's \"product\" is missing"}};
  for (const auto& [manifest, reason] : rows) {
    const Answer answer = put("app.bin", manifest);
    EXPECT_EQ(answer.outcome, Outcome::bad_request) << manifest;
    EXPECT_THAT(answer.text, HasSubstr(reason));
  }
}

TEST_F(Manifests, ThatMakeAnOfferThatDevicesCannotReadAreRefused) {
  publish("app.bin", "content");
  std::string manifest = signed_manifest("content");
  manifest.insert(1, R"("nested":[[[[[[[1]]]]]]],)");
  const Answer answer = put("app.bin", manifest);
  EXPECT_EQ(answer.outcome, Outcome::bad_request);
  EXPECT_THAT(answer.text, HasSubstr("has too many parts"));
}

TEST_F(Manifests, ThatDoNotComeWholeAreNotStored) {
  publish("app.bin", "content");
  FakeBody body(signed_manifest("content"), 7, 100);
  EXPECT_EQ(run_awaitable(endpoints_.put("app.bin", &body, some_change())).outcome,
            Outcome::bad_request);
  EXPECT_EQ(get("app.bin").outcome, Outcome::not_found);
}

TEST_F(Manifests, AreAnsweredWithoutTheStoresSecretsWhenItFails) {
  publish("app.bin", "content");
  store_.fail_with({storage::StoreError::unavailable, "disk on fire"});
  EXPECT_EQ(get("app.bin").detail, "disk on fire");
  const Answer answer = put("app.bin", signed_manifest("content"));
  EXPECT_EQ(answer.outcome, Outcome::unavailable);
  EXPECT_EQ(answer.detail, "disk on fire");
}

}  // namespace
}  // namespace fuota::server::api
