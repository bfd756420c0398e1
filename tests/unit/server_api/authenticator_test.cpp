#include "server/api/authenticator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "tests/support/server/basic_authorization.hpp"
#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"

namespace fuota::server::api {
namespace {

using test_support::basic_authorization;
using test_support::run_awaitable;
using Outcome = Authentication::Outcome;

constexpr domain::Time kNow{std::chrono::seconds(1'800'000'000)};
constexpr char kPassword[] = "correct horse";

const std::string& some_hash() {
  static const std::string hash = hash_password(kPassword);
  return hash;
}

domain::Change change() {
  return {"local:root", "local", kNow};
}

class Authenticate : public testing::Test {
 protected:
  Authentication ask(const std::string& authorization, const std::string& client_name = "",
                     const std::string& address = "192.0.2.1") {
    Presented shown;
    shown.authorization = authorization;
    shown.client_name = client_name;
    shown.peer_address = address;
    return run_awaitable(authenticator_.authenticate(shown));
  }
  Outcome outcome_of(const std::string& authorization, const std::string& client_name = "") {
    return ask(authorization, client_name).outcome;
  }

  /// A request, and where it comes from.
  struct Shown {
    std::string authorization;
    std::string address;
  };

  boost::asio::awaitable<void> keep_outcome(Shown shown, Outcome* outcome) {
    Presented presented;
    presented.authorization = shown.authorization;
    presented.peer_address = shown.address;
    const Authentication found = co_await authenticator_.authenticate(presented);
    *outcome = found.outcome;
  }
  /// All of them have asked before the first password is verified.
  std::vector<Outcome> ask_at_once(const std::vector<Shown>& shown) {
    std::vector<Outcome> outcomes(shown.size(), Outcome::missing);
    boost::asio::io_context context(1);
    for (std::size_t i = 0; i < shown.size(); ++i) {
      boost::asio::co_spawn(context, keep_outcome(shown[i], &outcomes[i]), boost::asio::detached);
    }
    context.run();
    return outcomes;
  }

  std::string add_device(const std::string& id) {
    std::string token = make_token(TokenKind::device);
    EXPECT_TRUE(run_awaitable(store_.put_device_credential(id, digest_of(token), change())));
    return token;
  }
  void add_account(const std::string& name, domain::Role role) {
    domain::Account account;
    account.name = name;
    account.role = role;
    account.password_hash = some_hash();
    EXPECT_TRUE(run_awaitable(store_.create_account(account, change())));
  }
  std::string add_token(const std::string& owner, domain::Role role,
                        std::optional<domain::Time> expires = std::nullopt) {
    std::string secret = make_token(TokenKind::api);
    domain::ApiToken token;
    token.id = "token-of-" + owner;
    token.owner = owner;
    token.role = role;
    token.digest = digest_of(secret);
    token.expires = expires;
    EXPECT_TRUE(run_awaitable(store_.put_api_token(token, change())));
    return secret;
  }

  static ThrottleSettings quick() {
    ThrottleSettings settings;
    settings.failures_free = 2;
    settings.delay_first = std::chrono::milliseconds(1);
    settings.delay_max = std::chrono::milliseconds(2);
    settings.verifications_per_address = 3;
    return settings;
  }

  test_support::MemoryStore store_;
  domain::Time now_ = kNow;
  std::vector<std::string> reports_;
  Authenticator authenticator_{
      store_, SharedUser("fuota", "shared password"), [this] { return now_; },
      [this](std::string_view address, std::uint64_t failures) {
        reports_.push_back(std::string(address) + " " + std::to_string(failures));
      },
      quick()};
};

TEST_F(Authenticate, KnowsTheSharedUserAsAnAdminAndEveryDevice) {
  const auto found = ask(basic_authorization("fuota", "shared password"));
  ASSERT_EQ(found.outcome, Outcome::known);
  EXPECT_EQ(audit_name_of(found.principal), "shared:fuota");
  EXPECT_EQ(found.principal.role, domain::Role::admin);
}

TEST_F(Authenticate, GivesTheSharedUserNoRoleWhereItIsForDevices) {
  Authenticator authenticator(store_, SharedUser("fuota", "pw", SharedUserScope::devices),
                              [] { return kNow; });
  Presented shown;
  const std::string authorization = basic_authorization("fuota", "pw");
  shown.authorization = authorization;
  const auto found = run_awaitable(authenticator.authenticate(shown));
  ASSERT_EQ(found.outcome, Outcome::known);
  EXPECT_FALSE(found.principal.role.has_value());
}

TEST_F(Authenticate, TellsNothingShownFromSomethingWrong) {
  EXPECT_EQ(outcome_of(""), Outcome::missing);
  EXPECT_EQ(outcome_of("Negotiate abc"), Outcome::wrong);
  EXPECT_EQ(outcome_of(basic_authorization("fuota", "another password")), Outcome::wrong);
}

TEST_F(Authenticate, KnowsADeviceByItsToken) {
  const std::string token = add_device("00:01");
  const auto found = ask(basic_authorization("00:01", token));
  ASSERT_EQ(found.outcome, Outcome::known);
  EXPECT_EQ(audit_name_of(found.principal), "device:00:01");
  EXPECT_FALSE(found.principal.role.has_value());
  EXPECT_EQ(outcome_of(basic_authorization("00002", token)), Outcome::wrong);
  EXPECT_EQ(outcome_of(basic_authorization("00:01", make_token(TokenKind::device))),
            Outcome::wrong);
  EXPECT_EQ(outcome_of("Bearer " + token), Outcome::wrong);
}

TEST_F(Authenticate, KnowsADeviceByItsCertificate) {
  const auto found = ask("", "00001");
  ASSERT_EQ(found.outcome, Outcome::known);
  EXPECT_EQ(audit_name_of(found.principal), "device:00001");
  EXPECT_TRUE(found.principal.by_certificate);
}

TEST_F(Authenticate, LooksAtWhatIsShownBeforeTheCertificate) {
  EXPECT_EQ(outcome_of(basic_authorization("fuota", "wrong"), "00001"), Outcome::wrong);
}

TEST_F(Authenticate, RefusesADeviceThatIsBlockedOrHasNoTokenAnyMore) {
  const std::string token = add_device("00001");
  ASSERT_TRUE(run_awaitable(store_.block_device("00001", true, change())));
  EXPECT_EQ(outcome_of(basic_authorization("00001", token)), Outcome::wrong);
  EXPECT_EQ(outcome_of("", "00001"), Outcome::wrong);
  ASSERT_TRUE(run_awaitable(store_.block_device("00001", false, change())));
  EXPECT_EQ(outcome_of(basic_authorization("00001", token)), Outcome::known);
  ASSERT_TRUE(run_awaitable(store_.remove_device_credential("00001", change())));
  EXPECT_EQ(outcome_of(basic_authorization("00001", token)), Outcome::wrong);
  EXPECT_EQ(outcome_of("", "00001"), Outcome::known);
}

TEST_F(Authenticate, KnowsAFleetKey) {
  const std::string secret = make_token(TokenKind::fleet);
  domain::FleetKey key;
  key.id = "factory";
  key.digest = digest_of(secret);
  ASSERT_TRUE(run_awaitable(store_.put_fleet_key(key, change())));
  const auto found = ask(basic_authorization("any", secret));
  ASSERT_EQ(found.outcome, Outcome::known);
  EXPECT_EQ(found.principal.kind, PrincipalKind::fleet_key);
  EXPECT_EQ(found.principal.secret, key.digest);
  EXPECT_EQ(outcome_of(basic_authorization("any", make_token(TokenKind::fleet))), Outcome::wrong);
}

TEST_F(Authenticate, KnowsAnAccountByItsPassword) {
  add_account("anna", domain::Role::operator_);
  const auto found = ask(basic_authorization("anna", kPassword));
  ASSERT_EQ(found.outcome, Outcome::known);
  EXPECT_EQ(audit_name_of(found.principal), "user:anna");
  EXPECT_EQ(found.principal.role, domain::Role::operator_);
  EXPECT_EQ(outcome_of(basic_authorization("anna", "wrong horse")), Outcome::wrong);
}

TEST_F(Authenticate, HashesAPasswordOnceInAWhile) {
  add_account("anna", domain::Role::operator_);
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(outcome_of(basic_authorization("anna", kPassword)), Outcome::known);
  }
  EXPECT_EQ(authenticator_.counts().verifications, 1U);
}

TEST_F(Authenticate, CountsNoGuessWherePeopleShowWhatIsRemembered) {
  add_account("anna", domain::Role::operator_);
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(outcome_of(basic_authorization("anna", kPassword)), Outcome::known);
  }
  EXPECT_EQ(outcome_of(basic_authorization("anna", "a guess")), Outcome::wrong);
}

TEST_F(Authenticate, RemembersAPasswordForTheAddressThatItCameFrom) {
  add_account("anna", domain::Role::operator_);
  ASSERT_EQ(outcome_of(basic_authorization("anna", kPassword)), Outcome::known);
  ASSERT_EQ(ask(basic_authorization("anna", kPassword), "", "192.0.2.2").outcome, Outcome::known);
  EXPECT_EQ(authenticator_.counts().verifications, 2U);
}

class GuessingWhatIsRemembered : public Authenticate,
                                 public testing::WithParamInterface<std::string> {};

TEST_P(GuessingWhatIsRemembered, EndsWithTheTriesOfAMinute) {
  add_account("anna", domain::Role::operator_);
  ASSERT_EQ(outcome_of(basic_authorization("anna", kPassword)), Outcome::known);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(ask(basic_authorization("anna", "a guess"), "", GetParam()).outcome, Outcome::wrong);
  }
  EXPECT_EQ(ask(basic_authorization("anna", kPassword), "", GetParam()).outcome, Outcome::too_many);
}

INSTANTIATE_TEST_SUITE_P(Rows, GuessingWhatIsRemembered, testing::Values("192.0.2.1", "192.0.2.2"),
                         [](const auto& row) {
                           return row.index == 0 ? "FromTheSameAddress" : "FromElsewhere";
                         });

TEST_F(Authenticate, RemembersNoPasswordThatWasChanged) {
  add_account("anna", domain::Role::operator_);
  ASSERT_EQ(outcome_of(basic_authorization("anna", kPassword)), Outcome::known);
  const domain::AccountChange changed{domain::Role::viewer, hash_password("another horse"), {}};
  ASSERT_TRUE(run_awaitable(store_.change_account("anna", changed, change())));
  EXPECT_EQ(outcome_of(basic_authorization("anna", kPassword)), Outcome::wrong);
  EXPECT_EQ(ask(basic_authorization("anna", "another horse")).principal.role, domain::Role::viewer);
}

TEST_F(Authenticate, HashesForAnUnknownNameTooUnlessThereIsNoAccountAtAll) {
  EXPECT_EQ(outcome_of(basic_authorization("nobody", kPassword)), Outcome::wrong);
  EXPECT_EQ(authenticator_.counts().verifications, 0U);
  add_account("anna", domain::Role::viewer);
  EXPECT_EQ(outcome_of(basic_authorization("nobody", kPassword)), Outcome::wrong);
  EXPECT_EQ(authenticator_.counts().verifications, 1U);
}

TEST_F(Authenticate, GivesATokenNoMoreThanItsOwnerHas) {
  add_account("anna", domain::Role::publisher);
  const std::string token = add_token("anna", domain::Role::admin);
  for (const std::string& shown : {basic_authorization("any", token), "Bearer " + token}) {
    const auto found = ask(shown);
    ASSERT_EQ(found.outcome, Outcome::known);
    EXPECT_EQ(audit_name_of(found.principal), "token:token-of-anna");
    EXPECT_EQ(found.principal.role, domain::Role::publisher);
    EXPECT_EQ(found.principal.owner, "anna");
  }
}

TEST_F(Authenticate, GivesATokenNoMoreThanItHasItself) {
  add_account("anna", domain::Role::admin);
  EXPECT_EQ(ask("Bearer " + add_token("anna", domain::Role::viewer)).principal.role,
            domain::Role::viewer);
}

TEST_F(Authenticate, KnowsATokenUntilItExpiresOrItsOwnerGoes) {
  add_account("anna", domain::Role::admin);
  const std::string token =
      add_token("anna", domain::Role::viewer, kNow + std::chrono::seconds(10));
  now_ = kNow + std::chrono::seconds(9);
  EXPECT_EQ(outcome_of("Bearer " + token), Outcome::known);
  now_ = kNow + std::chrono::seconds(10);
  EXPECT_EQ(outcome_of("Bearer " + token), Outcome::wrong);
  now_ = kNow;
  ASSERT_TRUE(run_awaitable(store_.remove_account("anna", change())));
  EXPECT_EQ(outcome_of("Bearer " + token), Outcome::wrong);
}

TEST_F(Authenticate, SendsGuessersAwayAndNobodyElse) {
  add_account("anna", domain::Role::admin);
  const std::string device = add_device("00001");
  ASSERT_EQ(outcome_of(basic_authorization("anna", kPassword)), Outcome::known);
  for (int i = 0; i < 4; ++i) static_cast<void>(ask(basic_authorization("bert", "a guess")));
  const auto sent_away = ask(basic_authorization("bert", "a guess"));
  EXPECT_EQ(sent_away.outcome, Outcome::too_many);
  EXPECT_TRUE(sent_away.retry_after.has_value());
  EXPECT_EQ(outcome_of(basic_authorization("anna", kPassword)), Outcome::known);
  EXPECT_EQ(outcome_of(basic_authorization("00001", device)), Outcome::known);
  EXPECT_EQ(outcome_of(basic_authorization("fuota", "shared password")), Outcome::known);
}

TEST_F(Authenticate, KeepsPlacesToWaitForThoseWhoHaveLoggedInBefore) {
  add_account("anna", domain::Role::admin);
  ASSERT_EQ(outcome_of(basic_authorization("anna", kPassword)), Outcome::known);
  std::vector<Shown> shown;
  for (std::size_t i = 0; i < PasswordVerifier::kWaitingMax; ++i) {
    shown.push_back({basic_authorization("guessed" + std::to_string(i), "a guess"),
                     "2001:db8:0:" + std::to_string(i) + "::1"});
  }
  // Not the one that is remembered: this one must wait.
  shown.push_back({basic_authorization("anna", "a slip of the pen"), "192.0.2.1"});
  const std::vector<Outcome> outcomes = ask_at_once(shown);
  EXPECT_EQ(outcomes.back(), Outcome::wrong);
  EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), Outcome::unavailable), 4);
}

