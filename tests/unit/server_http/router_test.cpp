#include "server/http/router.hpp"

#include <gtest/gtest.h>

#include "tests/support/server/run_awaitable.hpp"

namespace fuota::server::http {
namespace {

using boost::asio::awaitable;
using test_support::run_awaitable;

/// A body of which only the announcement matters.
class AnnouncedBody final : public RequestBody {
 public:
  explicit AnnouncedBody(std::optional<std::uint64_t> bytes) : bytes_(bytes) {}
  bool declared() const override { return bytes_.has_value(); }
  bool limit(std::uint64_t bytes_max) override { return bytes_.value_or(0) <= bytes_max; }
  awaitable<BodyRead> read(std::span<char>) override { co_return BodyRead{}; }

 private:
  std::optional<std::uint64_t> bytes_;
};

awaitable<Response> tell(std::string route, Request request) {
  Response response;
  response.body = route + " " + std::string(request.argument);
  co_return response;
}

Endpoint telling(const std::string& route) {
  return [route](Request request) { return tell(route, std::move(request)); };
}

std::vector<Route> routes() {
  return {{"GET", "/devices", telling("list"), std::nullopt},
          {"GET", "/devices/{}", telling("get"), std::nullopt},
          {"PUT", "/devices/{}", telling("put"), 10},
          {"GET", "/devices/{}/history", telling("history"), std::nullopt}};
}

awaitable<Admission> admit_all(const Request&) {
  Admission admission;
  admission.user = "somebody";
  co_return admission;
}

awaitable<Admission> admit_none(const Request&) {
  Admission admission;
  admission.refusal = text_response(429, "no");
  admission.close = true;
  co_return admission;
}

struct NamedCaller final : Caller {
  std::string name = "anna";
};

awaitable<Admission> admit_anna(const Request&) {
  Admission admission;
  admission.caller = std::make_shared<NamedCaller>();
  co_return admission;
}

awaitable<Response> tell_caller(Request request) {
  Response response;
  response.body = dynamic_cast<const NamedCaller&>(*request.caller).name;
  co_return response;
}

struct Row {
  const char* fact;
  std::string_view method;
  std::string_view path;
  std::optional<std::uint64_t> body_bytes;
  unsigned status;
  std::string_view told;  ///< The body of a 200.
};

class Routing : public testing::TestWithParam<Row> {};

TEST_P(Routing, GoesByPathMethodAndBody) {
  const Row& row = GetParam();
  Router router(routes(), admit_all);
  AnnouncedBody body(row.body_bytes);
  Request request;
  request.method = row.method;
  request.path = row.path;
  request.body = &body;
  const Handled handled = run_awaitable(router.handle(std::move(request)));
  EXPECT_EQ(handled.response.status, row.status);
  if (row.status == 200) {
    EXPECT_EQ(std::get<std::string>(handled.response.body), row.told);
  }
}

constexpr std::nullopt_t kNoBody = std::nullopt;

INSTANTIATE_TEST_SUITE_P(
    Rows, Routing,
    testing::Values(
        Row{"AFixedPath", "GET", "/devices", kNoBody, 200, "list "},
        Row{"APathWithAnArgument", "GET", "/devices/1", kNoBody, 200, "get 1"},
        Row{"AnEmptyArgument", "GET", "/devices/", kNoBody, 200, "get "},
        Row{"AnArgumentIsNotDecoded", "GET", "/devices/%2e%2e", kNoBody, 200, "get %2e%2e"},
        Row{"HeadIsServedByGet", "HEAD", "/devices/1", kNoBody, 200, "get 1"},
        Row{"AnotherMethodOfAPath", "PUT", "/devices/1", 10, 200, "put 1"},
        Row{"AnArgumentInTheMiddle", "GET", "/devices/1/history", kNoBody, 200, "history 1"},
        Row{"AnEmptyArgumentInTheMiddle", "GET", "/devices//history", kNoBody, 200, "history "},
        Row{"TwoSegmentsInTheMiddle", "GET", "/devices/1/2/history", kNoBody, 404, ""},
        Row{"NoSegmentInTheMiddle", "GET", "/devices/history", kNoBody, 200, "get history"},
        Row{"ADeeperPath", "GET", "/devices/1/2", kNoBody, 404, ""},
        Row{"AnotherPath", "GET", "/other", kNoBody, 404, ""},
        Row{"AnotherCase", "GET", "/Devices", kNoBody, 404, ""},
        Row{"TheRoot", "GET", "/", kNoBody, 404, ""},
        Row{"AMethodThatThePathDoesNotTake", "POST", "/devices/1", kNoBody, 405, ""},
        Row{"AMethodInAnotherCase", "get", "/devices/1", kNoBody, 405, ""},
        Row{"TooLongABody", "PUT", "/devices/1", 11, 413, ""},
        Row{"NoBodyWhereOneIsNeeded", "PUT", "/devices/1", kNoBody, 411, ""},
        Row{"ABodyWhereNoneIsTaken", "GET", "/devices/1", 1, 413, ""},
        Row{"AnEmptyBodyWhereNoneIsTaken", "GET", "/devices/1", 0, 200, "get 1"}),
    [](const auto& row) { return row.param.fact; });

TEST(Router, NamesTheMethodsOfAPath) {
  Router router(routes(), admit_all);
  AnnouncedBody body(std::nullopt);
  Request request;
  request.method = "POST";
  request.path = "/devices/1";
  request.body = &body;
  const Handled handled = run_awaitable(router.handle(std::move(request)));
  ASSERT_EQ(handled.response.fields.size(), 1U);
  EXPECT_EQ(handled.response.fields[0].first, "Allow");
  EXPECT_EQ(handled.response.fields[0].second, "GET, HEAD, PUT");
}

TEST(Router, AsksTheGuardBeforeItLooksAtThePath) {
  Router router(routes(), admit_none);
  AnnouncedBody body(std::nullopt);
  Request request;
  request.method = "GET";
  request.path = "/no/such/path";
  request.body = &body;
  const Handled handled = run_awaitable(router.handle(std::move(request)));
  EXPECT_EQ(handled.response.status, 429U);
  EXPECT_TRUE(handled.close);
}

TEST(Router, TellsTheEndpointWhoAsks) {
  Router router({{"GET", "/whoami", tell_caller, std::nullopt}}, admit_anna);
  AnnouncedBody body(std::nullopt);
  Request request;
  request.method = "GET";
  request.path = "/whoami";
  request.body = &body;
  const Handled handled = run_awaitable(router.handle(std::move(request)));
  EXPECT_EQ(std::get<std::string>(handled.response.body), "anna");
}

TEST(Router, NamesEachPatternOnce) {
  EXPECT_EQ(Router(routes(), admit_all).routes(),
            (std::vector<std::string_view>{"/devices", "/devices/{}", "/devices/{}/history"}));
}

TEST(Router, NamesThePatternOfAPathWhateverBecomesOfTheRequest) {
  struct Case {
    Guard guard;
    const char* method;
    const char* path;
    std::string_view route;
  };
  for (const Case& row : {Case{admit_all, "GET", "/devices/1", "/devices/{}"},
                          Case{admit_all, "POST", "/devices/1", "/devices/{}"},
                          Case{admit_none, "GET", "/devices/1/history", "/devices/{}/history"},
                          Case{admit_none, "GET", "/no/such/path", ""}}) {
    Router router(routes(), row.guard);
    AnnouncedBody body(std::nullopt);
    Request request;
    request.method = row.method;
    request.path = row.path;
    request.body = &body;
    EXPECT_EQ(run_awaitable(router.handle(std::move(request))).route, row.route) << row.path;
  }
}

TEST(Router, NeedsNoCoroutineOfAGuardOrAnEndpoint) {
  const auto greet = [](const Request& request) {
    return Response{200, "", {}, "hello " + std::string(request.argument)};
  };
  Router router({{"GET", "/greeting/{}", greet, std::nullopt}},
                [](const Request&) { return Admission(); });
  AnnouncedBody body(std::nullopt);
  Request request;
  request.method = "GET";
  request.path = "/greeting/1";
  request.body = &body;
  const Handled handled = run_awaitable(router.handle(request));
  EXPECT_EQ(std::get<std::string>(handled.response.body), "hello 1");
}

}  // namespace
}  // namespace fuota::server::http
