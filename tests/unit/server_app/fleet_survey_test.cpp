#include "server/app/fleet_survey.hpp"

#include <gtest/gtest.h>

#include "server/app/metrics.hpp"
#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/some_change.hpp"

namespace fuota::server::app {
namespace {

/// Waits until `survey` has counted, which it begins at once.
std::optional<domain::FleetCounts> counted(FleetSurvey& survey) {
  for (;;) {
    if (const auto counts = survey.counts()) return counts;
    std::this_thread::yield();
  }
}

TEST(FleetSurvey, CountsAtOnce) {
  test_support::MemoryStore store;
  Metrics nobody{std::chrono::system_clock::time_point()};
  ASSERT_TRUE(test_support::run_awaitable(
      store.put_device({"00001", "0.1.0", "app.bin"}, test_support::some_change())));
  FleetSurvey survey(store, nobody);
  EXPECT_EQ(counted(survey)->devices, 1U);
}

}  // namespace
}  // namespace fuota::server::app
