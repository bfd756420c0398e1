// The endpoints of accounts, tokens, fleet keys, credentials and the audit log, over a store in
// memory.

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <functional>
#include <string>
#include <utility>

#include "server/api/access_token.hpp"
#include "server/api/account_endpoints.hpp"
#include "server/api/audit_endpoints.hpp"
#include "server/api/credential_endpoints.hpp"
#include "server/api/token_endpoints.hpp"
#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/unit/server_api/fake_body.hpp"

namespace fuota::server::api {
namespace {

namespace json = boost::json;
using domain::Role;
using test_support::run_awaitable;
using testing::HasSubstr;

constexpr domain::Time kNow{std::chrono::seconds(1'800'000'000)};

domain::Change change() {
  return {"user:anna", "192.0.2.7", kNow};
}

Principal account(const std::string& name, Role role) {
  Principal principal;
  principal.kind = PrincipalKind::account;
  principal.name = name;
  principal.role = role;
  principal.owner = name;
  return principal;
}

/// A body during which something happens.
class SlowBody final : public BodySource {
 public:
  SlowBody(std::string bytes, std::function<void()> meanwhile)
      : bytes_(std::move(bytes)), meanwhile_(std::move(meanwhile)) {}

  boost::asio::awaitable<std::optional<std::size_t>> read(std::span<char> destination) override {
    if (meanwhile_) std::exchange(meanwhile_, nullptr)();
    co_return co_await bytes_.read(destination);
  }

 private:
  FakeBody bytes_;
  std::function<void()> meanwhile_;
};

std::string text_of(const Answer& answer, const char* member) {
  return std::string(json::parse(answer.text).at(member).as_string());
}

class AccessEndpoints : public testing::Test {
 protected:
  Answer put_account(const std::string& name, const std::string& body,
                     const Principal& principal = account("anna", Role::admin)) {
    FakeBody source(body);
    return run_awaitable(accounts_.put(name, &source, &principal, change()));
  }
  Answer create_token(const std::string& body, const Principal& principal) {
    FakeBody source(body);
    return run_awaitable(tokens_.create(&source, &principal, change()));
  }
  Answer create_key(const std::string& body,
                    const Principal& principal = account("anna", Role::admin)) {
    FakeBody source(body);
    return run_awaitable(keys_.create(&source, &principal, change()));
  }
  Answer put_credential(const std::string& id, const std::string& body) {
    FakeBody source(body);
    return run_awaitable(credentials_.put(id, &source, change()));
  }
  Answer enrol(const std::string& id, const std::string& body, const Principal& principal) {
    FakeBody source(body);
    return run_awaitable(credentials_.enrol(id, &source, &principal, change()));
  }
  void make_account(const std::string& name, const char* role = "publisher") {
    ASSERT_EQ(
        put_account(name, std::string(R"({"role":")") + role + R"(","password":"correct horse"})")
            .outcome,
        Outcome::ok);
  }
  /// Somebody who has just shown the password of this account.
  Principal known(const std::string& name) {
    const auto found = run_awaitable(store_.account(name));
    Principal principal = account(name, found->role);
    principal.secret = digest_of(found->password_hash);
    return principal;
  }
  /// Somebody who has just shown this fleet key.
  Principal fleet_key(const std::string& secret) {
    Principal principal;
    principal.kind = PrincipalKind::fleet_key;
    principal.secret = digest_of(secret);
    return principal;
  }

  domain::Time now_ = kNow;
  test_support::MemoryStore store_;
  Authenticator authenticator_{store_, SharedUser("fuota", "password"), [] { return kNow; }};
  AccountEndpoints accounts_{store_, authenticator_, "fuota"};
  TokenEndpoints tokens_{store_};
  FleetKeyEndpoints keys_{store_};
  CredentialEndpoints credentials_{store_, [this] { return now_; }};
  AuditEndpoints audit_{store_};
};

using Accounts = AccessEndpoints;

TEST_F(Accounts, AreMadeAndToldWithoutTheirHash) {
  const Answer made = put_account("otto", R"({"role":"operator","password":"correct horse"})");
  ASSERT_EQ(made.outcome, Outcome::ok) << made.text;
  EXPECT_EQ(made.text, R"({"name":"otto","role":"operator","created":"2027-01-15T08:00:00Z"})"
                       "\n");
  EXPECT_EQ(run_awaitable(accounts_.get("otto")).text, made.text);
  EXPECT_EQ(run_awaitable(accounts_.list()).text,
            R"({"accounts":[)" + made.text.substr(0, made.text.size() - 1) + "]}\n");
  EXPECT_EQ(verify_password(run_awaitable(store_.account("otto"))->password_hash, "correct horse"),
            PasswordVerdict::right);
}

TEST_F(Accounts, KeepWhatIsNotChanged) {
  make_account("otto");
  const std::string hash = run_awaitable(store_.account("otto"))->password_hash;
  ASSERT_EQ(put_account("otto", R"({"role":"viewer"})").outcome, Outcome::ok);
  EXPECT_EQ(run_awaitable(store_.account("otto"))->password_hash, hash);
  ASSERT_EQ(put_account("otto", R"({"password":"another horse"})").outcome, Outcome::ok);
  EXPECT_EQ(run_awaitable(store_.account("otto"))->role, Role::viewer);
  EXPECT_NE(run_awaitable(store_.account("otto"))->password_hash, hash);
}

TEST_F(Accounts, ChangeTheirOwnPasswordAndNotTheirRole) {
  make_account("otto");
  EXPECT_EQ(put_account("otto", R"({"password":"another horse"})", known("otto")).outcome,
            Outcome::ok);
  const Principal otto = known("otto");
  EXPECT_EQ(put_account("otto", R"({"role":"publisher"})", otto).outcome, Outcome::ok);
  EXPECT_EQ(put_account("otto", R"({"role":"admin"})", otto).outcome, Outcome::forbidden);
  EXPECT_EQ(run_awaitable(store_.account("otto"))->role, Role::publisher);
}

TEST_F(Accounts, AreNotMadeAgainByThoseWhoWereRemoved) {
  make_account("otto", "viewer");
  const Principal otto = known("otto");
  SlowBody body(R"({"role":"viewer","password":"another horse"})",
                [this] { ASSERT_TRUE(run_awaitable(store_.remove_account("otto", change()))); });
  EXPECT_EQ(run_awaitable(accounts_.put("otto", &body, &otto, change())).outcome,
            Outcome::forbidden);
  EXPECT_EQ(run_awaitable(accounts_.get("otto")).outcome, Outcome::not_found);
}

TEST_F(Accounts, AreNotMadeAgainByAdminsWhoWereRemoved) {
  make_account("otto", "admin");
  const Principal otto = known("otto");
  SlowBody body(R"({"role":"admin","password":"another horse"})",
                [this] { ASSERT_TRUE(run_awaitable(store_.remove_account("otto", change()))); });
  EXPECT_EQ(run_awaitable(accounts_.put("otto", &body, &otto, change())).outcome,
            Outcome::forbidden);
  EXPECT_EQ(run_awaitable(accounts_.get("otto")).outcome, Outcome::not_found);
}

TEST_F(Accounts, KeepThePasswordThatTheyWereGivenMeanwhile) {
  make_account("otto");
  const Principal otto = known("otto");
  SlowBody body(R"({"password":"another horse"})", [this] {
    ASSERT_EQ(put_account("otto", R"({"password":"horse of an admin"})").outcome, Outcome::ok);
  });
  EXPECT_EQ(run_awaitable(accounts_.put("otto", &body, &otto, change())).outcome,
            Outcome::forbidden);
  EXPECT_EQ(
      verify_password(run_awaitable(store_.account("otto"))->password_hash, "horse of an admin"),
      PasswordVerdict::right);
}

TEST_F(Accounts, AreNotMadeOrChangedByTokens) {
  make_account("otto");
  Principal token = account("anna", Role::admin);
  token.kind = PrincipalKind::api_token;
  const std::string body = R"({"role":"admin","password":"correct horse"})";
  EXPECT_EQ(put_account("otto", body, token).outcome, Outcome::forbidden);
  EXPECT_EQ(put_account("emma", body, token).outcome, Outcome::forbidden);
  EXPECT_EQ(run_awaitable(store_.accounts())->size(), 1U);
  EXPECT_EQ(run_awaitable(store_.account("otto"))->role, Role::publisher);
}

TEST_F(Accounts, AreRemoved) {
  make_account("otto");
  EXPECT_EQ(run_awaitable(accounts_.remove("otto", change())).outcome, Outcome::ok);
  EXPECT_EQ(run_awaitable(accounts_.remove("otto", change())).outcome, Outcome::not_found);
  EXPECT_EQ(run_awaitable(accounts_.get("otto")).outcome, Outcome::not_found);
}

struct BadAccount {
  const char* fact;
  const char* name;
  const char* body;
  Outcome outcome;
  const char* says;
};

class RefusedAccount : public AccessEndpoints, public testing::WithParamInterface<BadAccount> {};

TEST_P(RefusedAccount, SaysWhatIsWrong) {
  const Answer answer = put_account(GetParam().name, GetParam().body);
  EXPECT_EQ(answer.outcome, GetParam().outcome);
  EXPECT_THAT(answer.text, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RefusedAccount,
    testing::Values(
        BadAccount{"InItsName", "Otto", "{}", Outcome::bad_request, "name can't be one"},
        BadAccount{"InTheSharedUsersName", "fuota", "{}", Outcome::conflict, "shared user's name"},
        BadAccount{"InItsRole", "otto", R"({"role":"root","password":"correct horse"})",
                   Outcome::bad_request, "\"role\" is none"},
        BadAccount{"InItsPassword", "otto", R"({"role":"viewer","password":"short"})",
                   Outcome::bad_request, "\"password\" can't be one"},
        BadAccount{"InAnUnknownMember", "otto", R"({"rôle":"viewer"})", Outcome::bad_request,
                   "\"rôle\" is no member"},
        BadAccount{"InNothingAtAll", "otto", "{}", Outcome::bad_request, "nothing to change"},
        BadAccount{"InAMissingPassword", "otto", R"({"role":"viewer"})", Outcome::bad_request,
                   "no such account"}),
    [](const auto& row) { return row.param.fact; });

using Tokens = AccessEndpoints;

TEST_F(Tokens, AreToldOnce) {
  make_account("otto");
  const Principal otto = account("otto", Role::publisher);
  const Answer made = create_token(R"({"label":"ci","role":"viewer","expires_in_s":60})", otto);
  ASSERT_EQ(made.outcome, Outcome::created) << made.text;
  EXPECT_EQ(text_of(made, "expires"), "2027-01-15T08:01:00Z");
  const std::string secret = text_of(made, "token");
  EXPECT_EQ(token_kind(secret), TokenKind::api);
  EXPECT_EQ(run_awaitable(store_.api_token(digest_of(secret)))->token.id, text_of(made, "id"));
  const Answer listed = run_awaitable(tokens_.list(&otto));
  EXPECT_THAT(listed.text, HasSubstr(text_of(made, "id")));
  EXPECT_THAT(listed.text, testing::Not(HasSubstr(secret)));
}

TEST_F(Tokens, AreSeenAndRemovedByTheirOwnersAndAdmins) {
  make_account("otto");
  make_account("emma");
  const Principal otto = account("otto", Role::publisher);
  const Principal emma = account("emma", Role::publisher);
  const Principal admin = account("anna", Role::admin);
  const std::string id = text_of(create_token(R"({"label":"ci","role":"viewer"})", otto), "id");
  EXPECT_THAT(run_awaitable(tokens_.list(&emma)).text, testing::Not(HasSubstr(id)));
  EXPECT_THAT(run_awaitable(tokens_.list(&admin)).text, HasSubstr(id));
  EXPECT_EQ(run_awaitable(tokens_.remove(id, &emma, change())).outcome, Outcome::not_found);
  EXPECT_EQ(run_awaitable(tokens_.remove(id, &otto, change())).outcome, Outcome::ok);
  EXPECT_EQ(run_awaitable(tokens_.remove(id, &admin, change())).outcome, Outcome::not_found);
}

TEST_F(Tokens, OfOthersAreMadeByAdminsAlone) {
  make_account("emma");
  const std::string body = R"({"label":"ci","role":"viewer","owner":"emma"})";
  EXPECT_EQ(create_token(body, account("otto", Role::operator_)).outcome, Outcome::forbidden);
  EXPECT_EQ(text_of(create_token(body, account("anna", Role::admin)), "owner"), "emma");
}

TEST_F(Tokens, OfTheSharedUserNeedAnOwner) {
  make_account("emma");
  Principal shared;
  shared.kind = PrincipalKind::shared;
  shared.role = Role::admin;
  EXPECT_EQ(create_token(R"({"label":"ci","role":"viewer"})", shared).outcome,
            Outcome::bad_request);
  EXPECT_EQ(create_token(R"({"label":"ci","role":"viewer","owner":"emma"})", shared).outcome,
            Outcome::created);
  EXPECT_EQ(create_token(R"({"label":"ci","role":"viewer","owner":"bert"})", shared).outcome,
            Outcome::bad_request);
}

TEST_F(Tokens, AreNotAboveTheirMaker) {
  make_account("otto");
  EXPECT_EQ(
      create_token(R"({"label":"ci","role":"operator"})", account("otto", Role::publisher)).outcome,
      Outcome::forbidden);
}

TEST_F(Tokens, MakeNoTokens) {
  make_account("otto");
  Principal token = account("otto", Role::publisher);
  token.kind = PrincipalKind::api_token;
  EXPECT_EQ(create_token(R"({"label":"ci","role":"viewer"})", token).outcome, Outcome::forbidden);
}

TEST_F(Tokens, AreNotMadeWithoutEnd) {
  make_account("otto");
  const Principal otto = account("otto", Role::publisher);
  for (std::size_t i = 0; i < kApiTokensPerAccountMax; ++i) {
    ASSERT_EQ(create_token(R"({"label":"ci","role":"viewer"})", otto).outcome, Outcome::created);
  }
  EXPECT_EQ(create_token(R"({"label":"ci","role":"viewer"})", otto).outcome, Outcome::conflict);
}

class RefusedToken : public AccessEndpoints, public testing::WithParamInterface<const char*> {};

TEST_P(RefusedToken, IsMalformed) {
  make_account("otto");
  EXPECT_EQ(create_token(GetParam(), account("otto", Role::publisher)).outcome,
            Outcome::bad_request);
}

INSTANTIATE_TEST_SUITE_P(Rows, RefusedToken,
                         testing::Values("", "[]", R"({"role":"viewer"})", R"({"label":"ci"})",
                                         R"({"label":"","role":"viewer"})",
                                         R"({"label":"a/b","role":"viewer"})",
                                         R"({"label":"ci","role":"viewer","expires_in_s":0})",
                                         R"({"label":"ci","role":"viewer","expires_in_s":"1"})",
                                         R"({"label":"ci","role":"viewer","owner":"A"})",
                                         R"({"label":"ci","role":"viewer","enrolments_max":1})"));

using FleetKeys = AccessEndpoints;

TEST_F(FleetKeys, AreToldOnceAndRemoved) {
  const Answer made = create_key(R"({"label":"factory","enrolments_max":2})");
  ASSERT_EQ(made.outcome, Outcome::created) << made.text;
  EXPECT_EQ(token_kind(text_of(made, "key")), TokenKind::fleet);
  const Answer listed = run_awaitable(keys_.list());
  EXPECT_THAT(listed.text, HasSubstr(R"("enrolments":0,"enrolments_max":2)"));
  EXPECT_THAT(listed.text, testing::Not(HasSubstr(text_of(made, "key"))));
  EXPECT_EQ(run_awaitable(keys_.remove(text_of(made, "id"), change())).outcome, Outcome::ok);
  EXPECT_EQ(run_awaitable(keys_.remove(text_of(made, "id"), change())).outcome, Outcome::not_found);
}

TEST_F(FleetKeys, AreNotMadeByTokens) {
  Principal token = account("anna", Role::admin);
  token.kind = PrincipalKind::api_token;
  EXPECT_EQ(create_key(R"({"label":"factory"})", token).outcome, Outcome::forbidden);
  EXPECT_TRUE(run_awaitable(store_.fleet_keys())->empty());
}

using DeviceCredentials = AccessEndpoints;

TEST_F(DeviceCredentials, AreMadeByTheServerAndToldOnce) {
  EXPECT_EQ(run_awaitable(credentials_.get("1")).text,
            R"({"device":"1","has_token":false,"blocked":false,"changed":null})"
            "\n");
  const Answer made = put_credential("1", "{}");
  ASSERT_EQ(made.outcome, Outcome::ok) << made.text;
  const std::string token = text_of(made, "token");
  EXPECT_EQ(token_kind(token), TokenKind::device);
  EXPECT_EQ((*store_.device_credential("1"))->digest, digest_of(token));
  EXPECT_EQ(run_awaitable(credentials_.get("1")).text,
            R"({"device":"1","has_token":true,"blocked":false,"changed":"2027-01-15T08:00:00Z"})"
            "\n");
}

TEST_F(DeviceCredentials, AreThoseThatTheOperatorBrings) {
  const std::string token = make_token(TokenKind::device);
  const Answer put = put_credential("1", R"({"token":")" + token + "\"}");
  ASSERT_EQ(put.outcome, Outcome::ok) << put.text;
  EXPECT_THAT(put.text, testing::Not(HasSubstr(token)));
  EXPECT_EQ((*store_.device_credential("1"))->digest, digest_of(token));
}

TEST_F(DeviceCredentials, StayWhenADeviceIsBlocked) {
  const std::string token = text_of(put_credential("1", "{}"), "token");
  EXPECT_THAT(put_credential("1", R"({"blocked":true})").text,
              HasSubstr(R"("has_token":true,"blocked":true)"));
  EXPECT_THAT(put_credential("1", R"({"blocked":false})").text,
              HasSubstr(R"("has_token":true,"blocked":false)"));
  EXPECT_EQ((*store_.device_credential("1"))->digest, digest_of(token));
}

TEST_F(DeviceCredentials, AreRemoved) {
  ASSERT_EQ(put_credential("1", "{}").outcome, Outcome::ok);
  EXPECT_EQ(run_awaitable(credentials_.remove("1", change())).outcome, Outcome::ok);
  EXPECT_EQ(run_awaitable(credentials_.remove("1", change())).outcome, Outcome::not_found);
}

class RefusedCredential : public AccessEndpoints,
                          public testing::WithParamInterface<const char*> {};

TEST_P(RefusedCredential, IsMalformed) {
  EXPECT_EQ(put_credential("1", GetParam()).outcome, Outcome::bad_request);
  EXPECT_FALSE(store_.device_credential("1")->has_value());
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RefusedCredential,
    testing::Values(
        "", R"({"token":"fud_short"})",
        R"({"token":"fut_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})", R"({"blocked":"true"})",
        R"({"digest":"00"})",
        R"({"token":"fud_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","blocked":true})"));

class Enrolment : public AccessEndpoints {
 protected:
  void SetUp() override {
    key_ = text_of(create_key(R"({"label":"k","enrolments_max":1})"), "key");
  }

  std::string key_;
  std::string token_ = make_token(TokenKind::device);
};

TEST_F(Enrolment, GivesADeviceItsOwnToken) {
  ASSERT_EQ(enrol("00:01", token_, fleet_key(key_)).outcome, Outcome::nothing);
  EXPECT_EQ((*store_.device_credential("00:01"))->digest, digest_of(token_));
}

TEST_F(Enrolment, TakesALineEndBehindTheToken) {
  EXPECT_EQ(enrol("1", token_ + "\n", fleet_key(key_)).outcome, Outcome::nothing);
  EXPECT_EQ(enrol("1", token_ + "\r\n", fleet_key(key_)).outcome, Outcome::nothing);
  EXPECT_EQ((*store_.device_credential("1"))->digest, digest_of(token_));
}

TEST_F(Enrolment, IsTheSameWhenItIsAskedForAgain) {
  ASSERT_EQ(enrol("1", token_, fleet_key(key_)).outcome, Outcome::nothing);
  EXPECT_EQ(enrol("1", token_, fleet_key(key_)).outcome, Outcome::nothing);  // The key is used up.
}

TEST_F(Enrolment, IsRefusedToADeviceThatHasAnotherTokenOrIsBlocked) {
  ASSERT_EQ(put_credential("1", "{}").outcome, Outcome::ok);
  EXPECT_EQ(enrol("1", token_, fleet_key(key_)).outcome, Outcome::conflict);
  ASSERT_EQ(put_credential("2", R"({"blocked":true})").outcome, Outcome::ok);
  EXPECT_EQ(enrol("2", token_, fleet_key(key_)).outcome, Outcome::conflict);
}

TEST_F(Enrolment, IsRefusedWithoutAUsableKey) {
  EXPECT_EQ(enrol("1", token_, fleet_key(make_token(TokenKind::fleet))).outcome,
            Outcome::forbidden);
  ASSERT_EQ(enrol("1", token_, fleet_key(key_)).outcome, Outcome::nothing);
  EXPECT_EQ(enrol("2", token_, fleet_key(key_)).outcome, Outcome::forbidden);
}

TEST_F(Enrolment, IsRefusedWithAKeyThatExpiresBeforeItIsComplete) {
  const Principal key =
      fleet_key(text_of(create_key(R"({"label":"short","expires_in_s":60})"), "key"));
  SlowBody body(token_, [this] { now_ = kNow + std::chrono::seconds(60); });
  EXPECT_EQ(run_awaitable(credentials_.enrol("1", &body, &key, change())).outcome,
            Outcome::forbidden);
}

TEST_F(Enrolment, IsRepeatedByADeviceWithItsOwnTokenAlone) {
  Principal device;
  device.kind = PrincipalKind::device;
  device.name = "1";
  device.secret = digest_of(token_);
  EXPECT_EQ(enrol("1", token_, device).outcome, Outcome::nothing);
  EXPECT_EQ(enrol("1", make_token(TokenKind::device), device).outcome, Outcome::conflict);
  device.by_certificate = true;
  EXPECT_EQ(enrol("1", token_, device).outcome, Outcome::forbidden);
}

TEST_F(Enrolment, TakesNothingButADevicesToken) {
  for (const std::string& body : {std::string(), std::string("password"), token_ + "x",
                                  " " + token_, make_token(TokenKind::api), token_ + "\n\n"}) {
    EXPECT_EQ(enrol("1", body, fleet_key(key_)).outcome, Outcome::bad_request) << body;
  }
}

using AuditLog = AccessEndpoints;

TEST_F(AuditLog, TellsWhoDidWhatPageByPage) {
  make_account("otto");
  ASSERT_EQ(put_credential("1", "{}").outcome, Outcome::ok);
  const Answer first = run_awaitable(audit_.get("limit=1"));
  EXPECT_THAT(first.text,
              HasSubstr(R"({"number":2,"at":"2027-01-15T08:00:00Z","by":"user:anna",)"
                        R"("from":"192.0.2.7","action":"credential.put","object":"1")"));
  EXPECT_THAT(first.text, HasSubstr(R"("next":2)"));
  const Answer second = run_awaitable(audit_.get("limit=1&before=2"));
  EXPECT_THAT(second.text, HasSubstr(R"("action":"account.put","object":"otto")"));
  EXPECT_THAT(second.text, HasSubstr(R"("next":null)"));
}

TEST_F(AuditLog, IsSearchedByWhoAndWhat) {
  make_account("otto");
  EXPECT_THAT(run_awaitable(audit_.get("by=user%3Aanna&action=account.")).text,
              HasSubstr("account.put"));
  EXPECT_EQ(run_awaitable(audit_.get("by=user:bert")).text, R"({"entries":[],"next":null})"
                                                            "\n");
}

TEST_F(AuditLog, HoldsNoSecret) {
  make_account("otto");
  const std::string device = text_of(put_credential("1", "{}"), "token");
  const std::string key = text_of(create_key(R"({"label":"k"})"), "key");
  const std::string token = text_of(
      create_token(R"({"label":"ci","role":"viewer"})", account("otto", Role::publisher)), "token");
  const std::string log = run_awaitable(audit_.get(std::nullopt)).text;
  for (const std::string& secret : {device, key, token, std::string("correct horse")}) {
    EXPECT_THAT(log, testing::Not(HasSubstr(secret)));
  }
  EXPECT_THAT(log, testing::Not(HasSubstr("argon2")));
}

class RefusedAuditQuery : public AccessEndpoints,
                          public testing::WithParamInterface<const char*> {};

TEST_P(RefusedAuditQuery, IsMalformed) {
  EXPECT_EQ(run_awaitable(audit_.get(GetParam())).outcome, Outcome::bad_request);
}

INSTANTIATE_TEST_SUITE_P(Rows, RefusedAuditQuery,
                         testing::Values("limit=0", "limit=1001", "before=0", "before=x", "by=%2",
                                         "by=a&by=b", "action=%zz"));

}  // namespace
}  // namespace fuota::server::api
