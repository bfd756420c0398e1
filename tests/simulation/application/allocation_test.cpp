#include <gtest/gtest.h>

#include <cstdint>
#include <functional>

#include "conn_wifi_b.h"
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_wifi.h"
#include "fuota_b/update.hpp"
#include "nvs_flash.h"
#include "scan_wifi_b.h"
#include "scan_wifi_b/scan.hpp"
#include "tests/simulation/update/update_server.hpp"
#include "tests/support/board/test_board.hpp"

namespace fuota::test {
namespace {

/// What the components' own code takes from the heap. What ESP-IDF takes on their behalf is not
/// counted: the driver, the network interface, the HTTP client, a task's stack.
class Allocations : public testing::Test {
 protected:
  Allocations() : server_(board_.network()) { board_.world().add(update_access_point()); }

  void run(const std::function<void()>& body) {
    ASSERT_TRUE(board_.run_to_end([&body] {
      ASSERT_EQ(nvs_flash_init(), ESP_OK);
      ASSERT_EQ(esp_netif_init(), ESP_OK);
      ASSERT_EQ(esp_event_loop_create_default(), ESP_OK);
      body();
    })) << board_.transcript();
  }

  const simulator::chip::DeviceHeap& heap() { return board_.board().session()->heap(); }

  static cwb_status_t connect() {
    return cwb_connect_b(reinterpret_cast<const std::uint8_t*>("fuota_ap"),
                         reinterpret_cast<const std::uint8_t*>("fuota_pw"), 10'000);
  }

  TestBoard board_;
  UpdateServer server_;
};

TEST_F(Allocations, OfTheWifiComponentsAreNone) {
  run([this] {
    for (int cycle = 0; cycle < 3; ++cycle) {
      wifi_ap_record_t records[4];
      std::uint8_t found = 0;
      EXPECT_EQ(swb_scan_b(4, records, &found), SWB_SUCCESS);
      EXPECT_EQ(found, 1);
      const auto* ssid = reinterpret_cast<const std::uint8_t*>("fuota_ap");
      EXPECT_EQ(scan::find(ssid, 8).outcome, scan::Outcome::found);
      EXPECT_EQ(connect(), CWB_OK);
      EXPECT_EQ(cwb_disconnect_b(), CWB_OK);
    }
    EXPECT_EQ(cwb_deinit_b(), CWB_OK);
    EXPECT_EQ(heap().allocations(), 0U);
  });
}

struct UpdateCase {
  const char* title;
  const char* version;  ///< what the device says it runs: the name of the file that it is offered
  update::Code code;
};

class AllocationsOfAnUpdate : public Allocations, public testing::WithParamInterface<UpdateCase> {};

TEST_P(AllocationsOfAnUpdate, AreOneBlockAndItIsGivenBack) {
  if (GetParam().code != update::Code::no_update) {
    server_.assign("00001", GetParam().version, GetParam().version);
  } else {
    server_.assign("00001", "another", "good");
  }
  ImageOptions image = TestBoard::small_image();
  image.version = "0.1.1";
  image.seed = 2;
  server_.upload("good", build_image(image));
  server_.upload("bad", damaged(build_image(image), Damage::payload_bit));
  run([this] {
    ASSERT_EQ(connect(), CWB_OK);
    const std::uint64_t before = heap().allocations();
    update::Server server;
    server.name = UpdateServer::kHost;
    server.port = UpdateServer::kPort;
    server.certificate_pem = kCertificate;
    server.username = "server_username";
    server.password = "server_password";
    update::Identity identity;
    identity.device_id = "00001";
    identity.app_version = GetParam().version;
    EXPECT_EQ(update::check_and_update(server, identity).code, GetParam().code);
    EXPECT_EQ(heap().allocations() - before, 1U);
    EXPECT_EQ(heap().blocks_alive(), 0U);
    EXPECT_LE(heap().bytes_alive_max(), 12U * 1024);
  });
}

INSTANTIATE_TEST_SUITE_P(Rows, AllocationsOfAnUpdate,
                         testing::Values(UpdateCase{"NothingNew", "none", update::Code::no_update},
                                         UpdateCase{"Installed", "good", update::Code::updated},
                                         UpdateCase{"Refused", "bad", update::Code::corrupt_image}),
                         [](const auto& row) { return row.param.title; });

}  // namespace
}  // namespace fuota::test
