#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/simulation/application/updated_device.hpp"

namespace fuota::test {
namespace {

using simulator::net::Conditions;
using simulator::net::StreamFault;

struct HangingCase {
  const char* title;
  Conditions conditions;  ///< of every connection
};

Conditions unanswered() {
  Conditions conditions;
  conditions.connect = Conditions::Connect::unanswered;
  return conditions;
}

Conditions slow_to_connect() {
  Conditions conditions;
  conditions.connect_us = 9 * kSecondUs;
  conditions.latency_us = 4 * kSecondUs;
  return conditions;
}

Conditions silent_after(std::size_t bytes) {
  Conditions conditions;
  StreamFault fault;
  fault.after_bytes = bytes;
  fault.kind = StreamFault::Kind::stall;
  fault.stall_us = kHourUs;
  conditions.faults = {fault};
  return conditions;
}

/// So slow that the download cannot end in its time.
Conditions byte_by_byte() {
  Conditions conditions;
  conditions.segment_bytes = 1;
  conditions.bytes_per_second = 2;
  return conditions;
}

class HangingServer : public testing::TestWithParam<HangingCase> {
 protected:
  UpdatedDevice device_;
};

TEST_P(HangingServer, NeverTripsTheTaskWatchdog) {
  device_.server().set_conditions([](unsigned) { return GetParam().conditions; });
  (void)device_.board().run(3 * kHourUs);
  EXPECT_FALSE(device_.board().printed("task_wdt")) << device_.board().transcript();
}

INSTANTIATE_TEST_SUITE_P(Rows, HangingServer,
                         testing::Values(HangingCase{"DoesNotAnswer", unanswered()},
                                         HangingCase{"IsSlowToConnect", slow_to_connect()},
                                         HangingCase{"IsSilentAfterTheConnection", silent_after(0)},
                                         HangingCase{"IsSilentInTheHeaders", silent_after(40)},
                                         HangingCase{"IsSilentInTheImage", silent_after(2'000)},
                                         HangingCase{"SendsByteByByte", byte_by_byte()}),
                         [](const auto& row) { return row.param.title; });

TEST(SilentAccessPoint, NeverTripsTheTaskWatchdog) {
  TestBoard board;
  simulator::radio::AccessPoint silent = update_access_point();
  silent.dhcp.answers = false;
  board.world().add(silent);
  board.set_firmware(&app_main);
  (void)board.run(3 * kHourUs);
  EXPECT_FALSE(board.printed("task_wdt")) << board.transcript();
}

/// A header line that never ends: where ESP-IDF's client offers no bound, the watchdog is one.
void never_end_a_header_line(UpdatedDevice& device) {
  device.server().override_with([](const simulator::net::PeerRequest&) {
    return "HTTP/1.0 204 No Content\r\nX: " + std::string(10'000, 'x');
  });
  device.server().set_conditions([](unsigned) { return byte_by_byte(); });
}

TEST(AHangOfTheApplication, EndsInARestart) {
  UpdatedDevice device;
  never_end_a_header_line(device);
  (void)device.board().run(5 * 60 * kSecondUs);
  EXPECT_TRUE(device.board().printed("task_wdt:  - fuota_app")) << device.board().transcript();
  EXPECT_GE(device.board().board().boots(), 2U);
  EXPECT_EQ(device.board().board().reset_reason(), ESP_RST_TASK_WDT);
}

TEST(AHangOfTheApplication, EndsATrialInTheOldImage) {
  UpdatedDevice device;
  ASSERT_TRUE(device.update_to_trial());
  device.server().start();
  never_end_a_header_line(device);
  (void)device.board().run(4 * 60 * kSecondUs);
  EXPECT_TRUE(device.runs("ota_0")) << device.board().transcript();
  EXPECT_TRUE(device.board().printed("failed on trial 1: task watchdog"));
}

}  // namespace
}  // namespace fuota::test
