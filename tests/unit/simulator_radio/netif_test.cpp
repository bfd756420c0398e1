// The station's interface and its address (esp_netif and esp_wifi/src/wifi_default.c).

#include "tests/unit/simulator_radio/chip.hpp"

namespace simulator::radio {
namespace {

std::string text_of(const esp_ip4_addr_t& address) {
  char text[16];
  std::snprintf(text, sizeof text, IPSTR, IP2STR(&address));
  return text;
}

class Netif : public testing::Test {
 protected:
  void connect() {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    ASSERT_EQ(esp_wifi_connect(), ESP_OK);
    ASSERT_TRUE(chip_.wait_for("CONNECTED"));
  }

  esp_netif_t* station() { return esp_netif_get_handle_from_ifkey("WIFI_STA_DEF"); }

  World world_;
  AccessPointId id_ = world_.add(access_point());
  Chip chip_{world_};
};

// docs/en/api-guides/wifi.rst, "Wi-Fi Station Connecting Scenario".
TEST_F(Netif, TellsOfAConnectionInOrder) {
  chip_.run([&] {
    chip_.start_station();
    Chip::configure("fuota_ap", "fuota_password");
    ASSERT_EQ(esp_wifi_connect(), ESP_OK);
    vTaskDelay(pdMS_TO_TICKS(5'000));
    EXPECT_THAT(chip_.names(), testing::ElementsAre("CONNECTED", "GOT_IP"));
    chip_.events.clear();
    ASSERT_EQ(esp_wifi_stop(), ESP_OK);
    vTaskDelay(pdMS_TO_TICKS(1'000));
    EXPECT_THAT(chip_.names(), testing::ElementsAre("DISCONNECTED", "STOP"));
  });
}

TEST_F(Netif, GetsItsAddressByDhcp) {
  chip_.run([&] {
    connect();
    const std::int64_t connected_us = chip_.last.at_us;
    ASSERT_TRUE(chip_.wait_for("GOT_IP"));
    EXPECT_NEAR(static_cast<double>(chip_.last.at_us - connected_us), 300 * kMillisecond,
                20 * kMillisecond);
    EXPECT_EQ(text_of(chip_.last.got_ip.ip_info.ip), "192.168.1.50");
    EXPECT_EQ(text_of(chip_.last.got_ip.ip_info.netmask), "255.255.255.0");
    EXPECT_EQ(text_of(chip_.last.got_ip.ip_info.gw), "192.168.1.1");
    EXPECT_TRUE(chip_.last.got_ip.ip_changed);
    EXPECT_EQ(chip_.last.got_ip.esp_netif, station());
    esp_netif_ip_info_t info{};
    EXPECT_EQ(esp_netif_get_ip_info(station(), &info), ESP_OK);
    EXPECT_EQ(text_of(info.ip), "192.168.1.50");
    EXPECT_TRUE(chip_.netif().has_address());
  });
}

TEST_F(Netif, LogsItsAddressAsTheChipDoes) {
  chip_.run([&] {
    connect();
    ASSERT_TRUE(chip_.wait_for("GOT_IP"));
    vTaskDelay(1);
    EXPECT_THAT(chip_.console,
                testing::Contains(testing::HasSubstr(
                    "esp_netif_handlers: sta ip: 192.168.1.50, mask: 255.255.255.0, gw: "
                    "192.168.1.1")));
  });
}

TEST_F(Netif, TheSameAddressAgainIsNotChanged) {
  chip_.run([&] {
    connect();
    ASSERT_TRUE(chip_.wait_for("GOT_IP"));
    ASSERT_EQ(esp_wifi_disconnect(), ESP_OK);
    ASSERT_TRUE(chip_.wait_for("DISCONNECTED"));
    ASSERT_EQ(esp_wifi_connect(), ESP_OK);
    ASSERT_TRUE(chip_.wait_for("GOT_IP"));
    EXPECT_FALSE(chip_.last.got_ip.ip_changed);
  });
}

// esp_netif/lwip/esp_netif_lwip.c, esp_netif_internal_dhcpc_cb: another address is another GOT_IP.
TEST_F(Netif, AnotherLeaseIsAnotherGotIp) {
  chip_.run([&] {
    connect();
    ASSERT_TRUE(chip_.wait_for("GOT_IP"));
    world_.change(id_, [](AccessPoint& changed) { changed.dhcp.address = {10, 0, 0, 7}; });
    ASSERT_TRUE(chip_.wait_for("GOT_IP"));
    EXPECT_EQ(text_of(chip_.last.got_ip.ip_info.ip), "10.0.0.7");
    EXPECT_TRUE(chip_.last.got_ip.ip_changed);
  });
}

TEST_F(Netif, WaitsForASilentDhcpServer) {
  world_.change(id_, [](AccessPoint& changed) { changed.dhcp.answers = false; });
  chip_.run([&] {
    connect();
    EXPECT_FALSE(chip_.wait_for("GOT_IP", 300 * kSecond));
  });
}

// lwIP repeats after 2, 4, 8 … seconds.
TEST_F(Netif, AsksAgainUntilTheServerAnswers) {
  world_.change(id_, [](AccessPoint& changed) { changed.dhcp.answers = false; });
  chip_.run([&] {
    connect();
    const std::int64_t connected_us = chip_.last.at_us;
    world_.call_at(world_.now_us() + 7 * kSecond, [&](World& at) {
      at.change(id_, [](AccessPoint& changed) { changed.dhcp.answers = true; });
    });
    ASSERT_TRUE(chip_.wait_for("GOT_IP"));
    EXPECT_NEAR(static_cast<double>(chip_.last.at_us - connected_us),
                (2 + 4 + 8) * kSecond + 300 * kMillisecond, 30 * kMillisecond);
  });
}

TEST_F(Netif, LosesItsAddressWithTheConnection) {
  chip_.run([&] {
    connect();
    ASSERT_TRUE(chip_.wait_for("GOT_IP"));
    world_.kick(id_, WIFI_REASON_AUTH_LEAVE);
    ASSERT_TRUE(chip_.wait_for("DISCONNECTED"));
    vTaskDelay(1);
    EXPECT_FALSE(chip_.netif().has_address());
    esp_netif_ip_info_t info{};
    EXPECT_EQ(esp_netif_get_ip_info(station(), &info), ESP_OK);
    EXPECT_EQ(info.ip.addr, 0u);
  });
}

// esp_netif/lwip/esp_netif_lwip.c, esp_netif_start_ip_lost_timer:
// CONFIG_ESP_NETIF_IP_LOST_TIMER_INTERVAL = 120 s.
TEST_F(Netif, TellsOfTheLossOnlyAfterTwoMinutes) {
  chip_.run([&] {
    connect();
    ASSERT_TRUE(chip_.wait_for("GOT_IP"));
    world_.kick(id_, WIFI_REASON_AUTH_LEAVE);
    ASSERT_TRUE(chip_.wait_for("DISCONNECTED"));
    const std::int64_t lost_us = chip_.last.at_us;
    ASSERT_TRUE(chip_.wait_for("LOST_IP", 200 * kSecond));
    EXPECT_NEAR(static_cast<double>(chip_.last.at_us - lost_us), 120 * kSecond, 20 * kMillisecond);
  });
}

TEST_F(Netif, DoesNotTellOfALossThatWasMadeGoodInTime) {
  chip_.run([&] {
    connect();
    ASSERT_TRUE(chip_.wait_for("GOT_IP"));
    world_.kick(id_, WIFI_REASON_AUTH_LEAVE);
    ASSERT_TRUE(chip_.wait_for("DISCONNECTED"));
    ASSERT_EQ(esp_wifi_connect(), ESP_OK);
    ASSERT_TRUE(chip_.wait_for("GOT_IP"));
    EXPECT_FALSE(chip_.wait_for("LOST_IP", 200 * kSecond));
  });
}

TEST_F(Netif, DestroyDefaultWifiLeavesNothingBehind) {
  chip_.run([&] {
    ASSERT_EQ(esp_netif_init(), ESP_OK);
    ASSERT_EQ(esp_event_loop_create_default(), ESP_OK);
    const std::size_t before = chip_.session().scheduler().heap().free_bytes();
    esp_netif_t* netif = esp_netif_create_default_wifi_sta();
    EXPECT_EQ(chip_.netif().statistics().default_handlers_registered, 5u);
    esp_netif_destroy_default_wifi(netif);
    EXPECT_EQ(chip_.netif().statistics().netifs_alive, 0u);
    EXPECT_EQ(chip_.netif().statistics().drivers_alive, 0u);
    EXPECT_EQ(chip_.netif().statistics().default_handlers_registered, 0u);
    EXPECT_NEAR(static_cast<double>(chip_.session().scheduler().heap().free_bytes()),
                static_cast<double>(before), 0);
    EXPECT_EQ(station(), nullptr);
  });
}

// esp_wifi/src/wifi_default.c, esp_netif_destroy_default_wifi: frees what esp_wifi_create_if_driver
// made; plain esp_netif_destroy leaks it.
TEST_F(Netif, PlainDestroyLeaksTheDriver) {
  chip_.run([&] {
    ASSERT_EQ(esp_netif_init(), ESP_OK);
    ASSERT_EQ(esp_event_loop_create_default(), ESP_OK);
    esp_netif_destroy(esp_netif_create_default_wifi_sta());
    EXPECT_EQ(chip_.netif().statistics().netifs_alive, 0u);
    EXPECT_EQ(chip_.netif().statistics().drivers_alive, 1u);
  });
}

class NetifDeathTest : public Netif {};

// esp_wifi/src/wifi_default.c, s_wifi_netifs: and leaves the default handlers with a dangling
// pointer.
TEST_F(NetifDeathTest, AWifiEventAfterPlainDestroyIsAUseAfterFree) {
  EXPECT_DEATH(chip_.run([&] {
    connect();
    ASSERT_EQ(esp_wifi_stop(), ESP_OK);
    esp_netif_destroy(station());
    vTaskDelay(100);
  }),
               "default Wi-Fi event handler uses the network interface after esp_netif_destroy");
}

TEST_F(Netif, AWifiEventAfterDestroyDefaultWifiIsHarmless) {
  chip_.run([&] {
    connect();
    ASSERT_EQ(esp_wifi_stop(), ESP_OK);
    esp_netif_destroy_default_wifi(station());
    EXPECT_TRUE(chip_.wait_for("STOP"));
  });
}

// esp_wifi/src/wifi_default.c, esp_netif_create_default_wifi_sta: never NULL, it asserts.
TEST_F(NetifDeathTest, CreatingItTwiceAborts) {
  EXPECT_DEATH(chip_.run([&] {
    esp_netif_init();
    esp_event_loop_create_default();
    esp_netif_create_default_wifi_sta();
    esp_netif_create_default_wifi_sta();
  }),
               "there is one already");
}

TEST_F(NetifDeathTest, CreatingItWithoutInitAborts) {
  EXPECT_DEATH(chip_.run([] { esp_netif_create_default_wifi_sta(); }), "esp_netif_init");
}

TEST_F(NetifDeathTest, CreatingItWithoutEventLoopAborts) {
  EXPECT_DEATH(chip_.run([] {
    esp_netif_init();
    esp_netif_create_default_wifi_sta();
  }),
               "default event loop does not exist");
}

TEST_F(NetifDeathTest, DestroyingItTwiceAborts) {
  EXPECT_DEATH(chip_.run([] {
    esp_netif_init();
    esp_event_loop_create_default();
    esp_netif_t* netif = esp_netif_create_default_wifi_sta();
    esp_netif_destroy_default_wifi(netif);
    esp_netif_destroy_default_wifi(netif);
  }),
               "freed already");
}

}  // namespace
}  // namespace simulator::radio
