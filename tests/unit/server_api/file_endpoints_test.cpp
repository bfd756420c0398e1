#include "server/api/file_endpoints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/some_change.hpp"
#include "tests/unit/server_api/fake_body.hpp"

namespace fuota::server::api {
namespace {

using test_support::run_awaitable;
using test_support::some_change;
using testing::HasSubstr;

class Files : public testing::Test {
 protected:
  Answer put(std::string_view name, const std::string& content) {
    FakeBody body(content, 1000);
    return run_awaitable(endpoints_.put(name, &body, some_change()));
  }

  test_support::MemoryStore store_;
  FileEndpoints endpoints_{store_};
};

TEST_F(Files, AreStoredUnderTheirDecodedName) {
  EXPECT_EQ(put("app%20one.bin", "content").outcome, Outcome::ok);
  EXPECT_EQ(store_.files().at("app one.bin"), "content");
}

class FileSizes : public Files, public testing::WithParamInterface<std::size_t> {};

TEST_P(FileSizes, AreStoredWhole) {
  const std::string content(GetParam(), 'x');
  ASSERT_EQ(put("app.bin", content).outcome, Outcome::ok);
  EXPECT_EQ(store_.files().at("app.bin"), content);
}

INSTANTIATE_TEST_SUITE_P(AroundThePieces, FileSizes,
                         testing::Values(1, 65'535, 65'536, 65'537, 131'072, 300'000));

TEST_F(Files, AreDownloadedAsTheyWereStored) {
  ASSERT_EQ(put("app.bin", "content").outcome, Outcome::ok);
  const Answer answer = run_awaitable(endpoints_.get("app.bin"));
  ASSERT_TRUE(answer.download.has_value());
  EXPECT_EQ(answer.download->name, "app.bin");
  EXPECT_EQ(test_support::read_content(answer.download->content), "content");
}

TEST_F(Files, ThatAreNotThereAreNotFound) {
  EXPECT_EQ(run_awaitable(endpoints_.get("app.bin")).outcome, Outcome::not_found);
  EXPECT_EQ(run_awaitable(endpoints_.remove("app.bin", some_change())).outcome, Outcome::not_found);
}

TEST_F(Files, AreRefusedABadName) {
  EXPECT_EQ(run_awaitable(endpoints_.get("%2e%2e")).outcome, Outcome::bad_request);
  EXPECT_EQ(put("..", "content").outcome, Outcome::bad_request);
  EXPECT_EQ(run_awaitable(endpoints_.remove("", some_change())).outcome, Outcome::bad_request);
}

TEST_F(Files, AreRefusedABadNameBeforeTheBodyIsRead) {
  FakeBody body("content");
  EXPECT_EQ(run_awaitable(endpoints_.put("a%2Fb", &body, some_change())).outcome,
            Outcome::bad_request);
  EXPECT_FALSE(body.was_read());
}

TEST_F(Files, AreNotEmpty) {
  const Answer answer = put("app.bin", "");
  EXPECT_EQ(answer.outcome, Outcome::bad_request);
  EXPECT_THAT(answer.text, HasSubstr("--data-binary"));
  EXPECT_TRUE(store_.files().empty());
}

class BrokenUploads : public Files, public testing::WithParamInterface<std::size_t> {};

TEST_P(BrokenUploads, ChangeNothing) {
  ASSERT_EQ(put("app.bin", "old").outcome, Outcome::ok);
  FakeBody body(std::string(200'000, 'x'), 1000, GetParam());
  EXPECT_EQ(run_awaitable(endpoints_.put("app.bin", &body, some_change())).outcome,
            Outcome::bad_request);
  EXPECT_EQ(store_.files().at("app.bin"), "old");
  EXPECT_EQ(store_.uploads_in_progress(), 0);
}

INSTANTIATE_TEST_SUITE_P(AtAnyByte, BrokenUploads,
                         testing::Values(0, 1000, 65'000, 66'000, 199'000));

TEST_F(Files, StayWhenADeviceRowPointsAtThem) {
  ASSERT_EQ(put("app.bin", "content").outcome, Outcome::ok);
  ASSERT_TRUE(
      run_awaitable(store_.put_device(domain::Device{"00001", "0.1.0", "app.bin"}, some_change()))
          .has_value());
  const Answer answer = run_awaitable(endpoints_.remove("app.bin", some_change()));
  EXPECT_EQ(answer.outcome, Outcome::conflict);
  EXPECT_THAT(answer.text, HasSubstr("row first"));
}

TEST_F(Files, CanBeRemoved) {
  ASSERT_EQ(put("app.bin", "content").outcome, Outcome::ok);
  EXPECT_EQ(run_awaitable(endpoints_.remove("app.bin", some_change())).outcome, Outcome::ok);
  EXPECT_TRUE(store_.files().empty());
}

TEST_F(Files, AreToldOfAFullDisk) {
  store_.fail_with({storage::StoreError::full, "no room"});
  EXPECT_EQ(put("app.bin", "content").outcome, Outcome::no_room);
}

TEST_F(Files, AreAnsweredWithoutTheStoresSecretsWhenItFails) {
  store_.fail_with({storage::StoreError::unavailable, "disk on fire"});
  const Answer answer = run_awaitable(endpoints_.get("app.bin"));
  EXPECT_EQ(answer.outcome, Outcome::unavailable);
  EXPECT_EQ(answer.detail, "disk on fire");
}

}  // namespace
}  // namespace fuota::server::api