class ChangedMeanwhile : public Authenticate {
 protected:
  boost::asio::awaitable<void> change_account() {
    EXPECT_TRUE((co_await store_.change_account("anna", wanted_, change())).has_value());
  }
  boost::asio::awaitable<void> remove_account() {
    EXPECT_TRUE((co_await store_.remove_account("anna", change())).has_value());
  }

  /// Who anna is found to be where something happens while her password is verified.
  Authentication ask_while(boost::asio::awaitable<void> happening) {
    boost::asio::io_context context(1);
    Authentication found;
    boost::asio::co_spawn(context, keep(&found), boost::asio::detached);
    // Runs before the verified password can come back to this thread.
    boost::asio::co_spawn(context, std::move(happening), boost::asio::detached);
    context.run();
    return found;
  }

  domain::AccountChange wanted_;

 private:
  boost::asio::awaitable<void> keep(Authentication* found) {
    const std::string authorization = basic_authorization("anna", kPassword);
    Presented presented;
    presented.authorization = authorization;
    presented.peer_address = "192.0.2.1";
    *found = co_await authenticator_.authenticate(presented);
  }
};

TEST_F(ChangedMeanwhile, AnAccountThatWasRemovedIsNotLetIn) {
  add_account("anna", domain::Role::admin);
  EXPECT_EQ(ask_while(remove_account()).outcome, Outcome::wrong);
}

