#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/app/admin_address.hpp"
#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/temporary_directory.hpp"
#include "tests/unit/server_app/handler_call.hpp"

namespace fuota::server::app {
namespace {

using test_support::run_awaitable;
using testing::HasSubstr;

/// A server of which only its threads matter.
class FakeServer final : public http::Server {
 public:
  boost::asio::ip::tcp::endpoint address() const override { return {}; }
  boost::asio::awaitable<std::size_t> silent_threads(std::chrono::milliseconds) override {
    co_return silent_;
  }
  void run() override {}
  void stop(std::chrono::milliseconds) override {}

  void fall_silent(std::size_t threads) { silent_ = threads; }

 private:
  std::size_t silent_ = 0;
};

class AdminPages : public testing::Test {
 protected:
  http::Response get(std::string_view path, std::string_view method = "GET") {
    return call(*pages_, {.method = method, .path = path}).response;
  }

  static std::string text(const http::Response& response) {
    return std::get<std::string>(response.body);
  }

  test_support::TemporaryDirectory directory_;
  test_support::MemoryStore store_;
  FakeServer server_;
  Metrics metrics_{std::chrono::system_clock::time_point()};
  Readiness readiness_{store_, directory_.path(), 1, metrics_};
  std::unique_ptr<http::Handler> pages_ =
      make_admin_pages({metrics_, readiness_, server_, [] { return Gauges(); }});
};

TEST_F(AdminPages, SayThatAllIsWell) {
  EXPECT_EQ(get("/healthz").status, 200U);
  EXPECT_EQ(get("/readyz").status, 200U);
  EXPECT_THAT(text(get("/metrics")), HasSubstr("\nfuota_ready 1\n"));
}

TEST_F(AdminPages, SayWhichThreadsAreStuck) {
  server_.fall_silent(2);
  const auto response = get("/healthz");
  EXPECT_EQ(response.status, 503U);
  EXPECT_THAT(text(response), HasSubstr("2 of the server's threads"));
}

TEST_F(AdminPages, SayWhyTheServerIsNotReadyALineEach) {
  store_.fail_with({storage::StoreError::full, "no room"});
  readiness_.begin_stop();
  const auto response = get("/readyz");
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(text(response),
            "the server is stopping\nthe database can't be read: the log says why\n"
            "the last change found the disk full\n");
  EXPECT_EQ(get("/healthz").status, 200U);
  EXPECT_THAT(text(get("/metrics")), HasSubstr("\nfuota_ready 0\n"));
}

TEST_F(AdminPages, AreNotToBeKept) {
  for (const char* path : {"/healthz", "/readyz", "/metrics"}) {
    EXPECT_THAT(get(path).fields, testing::Contains(testing::Pair("Cache-Control", "no-store")));
  }
}

TEST_F(AdminPages, AreAllThatIsThere) {
  EXPECT_EQ(get("/devices").status, 404U);
  EXPECT_EQ(get("/healthz", "POST").status, 405U);
}

}  // namespace
}  // namespace fuota::server::app
