#include "server/app/audit_retention.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"

namespace fuota::server::app {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using test_support::run_awaitable;
using testing::ElementsAre;

constexpr ClockTrial::Steady kStart{hours(1000)};
constexpr domain::Time kNow{days(20'000) + hours(12)};

TEST(ClockTrial, TrustsAClockThatHasGoneOnForAnHour) {
  ClockTrial trial;
  for (minutes at{0}; at < kClockTrial; ++at) EXPECT_FALSE(trial.look(kNow + at, kStart + at));
  EXPECT_TRUE(trial.look(kNow + kClockTrial, kStart + kClockTrial));
}

TEST(ClockTrial, BeginsAgainWhenTheClockJumps) {
  for (const seconds jump : {seconds(61), seconds(-61), seconds(days(365))}) {
    ClockTrial trial;
    EXPECT_FALSE(trial.look(kNow, kStart));
    EXPECT_TRUE(trial.look(kNow + kClockTrial, kStart + kClockTrial));
    const auto later = kClockTrial + minutes(1);
    EXPECT_FALSE(trial.look(kNow + later + jump, kStart + later)) << jump.count();
    const auto again = later + kClockTrial;
    EXPECT_FALSE(trial.look(kNow + again + jump, kStart + again - seconds(1)));
    EXPECT_TRUE(trial.look(kNow + again + jump, kStart + again));
  }
}

TEST(ClockTrial, LetsAClockBeSetRightLittleByLittle) {
  ClockTrial trial;
  bool trusted = false;
  for (int minute = 0; minute < 100; ++minute) {
    trusted = trial.look(kNow + minute * seconds(90), kStart + minute * minutes(1));
  }
  EXPECT_TRUE(trusted);
}

class Events : public http::Observer {
 public:
  void on_connection(http::ConnectionEvent) override {}
  void on_handshake(http::HandshakeOutcome, std::chrono::microseconds) override {}
  void on_request(const http::AccessRecord&) override {}
  void on_event(http::Severity, std::string_view line) override { lines.emplace_back(line); }

  std::vector<std::string> lines;
};

class Retention : public testing::Test {
 protected:
  void change_at(const std::string& id, domain::Time at) {
    ASSERT_TRUE(
        run_awaitable(store_.put_device({id, "0.1.0", "app.bin"}, {"user:anna", "::1", at})));
  }

  void look(domain::Time now, ClockTrial::Steady steady) {
    now_ = now;
    static_cast<void>(run_awaitable(retention_.look(steady)));
  }

  std::vector<std::string> objects() {
    std::vector<std::string> objects;
    for (const auto& entry : *run_awaitable(store_.audit({}))) objects.push_back(entry.object);
    return objects;
  }

  test_support::MemoryStore store_;
  Events events_;
  domain::Time now_;
  AuditRetention retention_{store_, events_, days(30), [this] { return now_; }};
};

TEST_F(Retention, RemovesWhatIsOlderThanWholeDays) {
  const domain::Time kept_from = std::chrono::floor<days>(kNow) - days(30);
  change_at("old", kept_from - seconds(1));
  change_at("kept", kept_from);
  look(kNow - kClockTrial, kStart - kClockTrial);
  EXPECT_THAT(objects(), ElementsAre("kept", "old"));
  look(kNow, kStart);
  EXPECT_THAT(objects(), ElementsAre("2", "kept"));
  // Until the next day there is nothing more to do, and nothing to say.
  look(kNow + minutes(1), kStart + minutes(1));
  EXPECT_THAT(objects(), ElementsAre("2", "kept"));
  EXPECT_TRUE(events_.lines.empty());
}

TEST_F(Retention, RemovesNothingByAClockThatHasJumped) {
  change_at("kept", kNow);
  look(kNow, kStart);
  look(kNow + kClockTrial, kStart + kClockTrial);
  look(kNow + days(365), kStart + kClockTrial + minutes(1));
  EXPECT_THAT(objects(), ElementsAre("kept"));
}

}  // namespace
}  // namespace fuota::server::app
