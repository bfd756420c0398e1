#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "sdkconfig.h"
#include "tests/simulation/update/update_server.hpp"
#include "tests/support/board/test_board.hpp"

extern "C" void app_main(void);

namespace fuota::test {
namespace {

constexpr const char* kNewImageRuns = "===== esp32-fuota 0.1.1 =====";

/// The sample application as the configuration menu's defaults make it, on a board whose id is
/// provisioned.
class SampleApp : public testing::Test {
 protected:
  SampleApp() : server_(board_.network()) {
    board_.set_firmware(&app_main);
    board_.provision(
        {{"device_id", std::string("00001")}, {"server_cert", std::string(kCertificate)}});
  }

  void offer_update() {
    ImageOptions options = TestBoard::small_image();
    options.version = "0.1.1";
    options.seed = 2;
    server_.assign("00001", "0.1.0", "f");
    server_.upload("f", build_image(options));
  }

  [[nodiscard]] std::size_t lines_with(const std::string& text) const {
    return static_cast<std::size_t>(std::count_if(
        board_.lines().begin(), board_.lines().end(),
        [&](const std::string& line) { return line.find(text) != std::string::npos; }));
  }

  TestBoard board_;
  UpdateServer server_;
};

TEST_F(SampleApp, UpdatesItselfAndThenFindsNothingMore) {
  board_.world().add(update_access_point());
  offer_update();
  (void)board_.run((CONFIG_FUO_RETRY_WAIT_MAX_S + 5 * 60) * kSecondUs);
  EXPECT_TRUE(board_.printed(kNewImageRuns)) << board_.transcript();
  EXPECT_EQ(board_.board().boots(), 2U);
  EXPECT_EQ(server_.count("GET /files/"), 1U);
  EXPECT_GT(server_.count("GET /devices/00001?app_ver=0.1.1"), 2U);
  EXPECT_GT(lines_with("APP: No update available"), 2U);
}

TEST_F(SampleApp, KeepsScanningWhereOnlyOtherAccessPointsAre) {
  simulator::radio::AccessPoint other = update_access_point();
  other.ssid = "somebody_else";
  board_.world().add(other);
  (void)board_.run(kHourUs);
  EXPECT_EQ(board_.board().boots(), 1U) << board_.transcript();
  EXPECT_GT(lines_with("APP: FUOTA AP not in range"), 60U);
}

TEST_F(SampleApp, UpdatesWhenItComesIntoReachAtLast) {
  const auto id = board_.world().add(update_access_point());
  board_.world().change(id, [](auto& access_point) { access_point.present = false; });
  offer_update();
  board_.world().call_at(2 * kHourUs, [id](simulator::radio::World& world) {
    world.change(id, [](auto& access_point) { access_point.present = true; });
  });
  (void)board_.run(2 * kHourUs + 5 * 60 * kSecondUs);
  EXPECT_TRUE(board_.printed(kNewImageRuns));
}

TEST_F(SampleApp, OutlivesAServerThatIsAwayForADay) {
  board_.world().add(update_access_point());
  server_.stop();
  (void)board_.run(24 * kHourUs);
  EXPECT_EQ(board_.board().boots(), 1U) << "no restart helps against that";
  board_.forget_lines();
  server_.start();
  offer_update();
  (void)board_.run((CONFIG_FUO_RETRY_WAIT_MAX_S + 5 * 60) * kSecondUs);
  EXPECT_TRUE(board_.printed(kNewImageRuns)) << board_.transcript();
}

TEST_F(SampleApp, KeepsItsMemoryOverADayOfChecks) {
  board_.world().add(update_access_point());
  (void)board_.run(kHourUs);
  const std::size_t blocks = board_.board().session()->heap().blocks_alive();
  (void)board_.run(24 * kHourUs);
  EXPECT_EQ(board_.board().session()->heap().blocks_alive(), blocks);
  EXPECT_LE(board_.board().session()->http().statistics().clients_alive, 1U) << "the kept one";
}

TEST_F(SampleApp, CallsItselfByItsMacAddressWhenNothingElseIsSet) {
  TestBoard::Options options;
  options.board.base_mac = {0x24, 0x0A, 0xC4, 0x12, 0xAB, 0xEF};
  TestBoard board(options);
  UpdateServer server(board.network());
  board.world().add(update_access_point());
  board.set_firmware(&app_main);
  board.provision({{"server_cert", std::string(kCertificate)}});
  (void)board.run(60 * kSecondUs);
  EXPECT_EQ(server.count("GET /devices/240ac412abef?app_ver=0.1.0"), 1U) << board.transcript();
}

TEST_F(SampleApp, TakesItsAccessPointAndItsServerFromNvs) {
  simulator::radio::AccessPoint depot = update_access_point();
  depot.ssid = "depot";
  depot.password = "another password";
  board_.world().add(depot);
  board_.network().listen({"updates.example.com", 443}, [] {
    return std::make_unique<simulator::net::HttpPeer>([](const simulator::net::PeerRequest&) {
      simulator::net::PeerAnswer answer;
      answer.bytes = http10(204, "", "");
      return answer;
    });
  });
  board_.provision({{"ap_ssid", std::string("depot")},
                    {"ap_password", std::string("another password")},
                    {"server_name", std::string("updates.example.com")},
                    {"server_port", std::uint16_t{443}}});
  (void)board_.run(60 * kSecondUs);
  EXPECT_TRUE(board_.printed("OTA: Starting update with updates.example.com:443"));
  EXPECT_TRUE(board_.printed("APP: No update available")) << board_.transcript();
}

TEST_F(SampleApp, NeverPrintsACredential) {
  board_.world().add(update_access_point());
  offer_update();
  (void)board_.run(5 * 60 * kSecondUs);
  EXPECT_EQ(lines_with("server_password"), 0U);
  EXPECT_EQ(lines_with("fuota_pw"), 0U);
}

}  // namespace
}  // namespace fuota::test
