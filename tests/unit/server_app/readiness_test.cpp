#include "server/app/readiness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server::app {
namespace {

using storage::Failure;
using storage::StoreError;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Counts what it is told.
class EventCounter final : public http::Observer {
 public:
  void on_connection(http::ConnectionEvent) override {}
  void on_handshake(http::HandshakeOutcome, std::chrono::microseconds) override {}
  void on_request(const http::AccessRecord&) override {}
  void on_event(http::Severity, std::string_view what) override {
    ++events_;
    last_ = what;
  }
  [[nodiscard]] int events() const { return events_; }
  [[nodiscard]] const std::string& last() const { return last_; }

 private:
  int events_ = 0;
  std::string last_;
};

class ReadinessTest : public testing::Test {
 protected:
  std::vector<std::string> complaints() {
    return test_support::run_awaitable(readiness_.complaints());
  }

  void change(std::optional<StoreError> error) {
    readiness_.on_store_call(StoreCall::put_device, std::chrono::nanoseconds(1), error);
  }

  test_support::TemporaryDirectory directory_;
  test_support::MemoryStore store_;
  EventCounter events_;
  Readiness readiness_{store_, directory_.path(), 1, events_};
};

TEST_F(ReadinessTest, IsThereWhenTheStoreWorksAndTheDiskHasRoom) {
  EXPECT_THAT(complaints(), IsEmpty());
}

TEST_F(ReadinessTest, EndsWhenTheServerStops) {
  readiness_.begin_stop();
  EXPECT_THAT(complaints(), ElementsAre("the server is stopping"));
}

TEST_F(ReadinessTest, EndsWhenTheDatabaseCantBeRead) {
  change(std::nullopt);
  store_.fail_with(Failure{StoreError::unavailable, "the reason"});
  EXPECT_THAT(complaints(), ElementsAre(HasSubstr("can't be read")));
  EXPECT_THAT(events_.last(), HasSubstr("the reason"));
}

TEST_F(ReadinessTest, TriesAChangeWhenNoneWasTried) {
  store_.fail_with(Failure{StoreError::full, "no room"});
  EXPECT_THAT(complaints(),
              ElementsAre(HasSubstr("can't be read"), "the last change found the disk full"));
}

struct Row {
  const char* fact;
  StoreError error;
  const char* complaint;  ///< Null when it says nothing about the disk.
};

class FailedChanges : public ReadinessTest, public testing::WithParamInterface<Row> {};

TEST_P(FailedChanges, EndItUntilOneSucceeds) {
  change(std::nullopt);
  change(GetParam().error);
  store_.fail_with(Failure{GetParam().error, "again"});
  const auto told = complaints();
  if (GetParam().complaint == nullptr) {
    EXPECT_THAT(told, testing::Not(testing::Contains(HasSubstr("change"))));
  } else {
    EXPECT_THAT(told, testing::Contains(HasSubstr(GetParam().complaint)));
  }
  store_.recover();
  change(std::nullopt);
  EXPECT_THAT(complaints(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Rows, FailedChanges,
                         testing::Values(Row{"Full", StoreError::full, "found the disk full"},
                                         Row{"Unavailable", StoreError::unavailable,
                                             "the last change failed"},
                                         Row{"NotFound", StoreError::not_found, nullptr},
                                         Row{"InUse", StoreError::in_use, nullptr}),
                         [](const auto& row) { return row.param.fact; });

TEST_F(ReadinessTest, FindsOutByItselfThatChangesCanBeMadeAgain) {
  change(StoreError::full);
  EXPECT_THAT(complaints(), IsEmpty());
}

TEST_F(ReadinessTest, TriesNoMoreThanOneChangeInItsPeriod) {
  store_.fail_with(Failure{StoreError::full, "no room"});
  EXPECT_THAT(complaints(), testing::SizeIs(2));
  store_.recover();
  EXPECT_THAT(complaints(), ElementsAre("the last change found the disk full"));
}

TEST_F(ReadinessTest, IsLoggedWhenItIsNews) {
  store_.fail_with(Failure{StoreError::unavailable, "the reason"});
  static_cast<void>(complaints());
  const int events = events_.events();
  static_cast<void>(complaints());
  EXPECT_EQ(events_.events(), events);
}

TEST_F(ReadinessTest, EndsWhenTheDiskHasNoRoomForAFile) {
  Readiness greedy(store_, directory_.path(), std::numeric_limits<std::uint64_t>::max(), events_);
  EXPECT_THAT(test_support::run_awaitable(greedy.complaints()),
              ElementsAre(HasSubstr("bytes left, and a file may have")));
}

}  // namespace
}  // namespace fuota::server::app
