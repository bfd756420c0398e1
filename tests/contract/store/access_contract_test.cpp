// What every implementation of the Store does with accounts, tokens, keys and credentials.

#include <gmock/gmock.h>

#include <chrono>
#include <optional>

#include "tests/contract/store/implementations.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/some_change.hpp"
#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server::storage {
namespace {

using domain::Account;
using domain::AccountChange;
using domain::ApiToken;
using domain::DeviceCredential;
using domain::FleetKey;
using domain::Role;
using domain::SecretDigest;
using domain::Time;
using std::chrono::seconds;
using test_support::run_awaitable;
using test_support::some_change;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr SecretDigest kDigest = {1, 2, 3};
constexpr SecretDigest kOtherDigest = {4, 5, 6};
constexpr SecretDigest kKeyDigest = {7, 8, 9};

/// The outcome in a word: nothing for success.
std::optional<StoreError> error_of(const Result<void>& result) {
  if (result) return std::nullopt;
  return result.error().code;
}

class AccessContract : public testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override { store_ = GetParam().open(directory_.path()); }

  static Account account(const std::string& name, Role role) {
    return {name, role, "$argon2id$ of " + name, Time(seconds(100))};
  }

  static ApiToken token(const std::string& id, const SecretDigest& digest) {
    return {id, "anna", "ci \xC3\xA4", Role::publisher, digest, Time(seconds(200)), std::nullopt};
  }

  static FleetKey key() {
    FleetKey key;
    key.id = "k1";
    key.label = "line 3";
    key.digest = kKeyDigest;
    key.created = Time(seconds(300));
    return key;
  }

  std::optional<StoreError> put(const Account& account) {
    return error_of(run_awaitable(store_->create_account(account, some_change())));
  }
  std::optional<StoreError> change(const std::string& name, const AccountChange& wanted) {
    return error_of(run_awaitable(store_->change_account(name, wanted, some_change())));
  }
  std::optional<StoreError> put(const ApiToken& token) {
    return error_of(run_awaitable(store_->put_api_token(token, some_change())));
  }
  std::optional<StoreError> put(const FleetKey& key) {
    return error_of(run_awaitable(store_->put_fleet_key(key, some_change())));
  }

