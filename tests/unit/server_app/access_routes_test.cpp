// Who is let in and to what, through the whole of the API over a store in memory.

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "server/api/access_token.hpp"
#include "server/api/password_hash.hpp"
#include "server/app/permissions.hpp"
#include "server/app/routes.hpp"
#include "tests/support/server/basic_authorization.hpp"
#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/unit/server_app/handler_call.hpp"

namespace fuota::server::app {
namespace {

using test_support::basic_authorization;
using test_support::run_awaitable;
using testing::HasSubstr;

constexpr domain::Time kNow{std::chrono::seconds(1'800'000'000)};
constexpr char kPassword[] = "correct horse";

class AccessRoutes : public testing::Test {
 protected:
  void SetUp() override {
    add_account("vera", domain::Role::viewer);
    add_account("otto", domain::Role::operator_);
    add_account("anna", domain::Role::admin);
    ASSERT_TRUE(run_awaitable(store_.put_device({"1", "0.1.0", "app.bin"}, change())));
    ASSERT_TRUE(
        run_awaitable(store_.put_device_credential("1", api::digest_of(device_), change())));
    domain::FleetKey key;
    key.id = "k";
    key.digest = api::digest_of(key_);
    ASSERT_TRUE(run_awaitable(store_.put_fleet_key(key, change())));
    for (const char* const name : {"app.bin", "other.bin"}) {
      ASSERT_EQ(ask(shared_, "PUT", std::string("/files/") + name, "content").response.status,
                200U);
    }
  }

  static domain::Change change() { return {"local:root", "local", kNow}; }

  void add_account(const std::string& name, domain::Role role) {
    static const std::string hash = api::hash_password(kPassword);
    ASSERT_TRUE(run_awaitable(store_.create_account({name, role, hash, kNow}, change())));
  }

  http::Handled ask(const std::string& authorization, std::string_view method,
                    const std::string& path, const std::string& body = "",
                    std::optional<std::string_view> query = std::nullopt,
                    std::string_view client_name = "", std::string_view accept = "") {
    return call(*routes_, {.method = method,
                           .path = path,
                           .body = body,
                           .meanwhile = std::exchange(meanwhile_, nullptr),
                           .query = query,
                           .accept = accept,
                           .authorization = authorization,
                           .client_name = client_name,
                           .peer_address = "192.0.2.7"});
  }
  unsigned status(const std::string& authorization, std::string_view method,
                  const std::string& path, const std::string& body = "",
                  std::optional<std::string_view> query = std::nullopt) {
    return ask(authorization, method, path, body, query).response.status;
  }

  /// What happens while the body of the next request comes.
  void meanwhile(std::function<void()> what) { meanwhile_ = std::move(what); }

  void change_account(const std::string& name, const domain::AccountChange& wanted) {
    ASSERT_TRUE(run_awaitable(store_.change_account(name, wanted, change())));
  }

  static std::string body_of(const http::Handled& handled) {
    return std::get<std::string>(handled.response.body);
  }

  const std::string device_ = api::make_token(api::TokenKind::device);
  const std::string key_ = api::make_token(api::TokenKind::fleet);
  const std::string shared_ = basic_authorization("user", "password");
  const std::string as_device_ = basic_authorization("1", device_);
  const std::string as_key_ = basic_authorization("", key_);
  const std::string vera_ = basic_authorization("vera", kPassword);
  const std::string otto_ = basic_authorization("otto", kPassword);
  const std::string anna_ = basic_authorization("anna", kPassword);
  std::function<void()> meanwhile_;
  test_support::MemoryStore store_;
  EventKeeper observer_;
  /// Nothing is waited for that a test doesn't look at.
  static api::ThrottleSettings quick() {
    api::ThrottleSettings settings;
    settings.delay_max = settings.delay_first = std::chrono::milliseconds(1);
    return settings;
  }

  api::Authenticator authenticator_{store_, api::SharedUser("user", "password"),
                                    [] { return kNow; }, nullptr, quick()};
  std::unique_ptr<http::Handler> routes_ =
      make_routes(store_, authenticator_, observer_, 1000, [] { return kNow; });
};

TEST_F(AccessRoutes, LetADeviceAskForItselfOnly) {
  EXPECT_EQ(status(as_device_, "GET", "/devices/1", "", "app_ver=0.1.0"), 200U);
  EXPECT_EQ(status(as_device_, "GET", "/devices/2", "", "app_ver=0.1.0"), 403U);
  EXPECT_EQ(status(as_device_, "GET", "/devices"), 403U);
  EXPECT_EQ(status(as_device_, "PUT", "/devices/1", "\"1\",\"1\",\"a\""), 403U);
  EXPECT_EQ(status(as_device_, "POST", "/devices/2/reports", "{}"), 403U);
  EXPECT_EQ(status(as_device_, "POST", "/devices/1/reports", "{}"), 400U);
  EXPECT_EQ(status(as_device_, "GET", "/roots/1"), 404U);
  EXPECT_EQ(ask(as_device_, "GET", "/devices/1", "", "app_ver=0.1.0").user, "device:1");
}

TEST_F(AccessRoutes, LetADeviceReadTheFileOfItsRowOnly) {
  EXPECT_EQ(status(as_device_, "GET", "/files/app.bin"), 200U);
  EXPECT_EQ(status(as_device_, "HEAD", "/files/app.bin"), 200U);
  EXPECT_EQ(status(as_device_, "GET", "/files/other.bin"), 403U);
  EXPECT_EQ(status(as_device_, "GET", "/files/missing.bin"), 403U);
  ASSERT_TRUE(run_awaitable(store_.remove_device("1", change())));
  EXPECT_EQ(status(as_device_, "GET", "/files/app.bin"), 403U);
}

TEST_F(AccessRoutes, KnowADeviceByItsCertificate) {
  const auto check = [this](std::string_view name) {
    return ask("", "GET", "/devices/1", "", "app_ver=0.1.0", name).response.status;
  };
  EXPECT_EQ(check("1"), 200U);
  EXPECT_EQ(check("2"), 403U);
  ASSERT_TRUE(run_awaitable(store_.block_device("1", true, change())));
  EXPECT_EQ(check("1"), 403U);
}

TEST_F(AccessRoutes, LetAFleetKeyEnrolAndNothingElse) {
  const std::string token = api::make_token(api::TokenKind::device);
  EXPECT_EQ(status(as_key_, "GET", "/devices/1", "", "app_ver=0.1.0"), 403U);
  EXPECT_EQ(status(as_key_, "GET", "/api/v1/whoami"), 403U);
  EXPECT_EQ(status(as_key_, "POST", "/devices/2/enrolment", token), 204U);
  EXPECT_EQ(status(basic_authorization("2", token), "GET", "/devices/2", "", "app_ver=1"), 404U);
  EXPECT_EQ(status(shared_, "POST", "/devices/3/enrolment", token), 403U);
  const auto log = run_awaitable(store_.audit({}));
  EXPECT_EQ(log->front().change.by, "device:2");
  EXPECT_EQ(log->front().change.from, "192.0.2.7");
}

TEST_F(AccessRoutes, LetPeopleDoWhatTheirRolesAllow) {
  EXPECT_EQ(status(vera_, "GET", "/devices"), 200U);
  EXPECT_EQ(status(vera_, "DELETE", "/devices/1"), 403U);
  EXPECT_EQ(status(otto_, "DELETE", "/devices/1"), 200U);
  EXPECT_EQ(status(otto_, "PUT", "/roots/1", "{}"), 403U);
  EXPECT_EQ(status(anna_, "PUT", "/roots/1", "{}"), 400U);
  EXPECT_EQ(status(otto_, "GET", "/api/v1/audit"), 403U);
  const std::string log = body_of(ask(anna_, "GET", "/api/v1/audit", "", "action=device.remove"));
  EXPECT_THAT(log, HasSubstr(R"("by":"user:otto","from":"192.0.2.7","action":"device.remove")"));
}

TEST_F(AccessRoutes, LetPeopleChangeTheirOwnPasswordOnly) {
  const std::string body = R"({"password":"another horse"})";
  EXPECT_EQ(status(vera_, "PUT", "/api/v1/accounts/otto", body), 403U);
  EXPECT_EQ(status(vera_, "PUT", "/api/v1/accounts/vera", body), 200U);
  EXPECT_EQ(status(vera_, "GET", "/devices"), 403U);
  EXPECT_EQ(status(basic_authorization("vera", "another horse"), "GET", "/devices"), 200U);
}

TEST_F(AccessRoutes, CountAChangeOfAPasswordAsATry) {
  const std::string body = std::string(R"({"password":")") + kPassword + "\"}";
  unsigned last = 200U;
  int changes = 0;
  for (; last == 200U && changes < 50; ++changes) {
    last = status(vera_, "PUT", "/api/v1/accounts/vera", body);
  }
  EXPECT_EQ(last, 429U);
}

TEST_F(AccessRoutes, RememberNothingOfACheckByPeople) {
  const std::string query = "app_ver=0.2.0&image=" + std::string(64, 'a');
  const auto check = [&](const std::string& who) {
    EXPECT_EQ(ask(who, "GET", "/devices/1", "", query, "", "application/vnd.fuota.offer+json")
                  .response.status,
              204U);
    const auto history = run_awaitable(store_.history("1", 100, 10));
    return history->running.has_value();
  };
  EXPECT_FALSE(check(anna_));
  EXPECT_TRUE(check(as_device_));
}

TEST_F(AccessRoutes, AskForCredentialsWhereProgramsAndPeopleExpectIt) {
  const http::Handled management = ask("", "GET", "/api/v1/whoami");
  EXPECT_EQ(management.response.status, 401U);
  EXPECT_EQ(management.response.fields, (std::vector<std::pair<std::string, std::string>>{
                                            {"WWW-Authenticate", "Basic realm=\"fuota\""}}));
  EXPECT_EQ(management.response.content_type, "application/problem+json");
  EXPECT_EQ(status("", "GET", "/devices"), 403U);
  EXPECT_EQ(status("", "GET", "/nothing"), 403U);
  EXPECT_EQ(status(basic_authorization("user", "wrong"), "GET", "/api/v1/whoami"), 403U);
}

TEST_F(AccessRoutes, TellWhoAsks) {
  EXPECT_EQ(body_of(ask(otto_, "GET", "/api/v1/whoami")),
            R"({"kind":"account","name":"otto","role":"operator","account":"otto"})"
            "\n");
  EXPECT_EQ(body_of(ask(as_device_, "GET", "/api/v1/whoami")),
            R"({"kind":"device","name":"1","role":null})"
            "\n");
  EXPECT_EQ(body_of(ask(shared_, "GET", "/api/v1/whoami")),
            R"({"kind":"shared","name":"user","role":"admin"})"
            "\n");
}

TEST_F(AccessRoutes, SendGuessersAwayAndCloseTheirConnection) {
  http::Handled last;
  for (int i = 0; i < 40 && !last.close; ++i) {
    last = ask(basic_authorization("bert", "a guess"), "GET", "/devices");
  }
  ASSERT_TRUE(last.close);
  EXPECT_EQ(last.response.status, 429U);
  EXPECT_EQ(last.response.fields.front().first, "Retry-After");
  EXPECT_EQ(status(as_device_, "GET", "/devices/1", "", "app_ver=0.1.0"), 200U);
  EXPECT_EQ(status(shared_, "GET", "/devices"), 200U);
}

TEST_F(AccessRoutes, LetTheSharedUserDoWhatDevicesMayWhereThatIsItsScope) {
  api::Authenticator authenticator(
      store_, api::SharedUser("user", "password", api::SharedUserScope::devices),
      [] { return kNow; });
  routes_ = make_routes(store_, authenticator, observer_, 1000, [] { return kNow; });
  EXPECT_EQ(status(shared_, "GET", "/devices/1", "", "app_ver=0.1.0"), 200U);
  EXPECT_EQ(status(shared_, "GET", "/files/other.bin"), 200U);
  EXPECT_EQ(status(shared_, "GET", "/devices"), 403U);
  EXPECT_EQ(status(shared_, "PUT", "/files/app.bin", "content"), 403U);
  EXPECT_EQ(status(shared_, "PUT", "/roots/1", "{}"), 403U);
  EXPECT_EQ(status(anna_, "GET", "/devices"), 200U);
}

TEST_F(AccessRoutes, ChangeNothingForThoseWhoWereRemovedBeforeTheEndOfTheirBody) {
  meanwhile([this] { ASSERT_TRUE(run_awaitable(store_.remove_account("otto", change()))); });
  EXPECT_EQ(status(otto_, "PUT", "/devices/2", "\"2\",\"1\",\"a\""), 403U);
  EXPECT_EQ(status(shared_, "GET", "/devices/2", "", "app_ver=1"), 404U);
}

TEST_F(AccessRoutes, ChangeNothingForThoseWhoseRoleIsNotEnoughAnyMore) {
  meanwhile([this] { change_account("anna", {domain::Role::viewer, {}, {}}); });
  EXPECT_EQ(status(anna_, "PUT", "/files/new.bin", "content"), 403U);
  EXPECT_EQ(status(shared_, "GET", "/files/new.bin"), 404U);
  EXPECT_EQ(store_.uploads_in_progress(), 0);
}

TEST_F(AccessRoutes, GiveNobodyTheRoleBackThatWasTakenMeanwhile) {
  meanwhile([this] { change_account("anna", {domain::Role::viewer, {}, {}}); });
  EXPECT_EQ(status(anna_, "PUT", "/api/v1/accounts/anna", R"({"role":"admin"})"), 403U);
  EXPECT_EQ(run_awaitable(store_.account("anna"))->role, domain::Role::viewer);
}

// A password is hashed on another thread, behind those that wait.
TEST_F(AccessRoutes, ChangeNothingForThoseWhoAreDemotedWhileAPasswordIsHashed) {
  ASSERT_EQ(status(anna_, "GET", "/devices"), 200U);  // Hers is remembered now.
  WholeBody body(R"({"role":"admin","password":"another horse"})");
  http::Request request;
  request.method = "PUT";
  request.path = "/api/v1/accounts/otto";
  request.authorization = anna_;
  request.peer_address = "192.0.2.7";
  request.body = &body;
  boost::asio::io_context context(1);
  unsigned answered = 0;
  boost::asio::co_spawn(context, routes_->handle(request),
                        [&](const std::exception_ptr&, const http::Handled& handled) {
                          answered = handled.response.status;
                        });
  // Runs before the hash can come back to this thread.
  boost::asio::post(context, [this] { change_account("anna", {domain::Role::viewer, {}, {}}); });
  context.run();
  EXPECT_EQ(answered, 403U);
  EXPECT_EQ(run_awaitable(store_.account("otto"))->role, domain::Role::operator_);
}

TEST_F(AccessRoutes, ChangeNothingForThoseWhosePasswordWasChangedMeanwhile) {
  meanwhile([this] { change_account("anna", {{}, "another hash", {}}); });
  EXPECT_EQ(status(anna_, "POST", "/api/v1/tokens", R"({"label":"ci","role":"viewer"})"), 403U);
  EXPECT_TRUE(run_awaitable(store_.api_tokens(""))->empty());
}

TEST_F(AccessRoutes, ChangeNothingForATokenThatIsGone) {
  const std::string secret = api::make_token(api::TokenKind::api);
  domain::ApiToken token;
  token.id = "t";
  token.owner = "anna";
  token.role = domain::Role::operator_;
  token.digest = api::digest_of(secret);
  ASSERT_TRUE(run_awaitable(store_.put_api_token(token, change())));
  meanwhile([this] { ASSERT_TRUE(run_awaitable(store_.remove_api_token("t", change()))); });
  EXPECT_EQ(status("Bearer " + secret, "PUT", "/devices/2", "\"2\",\"1\",\"a\""), 403U);
}

TEST_F(AccessRoutes, SayWhenItCannotBeFoundOutWhoAsks) {
  meanwhile([this] { store_.fail_with({storage::StoreError::unavailable, "the cause"}); });
  EXPECT_EQ(status(otto_, "PUT", "/devices/2", "\"2\",\"1\",\"a\""), 503U);
}

// Whatever is sent: nothing that a route does with a body depends on who asked when it began.
TEST_F(AccessRoutes, LookAgainAtTheEndOfEachBodyWhoAsks) {
  for (const Permission& row : permissions()) {
    if (row.method == "GET" || row.method == "DELETE") continue;
    std::string path(row.pattern);
    if (const auto at = path.find("{}"); at != std::string::npos) path.replace(at, 2, "1");
    if (row.role) {
      add_account("gone", domain::Role::admin);
      meanwhile([this] { ASSERT_TRUE(run_awaitable(store_.remove_account("gone", change()))); });
      EXPECT_EQ(status(basic_authorization("gone", kPassword), row.method, path, "{}"), 403U)
          << row.method << " " << row.pattern;
    }
    if (row.device != DeviceScope::nothing) {
      meanwhile([this] { ASSERT_TRUE(run_awaitable(store_.block_device("1", true, change()))); });
      EXPECT_EQ(status(as_device_, row.method, path, "{}"), 403U) << row.method << row.pattern;
      ASSERT_TRUE(run_awaitable(store_.block_device("1", false, change())));
    }
    if (row.fleet_key) {
      meanwhile([this] { ASSERT_TRUE(run_awaitable(store_.remove_fleet_key("k", change()))); });
      EXPECT_EQ(status(as_key_, row.method, path, "{}"), 403U) << row.method << row.pattern;
    }
  }
}

// Each row of the permissions has a route, and each route a row, or it could not be made.
TEST_F(AccessRoutes, AreThoseOfThePermissions) {
  for (const Permission& row : permissions()) {
    std::string path(row.pattern);
    if (const auto at = path.find("{}"); at != std::string::npos) path.replace(at, 2, "%");
    const unsigned answered = status(shared_, row.method, path, "{}");
    EXPECT_NE(answered, 404U) << row.method << " " << row.pattern;
    EXPECT_NE(answered, 405U) << row.method << " " << row.pattern;
  }
}

}  // namespace
}  // namespace fuota::server::app
