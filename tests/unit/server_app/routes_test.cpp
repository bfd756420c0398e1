// The API as a whole, over a store in memory: what a failure below becomes for a client.

#include "server/app/routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "fuota_protocol/offer.hpp"
#include "tests/support/server/http_exchange.hpp"
#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/signed_manifest.hpp"
#include "tests/unit/server_app/handler_call.hpp"

namespace fuota::server::app {
namespace {

using storage::StoreError;
using test_support::run_awaitable;

constexpr std::uint64_t kFileBytesMax = 1000;

struct Row {
  const char* fact;
  const char* method;
  const char* path;
  const char* body;
  StoreError failure;
  unsigned status;
};

class Routes : public testing::Test {
 protected:
  [[nodiscard]] http::Response ask(const std::string& method, const std::string& path,
                                   const std::string& body = "",
                                   std::optional<std::string_view> query = std::nullopt,
                                   std::string_view accept = "",
                                   const std::string& password = "password") {
    const std::string authorization = test_support::basic_authorization("user", password);
    return call(*routes_, {.method = method,
                           .path = path,
                           .body = body,
                           .query = query,
                           .accept = accept,
                           .authorization = authorization,
                           .peer_address = peer_address_})
        .response;
  }

  static std::string field_of(const http::Response& response, std::string_view name) {
    for (const auto& [field, value] : response.fields) {
      if (field == name) return value;
    }
    return "";
  }

  static std::string body_of(const http::Response& response) {
    return std::get<std::string>(response.body);
  }

  void make(const OverloadSettings& overload) {
    routes_ = make_routes(
        store_, authenticator_, observer_, kFileBytesMax, [] { return domain::Time(); },
        std::make_shared<Overload>(overload));
  }

  std::string peer_address_ = "192.0.2.1";
  test_support::MemoryStore store_;
  EventKeeper observer_;
  api::Authenticator authenticator_{store_, api::SharedUser("user", "password"),
                                    [] { return domain::Time(); }};
  std::unique_ptr<http::Handler> routes_ =
      make_routes(store_, authenticator_, observer_, kFileBytesMax, [] { return domain::Time(); });
};

class StorageFailure : public Routes, public testing::WithParamInterface<Row> {};

TEST_P(StorageFailure, IsAnsweredByItsKindAndLoggedWithItsCause) {
  store_.fail_with({GetParam().failure, "the cause"});
  const Row& row = GetParam();
  EXPECT_EQ(ask(row.method, row.path, row.body, "app_ver=1").status, row.status);
  EXPECT_EQ(observer_.events(), "the cause");
}

TEST_F(Routes, SayWhenToComeBackAfterAFailureOfTheStorage) {
  store_.fail_with({StoreError::unavailable, "the cause"});
  for (int i = 0; i < 100; ++i) {
    const int retry_after_s = std::stoi(field_of(ask("GET", "/files/a"), "Retry-After"));
    EXPECT_GE(retry_after_s, 30);
    EXPECT_LT(retry_after_s, 45);
  }
}

TEST_F(Routes, SayNothingAboutTheNextCheckUnlessTold) {
  EXPECT_EQ(field_of(ask("GET", "/devices/1", "", "app_ver=1"), "Retry-After"), "");
}

TEST_F(Routes, SayWithEachAnswerToACheckWhenTheNextIsWanted) {
  make({.polls = {.checks_per_second = 1, .poll_interval = std::chrono::seconds(10)}});
  const auto check = [this] {
    return field_of(ask("GET", "/devices/1", "", "app_ver=1"), "Retry-After");
  };
  EXPECT_THAT(check(), testing::AnyOf("9", "10", "11"));
  for (int i = 0; i < 100; ++i) static_cast<void>(check());
  EXPECT_GT(std::stoi(check()), 50);
  EXPECT_EQ(field_of(ask("GET", "/devices"), "Retry-After"), "");
}

TEST_F(Routes, AdmitDownloadsInTurnAndSayWhenToComeBack) {
  ASSERT_EQ(ask("PUT", "/files/a", "content").status, 200U);
  make({.polls = {}, .downloads_max = 1});
  std::optional<http::Response> first = ask("GET", "/files/a");
  ASSERT_EQ(first->status, 200U);
  peer_address_ = "192.0.2.2";
  const http::Response refused = ask("GET", "/files/a");
  EXPECT_EQ(refused.status, 503U);
  EXPECT_GE(std::stoi(field_of(refused, "Retry-After")), 1);
  EXPECT_EQ(ask("HEAD", "/files/a").status, 200U);
  first.reset();
  peer_address_ = "192.0.2.3";
  EXPECT_EQ(ask("GET", "/files/a").status, 503U);
  peer_address_ = "192.0.2.2";
  EXPECT_EQ(ask("GET", "/files/a").status, 200U);
}

TEST_F(Routes, HoldNoPlaceForADownloadThatIsNone) {
  make({.polls = {}, .downloads_max = 1});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask("GET", "/files/missing").status, 404U);
}

constexpr char kReport[] =
    R"({"stream":"00f1e2d3c4b5a697","sequence":1,"state":"installed","deployment":"d",)"
    R"("version":"1","image":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"})";

constexpr char kRow[] = "\"1\",\"1\",\"a\"";

