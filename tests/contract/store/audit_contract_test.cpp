// What every implementation of the Store writes down of changes.

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "tests/contract/store/implementations.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server::storage {
namespace {

using domain::AuditEntry;
using domain::AuditQuery;
using domain::Change;
using domain::Time;
using std::chrono::seconds;
using test_support::run_awaitable;
using testing::ElementsAre;
using testing::IsEmpty;

const Change kChange{"user:anna", "2001:db8::1", Time(seconds(1'000))};

/// "abc" is the content of all files here.
constexpr char kContentDetail[] =
    "sha256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad, 3 bytes";

class AuditContract : public testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override { store_ = GetParam().open(directory_.path()); }

  bool put_device(const std::string& id, const Change& change = kChange) {
    return run_awaitable(store_->put_device({id, "0.1.0", "app.bin"}, change)).has_value();
  }

  bool publish(const std::string& name) {
    auto upload = std::move(*run_awaitable(store_->begin_upload()));
    EXPECT_TRUE(run_awaitable(upload->append("abc")).has_value());
    return run_awaitable(store_->publish(name, std::move(upload), kChange)).has_value();
  }

  std::vector<AuditEntry> audit(const AuditQuery& query = {}) {
    return *run_awaitable(store_->audit(query));
  }

  /// The objects of the entries that are found.
  std::vector<std::string> objects(const AuditQuery& query) {
    std::vector<std::string> found;
    for (const AuditEntry& entry : audit(query)) found.push_back(entry.object);
    return found;
  }

  test_support::TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST_P(AuditContract, TellsWhoDidWhatWhenAndFromWhere) {
  ASSERT_TRUE(put_device("00001"));
  EXPECT_THAT(audit(), ElementsAre(AuditEntry{1, kChange, "device.put", "00001",
                                              "version 0.1.0, file app.bin"}));
}

TEST_P(AuditContract, HasALineForEveryKindOfChange) {
  Sha256 hash;
  hash.update("abc");
  const ContentId content{hash.finish(), 3};
  domain::Account account{"anna", domain::Role::operator_, "secret hash", {}};
  domain::AccountChange promotion{domain::Role::admin, "a third hash", {}};
  domain::ApiToken token{"t1", "anna", "ci", domain::Role::viewer, {1}, {}, {}};
  domain::FleetKey key;
  key.id = "k1";
  key.label = "line 3";
  ASSERT_TRUE(put_device("00001"));
  ASSERT_TRUE(publish("app.bin"));
  for (const auto& call : std::vector<std::function<boost::asio::awaitable<Result<void>>()>>{
           [&] { return store_->put_manifest("app.bin", content, "manifest", kChange); },
           [&] { return store_->put_root(1, "document", kChange); },
           [&] { return store_->remove_device("00001", kChange); },
           [&] { return store_->remove_file("app.bin", kChange); },
           [&] { return store_->create_account(account, kChange); },
           [&] {
             return store_->change_account("anna", {domain::Role::viewer, {}, {}}, kChange);
           },
           [&] {
             return store_->change_account("anna", {{}, "another hash", {}}, kChange);
           },
           [&] { return store_->change_account("anna", promotion, kChange); },
           [&] { return store_->put_api_token(token, kChange); },
           [&] { return store_->remove_api_token("t1", kChange); },
           [&] { return store_->remove_account("anna", kChange); },
           [&] { return store_->put_fleet_key(key, kChange); },
           [&] { return store_->enrol("00001", {2}, {}, kChange); },
           [&] { return store_->remove_fleet_key("k1", kChange); },
           [&] { return store_->put_device_credential("00001", {3}, kChange); },
           [&] { return store_->block_device("00001", true, kChange); },
           [&] { return store_->block_device("00001", false, kChange); },
           [&] { return store_->remove_device_credential("00001", kChange); },
       }) {
    ASSERT_TRUE(run_awaitable(call()).has_value());
  }
  auto entry = [number = 0U](const char* action, const char* object,
                             const char* detail = "") mutable {
    return AuditEntry{++number, kChange, action, object, detail};
  };
  std::vector<AuditEntry> expected = {
      entry("device.put", "00001", "version 0.1.0, file app.bin"),
      entry("file.put", "app.bin", kContentDetail),
      entry("manifest.put", "app.bin", kContentDetail),
      entry("root.put", "1"),
      entry("device.remove", "00001"),
      entry("file.remove", "app.bin"),
      entry("account.put", "anna", "created with role operator"),
      entry("account.put", "anna", "role operator -> viewer"),
      entry("account.put", "anna", "password set"),
      entry("account.put", "anna", "role viewer -> admin, password set"),
      entry("token.put", "t1", "owner anna, role viewer, label ci"),
      entry("token.remove", "t1"),
      entry("account.remove", "anna"),
      entry("fleet_key.put", "k1", "for any number of enrolments, label line 3"),
      entry("credential.enrol", "00001", "fleet key k1"),
      entry("fleet_key.remove", "k1"),
      entry("credential.put", "00001"),
      entry("credential.block", "00001"),
      entry("credential.unblock", "00001"),
      entry("credential.remove", "00001"),
  };
  std::reverse(expected.begin(), expected.end());
  EXPECT_EQ(audit(), expected);
}

TEST_P(AuditContract, HasNoLineForAChangeThatWasRefused) {
  ASSERT_FALSE(run_awaitable(store_->remove_device("00001", kChange)).has_value());
  ASSERT_FALSE(run_awaitable(store_->put_root(2, "document", kChange)).has_value());
  ASSERT_FALSE(run_awaitable(store_->put_api_token({}, kChange)).has_value());
  ASSERT_FALSE(run_awaitable(store_->enrol("00001", {1}, {2}, kChange)).has_value());
  EXPECT_THAT(audit(), IsEmpty());
}

TEST_P(AuditContract, HasNoLineForAnAccountThatIsAlreadyAsItIsWanted) {
  const domain::Account account{"anna", domain::Role::viewer, "hash", {}};
  ASSERT_TRUE(run_awaitable(store_->create_account(account, kChange)).has_value());
  const domain::AccountChange same{domain::Role::viewer, "hash", {}};
  ASSERT_TRUE(run_awaitable(store_->change_account("anna", same, kChange)).has_value());
  EXPECT_EQ(audit().size(), 1U);
}

TEST_P(AuditContract, HasNoLineForARootDocumentThatIsThere) {
  ASSERT_TRUE(run_awaitable(store_->put_root(1, "document", kChange)).has_value());
  ASSERT_TRUE(run_awaitable(store_->put_root(1, "document", kChange)).has_value());
  EXPECT_EQ(audit().size(), 1U);
}

TEST_P(AuditContract, ComesInPages) {
  for (const char* id : {"1", "2", "3", "4"}) ASSERT_TRUE(put_device(id));
  AuditQuery query;
  query.count_max = 2;
  EXPECT_THAT(objects(query), ElementsAre("4", "3"));
  query.before = 3;
  EXPECT_THAT(objects(query), ElementsAre("2", "1"));
  query.before = 1;
  EXPECT_THAT(objects(query), IsEmpty());
}

TEST_P(AuditContract, IsAskedForThoseOfOneKind) {
  ASSERT_TRUE(put_device("1", {"user:anna", "local", {}}));
  ASSERT_TRUE(put_device("2", {"user:berta", "local", {}}));
  ASSERT_TRUE(put_device("3", {"user:%", "local", {}}));
  ASSERT_TRUE(publish("app.bin"));
  AuditQuery by;
  by.by_prefix = "user:b";
  EXPECT_THAT(objects(by), ElementsAre("2"));
  by.by_prefix = "user:%";
  EXPECT_THAT(objects(by), ElementsAre("3"));
  AuditQuery action;
  action.action_prefix = "file.";
  EXPECT_THAT(objects(action), ElementsAre("app.bin"));
}

TEST_P(AuditContract, IsShortenedFromItsBeginningAndSaysSo) {
  for (int second = 1; second <= 4; ++second) {
    ASSERT_TRUE(put_device(std::to_string(second), {"user:anna", "local", Time(seconds(second))}));
  }
  EXPECT_EQ(*run_awaitable(store_->shorten_audit(Time(seconds(3)), kChange)), 2U);
  const auto entries = audit();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0], (AuditEntry{5, kChange, "audit.shorten", "3",
                                    "removed 2 entries from before 1970-01-01T00:00:03Z"}));
  EXPECT_EQ(entries[2].number, 3U);
  // There is nothing more to remove, and to say.
  EXPECT_EQ(*run_awaitable(store_->shorten_audit(Time(seconds(3)), kChange)), 0U);
  EXPECT_EQ(audit(), entries);
}

TEST_P(AuditContract, IsShortenedNoFurtherThanTheFirstEntryThatIsToBeKept) {
  for (const int second : {1, 9, 2, 3}) {
    ASSERT_TRUE(put_device(std::to_string(second), {"user:anna", "local", Time(seconds(second))}));
  }
  EXPECT_EQ(*run_awaitable(store_->shorten_audit(Time(seconds(5)), kChange)), 1U);
  EXPECT_THAT(objects({}), ElementsAre("2", "3", "2", "9"));
}

TEST_P(AuditContract, GoesOnCountingWhenAllOfItWasRemoved) {
  ASSERT_TRUE(put_device("1"));
  EXPECT_EQ(*run_awaitable(store_->shorten_audit(kChange.at + seconds(1), kChange)), 1U);
  ASSERT_TRUE(put_device("2"));
  EXPECT_EQ(audit()[0].number, 3U);
  EXPECT_EQ(audit()[1].number, 2U);
  EXPECT_EQ(*run_awaitable(store_->shorten_audit(Time(), kChange)), 0U);
}

INSTANTIATE_TEST_SUITE_P(Implementations, AuditContract, all_implementations(),
                         name_of_implementation);

}  // namespace
}  // namespace fuota::server::storage
