// The API as a whole, over a store in memory: what a failure below becomes for a client.

#include "server/app/routes.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/server/http_exchange.hpp"
#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"

namespace fuota::server::app {
namespace {

using boost::asio::awaitable;
using storage::StoreError;
using test_support::run_awaitable;

constexpr std::uint64_t kFileBytesMax = 1000;

/// A body of a few bytes, all in one piece.
class ShortBody final : public http::RequestBody {
 public:
  explicit ShortBody(std::string bytes) : bytes_(std::move(bytes)) {}
  bool declared() const override { return !bytes_.empty(); }
  bool limit(std::uint64_t bytes_max) override { return bytes_.size() <= bytes_max; }
  awaitable<http::BodyRead> read(std::span<char> destination) override {
    if (bytes_.empty()) co_return http::BodyRead{};
    const std::size_t bytes = bytes_.copy(destination.data(), destination.size());
    bytes_.erase(0, bytes);
    co_return http::BodyRead{http::BodyStatus::data, bytes};
  }

 private:
  std::string bytes_;
};

class EventKeeper final : public http::Observer {
 public:
  void on_request(const http::AccessRecord&) override {}
  void on_event(http::Severity, std::string_view what) override { events_.append(what); }
  [[nodiscard]] const std::string& events() const { return events_; }

 private:
  std::string events_;
};

struct Row {
  const char* fact;
  const char* method;
  const char* path;
  const char* body;
  StoreError failure;
  unsigned status;
};

class StorageFailure : public testing::TestWithParam<Row> {
 protected:
  [[nodiscard]] http::Handled ask() {
    const std::string authorization = test_support::basic_authorization("user", "password");
    ShortBody body(GetParam().body);
    http::Request request;
    request.method = GetParam().method;
    request.path = GetParam().path;
    request.query = "app_ver=1";
    request.authorization = authorization;
    request.body = &body;
    return run_awaitable(routes_->handle(std::move(request)));
  }

  test_support::MemoryStore store_;
  EventKeeper observer_;
  std::unique_ptr<http::Handler> routes_ =
      make_routes(store_, api::Authenticator("user", "password"), observer_, kFileBytesMax);
};

TEST_P(StorageFailure, IsAnsweredByItsKindAndLoggedWithItsCause) {
  store_.fail_with({GetParam().failure, "the cause"});
  EXPECT_EQ(ask().response.status, GetParam().status);
  EXPECT_EQ(observer_.events(), "the cause");
}

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
        Row{"BrokenAtARemoval", "DELETE", "/files/a", "", StoreError::unavailable, 503}),
    [](const auto& row) { return row.param.fact; });

}  // namespace
}  // namespace fuota::server::app