INSTANTIATE_TEST_SUITE_P(
    Rows, StorageFailure,
    testing::Values(
        Row{"FullAtARow", "PUT", "/devices/1", kRow, StoreError::full, 507},
        Row{"FullAtAFile", "PUT", "/files/a", "content", StoreError::full, 507},
        Row{"BrokenAtARow", "PUT", "/devices/1", kRow, StoreError::unavailable, 503},
        Row{"BrokenAtAFile", "PUT", "/files/a", "content", StoreError::unavailable, 503},
        Row{"BrokenAtACheck", "GET", "/devices/1", "", StoreError::unavailable, 503},
        Row{"BrokenAtADownload", "GET", "/files/a", "", StoreError::unavailable, 503},
        Row{"BrokenAtAManifest", "GET", "/files/a/manifest", "", StoreError::unavailable, 503},
        Row{"FullAtAReport", "POST", "/devices/1/reports", kReport, StoreError::full, 507},
        Row{"BrokenAtAReport", "POST", "/devices/1/reports", kReport, StoreError::unavailable, 503},
        Row{"BrokenAtAHistory", "GET", "/api/v1/devices/1/history", "", StoreError::unavailable,
            503},
        Row{"BrokenAtARoot", "GET", "/roots/1", "", StoreError::unavailable, 503},
        Row{"BrokenAtARemoval", "DELETE", "/files/a", "", StoreError::unavailable, 503}),
    [](const auto& row) { return row.param.fact; });

struct ProblemRow {
  const char* fact;
  const char* method;
  const char* path;
  const char* query;
  const char* password;
  unsigned status;
  const char* document;
};

class Problem : public Routes, public testing::WithParamInterface<ProblemRow> {};

TEST_P(Problem, OfTheManagementApiIsADocument) {
  const ProblemRow& row = GetParam();
  const http::Response response = ask(row.method, row.path, "", row.query, "", row.password);
  EXPECT_EQ(response.status, row.status);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(body_of(response), row.document + std::string("\n"));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Problem,
    testing::Values(
        ProblemRow{"OfTheEndpoint", "GET", "/api/v1/devices/1/history", "", "password", 404,
                   R"({"type":"about:blank","title":"Not Found","status":404,)"
                   R"("detail":"the device is not known: PUT a row for it"})"},
        ProblemRow{"OfAnArgument", "GET", "/api/v1/devices/1/history", "limit=0", "password", 400,
                   R"({"type":"about:blank","title":"Bad Request","status":400,)"
                   R"("detail":"limit is not a number from 1 to 1000"})"},
        ProblemRow{"OfThePath", "GET", "/api/v1/", "", "password", 404,
                   R"({"type":"about:blank","title":"Not Found","status":404,)"
                   R"("detail":"there is nothing at this path"})"},
        ProblemRow{"OfTheMethod", "DELETE", "/api/v1/devices/1/history", "", "password", 405,
                   R"({"type":"about:blank","title":"Method Not Allowed","status":405,)"
                   R"("detail":"this path takes GET, HEAD"})"},
        ProblemRow{"OfTheCredentials", "GET", "/api/v1/devices/1/history", "", "wrong", 403,
                   R"({"type":"about:blank","title":"Forbidden","status":403,"detail":)"
                   R"("the user or the password is missing or wrong: use HTTP Basic )"
                   R"(authentication"})"}),
    [](const auto& row) { return row.param.fact; });

TEST_F(Routes, NameTheMethodsInAProblemToo) {
  EXPECT_EQ(field_of(ask("PUT", "/api/v1/devices/1/history"), "Allow"), "GET, HEAD");
}

TEST_F(Routes, SayTheCompatibleApisProblemsInPlainText) {
  const http::Response response = ask("POST", "/devices/1/reports", kReport);
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(response.content_type, "text/plain; charset=utf-8");
}

TEST_F(Routes, TakeAReportAndTellItInTheHistory) {
  ASSERT_EQ(ask("PUT", "/devices/1", kRow).status, 200U);
  const http::Response taken = ask("POST", "/devices/1/reports", kReport);
  EXPECT_EQ(taken.status, 204U);
  EXPECT_EQ(body_of(taken), "");
  EXPECT_EQ(taken.content_type, "");
  const http::Response history = ask("GET", "/api/v1/devices/1/history");
  EXPECT_EQ(history.status, 200U);
  EXPECT_EQ(history.content_type, "application/json");
}

TEST_F(Routes, TellOfANewerRootWithEveryAnswerToANativeCheck) {
  ASSERT_EQ(ask("PUT", "/roots/1", test_support::signed_root(1)).status, 200U);
  const auto check = [this](const std::string& id, std::string_view query) {
    return ask("GET", "/devices/" + id, "", query, protocol::kCheckAccept);
  };
  EXPECT_EQ(field_of(check("1", "app_ver=1&root=0"), "Fuota-Root"), "1");  // 404: not known.
  ASSERT_EQ(ask("PUT", "/devices/1", kRow).status, 200U);
  EXPECT_EQ(field_of(check("1", "app_ver=2&root=0"), "Fuota-Root"), "1");  // 204
  ASSERT_EQ(ask("PUT", "/files/a", "content").status, 200U);
  EXPECT_EQ(field_of(check("1", "app_ver=1&root=0"), "Fuota-Root"), "1");  // 200
  EXPECT_EQ(field_of(check("1", "app_ver=1&root=1"), "Fuota-Root"), "");
  EXPECT_EQ(field_of(check("1", "app_ver=1"), "Fuota-Root"), "");
  EXPECT_EQ(field_of(ask("GET", "/devices/1", "", "app_ver=1&root=0"), "Fuota-Root"), "");
}

TEST_F(Routes, LogWhatCouldNotBeRememberedOfACheckThatIsAnswered) {
  ASSERT_EQ(ask("PUT", "/devices/1", kRow).status, 200U);
  store_.fail_events_with({StoreError::full, "no room"});
  const std::string query = "app_ver=2&image=" + std::string(64, 'a');
  EXPECT_EQ(ask("GET", "/devices/1", "", query, protocol::kCheckAccept).status, 204U);
  EXPECT_EQ(observer_.events(), "no room");
}

}  // namespace
}  // namespace fuota::server::app
