#include "server/api/root_endpoints.hpp"

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
using test_support::signed_root;
using test_support::some_change;
using testing::HasSubstr;

class Roots : public testing::Test {
 protected:
  Answer put(std::string_view version, const std::string& document) {
    FakeBody body(document, 100);
    return run_awaitable(endpoints_.put(version, &body, some_change()));
  }

  Answer get(std::string_view version) { return run_awaitable(endpoints_.get(version)); }

  test_support::MemoryStore store_;
  RootEndpoints endpoints_{store_};
};

TEST_F(Roots, AreGivenAsTheyWerePut) {
  const std::string document = "\n " + signed_root(1) + "\n";
  EXPECT_EQ(put("1", document).outcome, Outcome::ok);
  EXPECT_EQ(put("2", signed_root(2)).outcome, Outcome::ok);
  const Answer answer = get("1");
  EXPECT_EQ(answer.outcome, Outcome::ok);
  EXPECT_EQ(answer.text_kind, TextKind::jose);
  EXPECT_EQ(answer.text, document);
}

TEST_F(Roots, AreNotFoundWhereThereIsNone) {
  EXPECT_EQ(get("1").outcome, Outcome::not_found);
}

TEST_F(Roots, AreTakenAgainAndNeverChanged) {
  ASSERT_EQ(put("1", signed_root(1)).outcome, Outcome::ok);
  EXPECT_EQ(put("1", signed_root(1)).outcome, Outcome::ok);
  const Answer answer = put("1", signed_root(1) + " ");
  EXPECT_EQ(answer.outcome, Outcome::conflict);
  EXPECT_THAT(answer.text, HasSubstr("PUT the next version"));
  EXPECT_EQ(get("1").text, signed_root(1));
}

TEST_F(Roots, AreTakenWithoutAGap) {
  ASSERT_EQ(put("1", signed_root(1)).outcome, Outcome::ok);
  const Answer answer = put("3", signed_root(3));
  EXPECT_EQ(answer.outcome, Outcome::conflict);
  EXPECT_THAT(answer.text, HasSubstr("PUT the one before first"));
}

TEST_F(Roots, OfAnotherVersionAreRefused) {
  const Answer answer = put("1", signed_root(2));
  EXPECT_EQ(answer.outcome, Outcome::bad_request);
  EXPECT_THAT(answer.text, HasSubstr("is of version 2"));
  EXPECT_EQ(get("1").outcome, Outcome::not_found);
}

TEST_F(Roots, OfABadVersionAreRefusedBeforeTheBodyIsRead) {
  FakeBody body(signed_root(1));
  EXPECT_EQ(run_awaitable(endpoints_.put("01", &body, some_change())).outcome,
            Outcome::bad_request);
  EXPECT_FALSE(body.was_read());
  EXPECT_EQ(get("0").outcome, Outcome::bad_request);
}

TEST_F(Roots, ThatAreNoneAreRefusedForTheirReason) {
  const std::pair<std::string, const char*> rows[] = {
      {"", "the root document is not JSON"},
      {"{}", "the root document's \"payload\" is missing"},
      {std::string(protocol::kSignedRootBytesMax + 1, ' '), "is too long"},
      {signed_manifest("content"), "the payload's \"version\" has the wrong type"}};
  for (const auto& [document, reason] : rows) {
    const Answer answer = put("1", document);
    EXPECT_EQ(answer.outcome, Outcome::bad_request) << document;
    EXPECT_THAT(answer.text, HasSubstr(reason));
  }
}

TEST_F(Roots, ThatDoNotComeWholeAreNotStored) {
  FakeBody body(signed_root(1), 7, 100);
  EXPECT_EQ(run_awaitable(endpoints_.put("1", &body, some_change())).outcome, Outcome::bad_request);
  EXPECT_EQ(get("1").outcome, Outcome::not_found);
}

TEST_F(Roots, AreAnsweredWithoutTheStoresSecretsWhenItFails) {
  store_.fail_with({storage::StoreError::unavailable, "disk on fire"});
  EXPECT_EQ(get("1").detail, "disk on fire");
  const Answer answer = put("1", signed_root(1));
  EXPECT_EQ(answer.outcome, Outcome::unavailable);
  EXPECT_EQ(answer.detail, "disk on fire");
}

}  // namespace
}  // namespace fuota::server::api
