#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "conn_wifi_b.h"
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_timer.h"
#include "fuota_b/update.hpp"
#include "nvs_flash.h"
#include "tests/simulation/update/update_server.hpp"
#include "tests/support/board/test_board.hpp"

namespace fuota::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using update::Code;

/// What an observer heard, in order, and the longest time that it heard nothing.
struct Heard {
  std::vector<std::string> events;
  std::int64_t last_us = 0;
  std::int64_t longest_silence_us = 0;

  void note_time() {
    const std::int64_t now_us = esp_timer_get_time();
    longest_silence_us = std::max(longest_silence_us, now_us - last_us);
    last_us = now_us;
  }

  update::Observer observer() {
    update::Observer observer;
    observer.context = this;
    observer.alive = [](void* self) { static_cast<Heard*>(self)->note_time(); };
    observer.download_begins = [](void* self) {
      static_cast<Heard*>(self)->events.emplace_back("download begins");
    };
    observer.download_ended = [](void* self) {
      static_cast<Heard*>(self)->events.emplace_back("download ended");
    };
    return observer;
  }
};

/// A check on a connected device whose server has an update.
class Observed : public testing::Test {
 protected:
  Observed() : server_(board_.network()) {
    board_.world().add(update_access_point());
    ImageOptions image = TestBoard::small_image();
    image.version = "0.1.1";
    image.seed = 2;
    image.size_bytes = 64 * 1024;
    server_.assign("00001", "0.1.0", "f");
    server_.upload("f", build_image(image));
  }

  Code check(const char* version = "0.1.0") {
    Code code = Code::no_memory;
    EXPECT_TRUE(board_.run_to_end([&] {
      (void)nvs_flash_init();
      (void)esp_netif_init();
      (void)esp_event_loop_create_default();
      EXPECT_EQ(cwb_connect_b(reinterpret_cast<const std::uint8_t*>("fuota_ap"),
                              reinterpret_cast<const std::uint8_t*>("fuota_pw"), 10'000),
                CWB_OK);
      update::Server server;
      server.name = UpdateServer::kHost;
      server.port = UpdateServer::kPort;
      server.certificate_pem = kCertificate;
      server.username = "server_username";
      server.password = "server_password";
      update::Identity identity;
      identity.device_id = "00001";
      identity.app_version = version;
      heard_.last_us = esp_timer_get_time();
      code = update::check_and_update(server, identity, heard_.observer()).code;
      heard_.note_time();
    })) << board_.transcript();
    return code;
  }

  TestBoard board_;
  UpdateServer server_;
  Heard heard_;
};

TEST_F(Observed, DownloadIsAnnouncedBeforeItIsAskedForAndWhenItIsOver) {
  server_.override_with([this](const simulator::net::PeerRequest& request) {
    heard_.events.push_back(request.target);
    return std::string();
  });
  EXPECT_EQ(check(), Code::updated);
  EXPECT_THAT(heard_.events, ElementsAre("/devices/00001?app_ver=0.1.0", "download begins",
                                         "/files/f", "download ended"));
}

TEST_F(Observed, DownloadThatFailsEndsToo) {
  server_.upload("f", FileBytes(10'000, 0));
  EXPECT_EQ(check(), Code::not_an_image);
  EXPECT_THAT(heard_.events, ElementsAre("download begins", "download ended"));
}

TEST_F(Observed, CheckWithoutAnUpdateBeginsNoDownload) {
  EXPECT_EQ(check("0.1.1"), Code::no_update);
  EXPECT_THAT(heard_.events, IsEmpty());
}

struct SlowCase {
  const char* title;
  simulator::net::Conditions conditions;
};

simulator::net::Conditions dripping() {
  simulator::net::Conditions conditions;
  conditions.segment_bytes = 1;
  conditions.bytes_per_second = 10;
  return conditions;
}

simulator::net::Conditions far_away() {
  simulator::net::Conditions conditions;
  conditions.connect_us = 9 * kSecondUs;
  conditions.latency_us = 4 * kSecondUs;
  return conditions;
}

simulator::net::Conditions silent() {
  simulator::net::Conditions conditions;
  simulator::net::StreamFault fault;
  fault.kind = simulator::net::StreamFault::Kind::stall;
  fault.after_bytes = 500;
  fault.stall_us = kHourUs;
  conditions.faults = {fault};
  return conditions;
}

class ObservedOnASlowNetwork : public Observed, public testing::WithParamInterface<SlowCase> {};

TEST_P(ObservedOnASlowNetwork, UpdateShowsThatItGoesOn) {
  server_.set_conditions([](unsigned) { return GetParam().conditions; });
  (void)check();
  EXPECT_LT(heard_.longest_silence_us, update::kAliveGapMsMax * kMillisecondUs);
}

INSTANTIATE_TEST_SUITE_P(Rows, ObservedOnASlowNetwork,
                         testing::Values(SlowCase{"Fast", {}}, SlowCase{"Dripping", dripping()},
                                         SlowCase{"FarAway", far_away()},
                                         SlowCase{"Silent", silent()}),
                         [](const auto& row) { return row.param.title; });

}  // namespace
}  // namespace fuota::test