  std::optional<StoreError> enrol(const std::string& device, const SecretDigest& token,
                                  Time at = Time(seconds(1'000)),
                                  const SecretDigest& fleet_key = kKeyDigest) {
    return error_of(
        run_awaitable(store_->enrol(device, token, fleet_key, {"fleet_key:k1", "192.0.2.9", at})));
  }
  std::optional<StoreError> provision(const SecretDigest& token) {
    return error_of(run_awaitable(store_->put_device_credential("00001", token, some_change())));
  }
  std::optional<StoreError> take_credential() {
    return error_of(run_awaitable(store_->remove_device_credential("00001", some_change())));
  }
  std::optional<StoreError> block(bool blocked) {
    return error_of(run_awaitable(store_->block_device("00001", blocked, some_change())));
  }
  std::optional<DeviceCredential> credential(const std::string& device = "00001") {
    return *store_->device_credential(device);
  }

  FleetKey stored_key() { return run_awaitable(store_->fleet_keys())->at(0); }

  std::size_t audit_lines() { return run_awaitable(store_->audit({}))->size(); }

  test_support::TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST_P(AccessContract, KnowsNobodyAtFirst) {
  EXPECT_EQ(run_awaitable(store_->account("anna")).error().code, StoreError::not_found);
  EXPECT_THAT(*run_awaitable(store_->accounts()), IsEmpty());
  EXPECT_THAT(*run_awaitable(store_->api_tokens("")), IsEmpty());
  EXPECT_THAT(*run_awaitable(store_->fleet_keys()), IsEmpty());
  EXPECT_EQ(credential(), std::nullopt);
}

TEST_P(AccessContract, ListsAccountsByName) {
  const Account berta = account("berta", Role::admin);
  const Account anna = account("anna", Role::viewer);
  EXPECT_EQ(put(berta), std::nullopt);
  EXPECT_EQ(put(anna), std::nullopt);
  EXPECT_EQ(*run_awaitable(store_->account("anna")), anna);
  EXPECT_THAT(*run_awaitable(store_->accounts()), ElementsAre(anna, berta));
}

TEST_P(AccessContract, CreatesNoAccountThatIsThere) {
  ASSERT_EQ(put(account("anna", Role::viewer)), std::nullopt);
  EXPECT_EQ(put(account("anna", Role::admin)), StoreError::in_use);
  EXPECT_THAT(*run_awaitable(store_->accounts()), ElementsAre(account("anna", Role::viewer)));
}

TEST_P(AccessContract, ChangesOfAnAccountWhatIsSaid) {
  Account expected = account("anna", Role::viewer);
  ASSERT_EQ(put(expected), std::nullopt);
  EXPECT_EQ(change("anna", {Role::operator_, {}, {}}), std::nullopt);
  expected.role = Role::operator_;
  EXPECT_EQ(*run_awaitable(store_->account("anna")), expected);
  EXPECT_EQ(change("anna", {{}, "another", {}}), std::nullopt);
  expected.password_hash = "another";
  EXPECT_EQ(*run_awaitable(store_->account("anna")), expected);
  EXPECT_EQ(change("anna", {Role::admin, "a third", {}}), std::nullopt);
  expected.role = Role::admin;
  expected.password_hash = "a third";
  EXPECT_THAT(*run_awaitable(store_->accounts()), ElementsAre(expected));
}

TEST_P(AccessContract, ChangesNoAccountThatIsNotThere) {
  EXPECT_EQ(change("anna", {Role::admin, "another", {}}), StoreError::not_found);
  EXPECT_THAT(*run_awaitable(store_->accounts()), IsEmpty());
}

TEST_P(AccessContract, ChangesNoAccountThatHasAnotherPasswordThanWasShown) {
  Account expected = account("anna", Role::viewer);
  ASSERT_EQ(put(expected), std::nullopt);
  Sha256 hash;
  hash.update(expected.password_hash);
  const SecretDigest shown = hash.finish();
  EXPECT_EQ(change("anna", {Role::admin, "another", kDigest}), StoreError::other_content);
  EXPECT_EQ(*run_awaitable(store_->account("anna")), expected);
  EXPECT_EQ(change("anna", {{}, "another", shown}), std::nullopt);
  EXPECT_EQ(change("anna", {{}, "a third", shown}), StoreError::other_content);
}

TEST_P(AccessContract, RemovesAnAccountWithItsTokens) {
  ASSERT_EQ(put(account("anna", Role::admin)), std::nullopt);
  ASSERT_EQ(put(account("berta", Role::admin)), std::nullopt);
  ASSERT_EQ(put(token("t1", kDigest)), std::nullopt);
  ApiToken of_berta = token("t2", kOtherDigest);
  of_berta.owner = "berta";
  ASSERT_EQ(put(of_berta), std::nullopt);
  EXPECT_EQ(error_of(run_awaitable(store_->remove_account("anna", some_change()))), std::nullopt);
  EXPECT_EQ(run_awaitable(store_->account("anna")).error().code, StoreError::not_found);
  EXPECT_EQ(run_awaitable(store_->api_token(kDigest)).error().code, StoreError::not_found);
  EXPECT_THAT(*run_awaitable(store_->api_tokens("")), ElementsAre(of_berta));
}

TEST_P(AccessContract, RemovesNoAccountThatIsNotThere) {
  EXPECT_EQ(error_of(run_awaitable(store_->remove_account("anna", some_change()))),
            StoreError::not_found);
}

TEST_P(AccessContract, FindsATokenByItsDigestWithThePresentRoleOfItsOwner) {
  ASSERT_EQ(put(account("anna", Role::admin)), std::nullopt);
  ApiToken limited = token("t1", kDigest);
  limited.expires = Time(seconds(5'000));
  ASSERT_EQ(put(limited), std::nullopt);
  ASSERT_EQ(change("anna", {Role::viewer, {}, {}}), std::nullopt);
  const auto use = run_awaitable(store_->api_token(kDigest));
  ASSERT_TRUE(use.has_value());
  EXPECT_EQ(use->token, limited);
  EXPECT_EQ(use->owner_role, Role::viewer);
  EXPECT_EQ(run_awaitable(store_->api_token(kOtherDigest)).error().code, StoreError::not_found);
}

TEST_P(AccessContract, ListsTheTokensOfAnOwner) {
  ASSERT_EQ(put(account("anna", Role::admin)), std::nullopt);
  ASSERT_EQ(put(token("t2", kDigest)), std::nullopt);
  ASSERT_EQ(put(token("t1", kOtherDigest)), std::nullopt);
  EXPECT_THAT(*run_awaitable(store_->api_tokens("anna")),
              ElementsAre(token("t1", kOtherDigest), token("t2", kDigest)));
  EXPECT_THAT(*run_awaitable(store_->api_tokens("berta")), IsEmpty());
}

TEST_P(AccessContract, AddsNoTokenWithoutAnOwner) {
  EXPECT_EQ(put(token("t1", kDigest)), StoreError::not_found);
}

TEST_P(AccessContract, AddsNoTokenOfAnIdOrDigestThatIsThere) {
  ASSERT_EQ(put(account("anna", Role::admin)), std::nullopt);
  ASSERT_EQ(put(token("t1", kDigest)), std::nullopt);
  EXPECT_EQ(put(token("t1", kOtherDigest)), StoreError::in_use);
  EXPECT_EQ(put(token("t2", kDigest)), StoreError::in_use);
  EXPECT_THAT(*run_awaitable(store_->api_tokens("")), ElementsAre(token("t1", kDigest)));
}

TEST_P(AccessContract, RemovesAToken) {
  ASSERT_EQ(put(account("anna", Role::admin)), std::nullopt);
  ASSERT_EQ(put(token("t1", kDigest)), std::nullopt);
  EXPECT_EQ(error_of(run_awaitable(store_->remove_api_token("t1", some_change()))), std::nullopt);
  EXPECT_EQ(error_of(run_awaitable(store_->remove_api_token("t1", some_change()))),
            StoreError::not_found);
  EXPECT_EQ(run_awaitable(store_->api_token(kDigest)).error().code, StoreError::not_found);
}

TEST_P(AccessContract, KeepsAFleetKeyAsItIs) {
  FleetKey limited = key();
  limited.expires = Time(seconds(5'000));
  limited.enrolments = 3;
  limited.enrolments_max = 10;
  ASSERT_EQ(put(limited), std::nullopt);
  EXPECT_EQ(stored_key(), limited);
}

TEST_P(AccessContract, AddsNoFleetKeyOfAnIdOrDigestThatIsThere) {
  ASSERT_EQ(put(key()), std::nullopt);
  FleetKey other = key();
  other.digest = kOtherDigest;
  EXPECT_EQ(put(other), StoreError::in_use);
  other = key();
  other.id = "k2";
  EXPECT_EQ(put(other), StoreError::in_use);
  EXPECT_THAT(*run_awaitable(store_->fleet_keys()), ElementsAre(key()));
}

TEST_P(AccessContract, RemovesAFleetKeyAfterWhichNobodyEnrols) {
  ASSERT_EQ(put(key()), std::nullopt);
  ASSERT_EQ(enrol("00001", kDigest), std::nullopt);
  EXPECT_EQ(error_of(run_awaitable(store_->remove_fleet_key("k1", some_change()))), std::nullopt);
  EXPECT_EQ(error_of(run_awaitable(store_->remove_fleet_key("k1", some_change()))),
            StoreError::not_found);
  EXPECT_EQ(enrol("00002", kOtherDigest), StoreError::not_found);
  EXPECT_TRUE(credential("00001").has_value());
}

TEST_P(AccessContract, EnrolsADeviceAndCountsIt) {
  ASSERT_EQ(put(key()), std::nullopt);
  EXPECT_EQ(enrol("00001", kDigest, Time(seconds(1'000))), std::nullopt);
  EXPECT_EQ(credential(), (DeviceCredential{kDigest, false, Time(seconds(1'000))}));
  EXPECT_EQ(stored_key().enrolments, 1U);
}

TEST_P(AccessContract, EnrolsADeviceAgainWithTheSameTokenAndChangesNothing) {
  FleetKey once = key();
  once.enrolments_max = 1;
  ASSERT_EQ(put(once), std::nullopt);
  ASSERT_EQ(enrol("00001", kDigest), std::nullopt);
  const std::size_t lines = audit_lines();
  // The key is used up, by this very enrolment; the answer to it may have got lost.
  EXPECT_EQ(enrol("00001", kDigest, Time(seconds(2'000))), std::nullopt);
  EXPECT_EQ(credential()->changed, Time(seconds(1'000)));
  EXPECT_EQ(stored_key().enrolments, 1U);
  EXPECT_EQ(audit_lines(), lines);
}

TEST_P(AccessContract, EnrolsNobodyWithoutAUsableKey) {
  FleetKey limited = key();
  limited.expires = Time(seconds(2'000));
  limited.enrolments_max = 1;
  ASSERT_EQ(put(limited), std::nullopt);
  EXPECT_EQ(enrol("00001", kDigest, Time(seconds(1'000)), kOtherDigest), StoreError::not_found);
  EXPECT_EQ(enrol("00001", kDigest, Time(seconds(2'000))), StoreError::not_found);
  ASSERT_EQ(enrol("00002", kOtherDigest, Time(seconds(1'999))), std::nullopt);
  EXPECT_EQ(enrol("00001", kDigest, Time(seconds(1'999))), StoreError::not_found);
  EXPECT_EQ(credential(), std::nullopt);
}

TEST_P(AccessContract, EnrolsNoDeviceThatHasAnotherToken) {
  ASSERT_EQ(put(key()), std::nullopt);
  ASSERT_EQ(provision(kOtherDigest), std::nullopt);
  EXPECT_EQ(enrol("00001", kDigest), StoreError::in_use);
  EXPECT_EQ(credential()->digest, kOtherDigest);
  EXPECT_EQ(stored_key().enrolments, 0U);
}

TEST_P(AccessContract, EnrolsNoDeviceThatIsBlocked) {
  ASSERT_EQ(put(key()), std::nullopt);
  ASSERT_EQ(enrol("00001", kDigest), std::nullopt);
  ASSERT_EQ(block(true), std::nullopt);
  EXPECT_EQ(enrol("00001", kDigest), StoreError::in_use);
  ASSERT_EQ(take_credential(), std::nullopt);
  EXPECT_EQ(enrol("00001", kDigest), StoreError::in_use);
  EXPECT_EQ(credential(), (DeviceCredential{std::nullopt, true, Time()}));
}

TEST_P(AccessContract, EnrolsADeviceWhoseTokenWasTakenAway) {
  ASSERT_EQ(put(key()), std::nullopt);
  ASSERT_EQ(provision(kOtherDigest), std::nullopt);
  ASSERT_EQ(take_credential(), std::nullopt);
  EXPECT_EQ(credential(), std::nullopt);
  EXPECT_EQ(enrol("00001", kDigest), std::nullopt);
}

TEST_P(AccessContract, GivesADeviceAnotherTokenAndLeavesItBlocked) {
  ASSERT_EQ(provision(kDigest), std::nullopt);
  ASSERT_EQ(block(true), std::nullopt);
  ASSERT_EQ(provision(kOtherDigest), std::nullopt);
  EXPECT_EQ(credential(), (DeviceCredential{kOtherDigest, true, Time()}));
}

TEST_P(AccessContract, TakesNoTokenFromADeviceThatHasNone) {
  EXPECT_EQ(take_credential(), StoreError::not_found);
  ASSERT_EQ(block(true), std::nullopt);
  EXPECT_EQ(take_credential(), StoreError::not_found);
}

TEST_P(AccessContract, LetsADeviceInAgain) {
  ASSERT_EQ(provision(kDigest), std::nullopt);
  ASSERT_EQ(block(true), std::nullopt);
  ASSERT_EQ(block(false), std::nullopt);
  EXPECT_EQ(credential(), (DeviceCredential{kDigest, false, Time()}));
}

TEST_P(AccessContract, ForgetsADeviceThatWasBlockedWithoutAToken) {
  ASSERT_EQ(block(true), std::nullopt);
  ASSERT_EQ(block(false), std::nullopt);
  EXPECT_EQ(credential(), std::nullopt);
}

TEST_P(AccessContract, ChangesNothingWhereADeviceIsBlockedAlready) {
  ASSERT_EQ(block(false), std::nullopt);
  EXPECT_EQ(audit_lines(), 0U);
  ASSERT_EQ(block(true), std::nullopt);
  ASSERT_EQ(block(true), std::nullopt);
  EXPECT_EQ(audit_lines(), 1U);
}

TEST_P(AccessContract, KeepsACredentialWhenTheDevicesRowGoes) {
  ASSERT_EQ(provision(kDigest), std::nullopt);
  ASSERT_EQ(
      error_of(run_awaitable(store_->put_device({"00001", "0.1.0", "app.bin"}, some_change()))),
      std::nullopt);
  ASSERT_EQ(error_of(run_awaitable(store_->remove_device("00001", some_change()))), std::nullopt);
  EXPECT_TRUE(credential().has_value());
}

INSTANTIATE_TEST_SUITE_P(Implementations, AccessContract, all_implementations(),
                         name_of_implementation);

}  // namespace
}  // namespace fuota::server::storage