TEST_F(ChangedMeanwhile, APasswordThatWasChangedIsWrong) {
  add_account("anna", domain::Role::admin);
  wanted_.password_hash = "another hash";
  EXPECT_EQ(ask_while(change_account()).outcome, Outcome::wrong);
}

TEST_F(ChangedMeanwhile, TheRoleIsTheOneOfThen) {
  add_account("anna", domain::Role::admin);
  wanted_.role = domain::Role::viewer;
  const Authentication found = ask_while(change_account());
  ASSERT_EQ(found.outcome, Outcome::known);
  EXPECT_EQ(found.principal.role, domain::Role::viewer);
}

TEST_F(Authenticate, DelaysGuessesOfTheSharedPassword) {
  for (int i = 0; i < 5; ++i) static_cast<void>(ask(basic_authorization("fuota", "a guess")));
  EXPECT_EQ(authenticator_.counts().failures, 5U);
  EXPECT_EQ(authenticator_.counts().delayed, 3U);
}

// The delay is longer than any test: what doesn't end here, hangs.
TEST_F(Authenticate, DelaysNobodyWhileTheServerStops) {
  ThrottleSettings endless;
  endless.failures_free = 0;
  endless.delay_first = endless.delay_max = std::chrono::hours(24);
  Authenticator authenticator(
      store_, SharedUser("fuota", "pw"), [] { return kNow; }, nullptr, endless);
  const std::string guess = basic_authorization("fuota", "a guess");
  Presented shown;
  shown.authorization = guess;
  shown.peer_address = "192.0.2.1";
  boost::asio::io_context context(1);
  std::vector<Outcome> outcomes;
  const auto ask = [&] {
    boost::asio::co_spawn(context, authenticator.authenticate(shown),
                          [&](const std::exception_ptr&, const Authentication& found) {
                            outcomes.push_back(found.outcome);
                          });
  };
  ask();
  context.poll();
  ASSERT_EQ(authenticator.counts().delayed, 1U);
  EXPECT_TRUE(outcomes.empty());
  authenticator.begin_stop();
  ask();
  context.run();
  EXPECT_EQ(outcomes, (std::vector<Outcome>{Outcome::wrong, Outcome::wrong}));
}

TEST_F(Authenticate, DelaysNobodyWhoShowsAToken) {
  for (int i = 0; i < 20; ++i) {
    static_cast<void>(ask(basic_authorization("00001", make_token(TokenKind::device))));
  }
  EXPECT_EQ(authenticator_.counts().failures, 20U);
  EXPECT_EQ(authenticator_.counts().delayed, 0U);
}

TEST_F(Authenticate, ReportsAnAddressOnceForManyFailures) {
  for (int i = 0; i < 5; ++i) static_cast<void>(ask(basic_authorization("fuota", "a guess")));
  static_cast<void>(ask(basic_authorization("fuota", "a guess"), "", "2001:db8::1"));
  EXPECT_EQ(reports_, (std::vector<std::string>{"192.0.2.1 1", "2001:db8::1 1"}));
}

class BrokenStore : public Authenticate, public testing::WithParamInterface<std::string> {};

TEST_P(BrokenStore, IsNoReasonToCallCredentialsWrong) {
  store_.fail_with({storage::StoreError::unavailable, "the cause"});
  const auto found = ask(GetParam(), "00001");
  EXPECT_EQ(found.outcome, Outcome::unavailable);
  EXPECT_EQ(found.detail, "the cause");
}

INSTANTIATE_TEST_SUITE_P(Rows, BrokenStore,
                         testing::Values(std::string(), basic_authorization("anna", kPassword),
                                         basic_authorization("00001",
                                                             "fud_" + std::string(43, 'A')),
                                         basic_authorization("", "fuf_" + std::string(43, 'A')),
                                         basic_authorization("", "fut_" + std::string(43, 'A'))));

}  // namespace
}  // namespace fuota::server::api
