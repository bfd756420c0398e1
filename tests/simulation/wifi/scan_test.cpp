#include "scan_wifi_b.h"

#include <cstring>
#include <vector>

#include "scan_wifi_b/scan.hpp"
#include "tests/simulation/wifi/wifi_device.hpp"

namespace fuota::test {
namespace {

using simulator::radio::AccessPoint;
using simulator::radio::AccessPointId;
using simulator::radio::Faults;

constexpr std::int64_t kScanBoundUs = 5 * kSecondUs;

AccessPoint named(const std::string& ssid, std::int8_t rssi, std::uint8_t number) {
  AccessPoint access_point = secured_access_point();
  access_point.ssid = ssid;
  access_point.rssi = rssi;
  access_point.bssid = {0x02, 0, 0, 0, 1, number};
  access_point.channel = static_cast<std::uint8_t>(1 + number % 13);
  return access_point;
}

std::string ssid_of(const wifi_ap_record_t& record) {
  const auto* text = reinterpret_cast<const char*>(record.ssid);
  return {text, strnlen(text, sizeof record.ssid)};
}

struct ScanCall {
  swb_status_t status = SWB_ERROR;
  std::vector<wifi_ap_record_t> records;
  std::uint8_t written_past_the_end = 0;
};

/// Scans with room for `capacity` records.
ScanCall scan_all(std::uint8_t capacity) {
  constexpr std::uint8_t kUntouched = 0xA5;
  ScanCall call;
  call.records.resize(capacity + 1U);
  std::memset(&call.records.back(), kUntouched, sizeof call.records.back());
  std::uint8_t count = 0xFF;
  call.status = swb_scan_b(capacity, call.records.data(), &count);
  const auto* guard = reinterpret_cast<const std::uint8_t*>(&call.records[capacity]);
  for (std::size_t i = 0; i < sizeof(wifi_ap_record_t); ++i) {
    if (guard[i] != kUntouched) ++call.written_past_the_end;
  }
  EXPECT_LE(count, capacity);
  call.records.resize(std::min<std::size_t>(count, capacity));
  return call;
}

std::vector<std::string> names_in(const ScanCall& call) {
  std::vector<std::string> names;
  for (const wifi_ap_record_t& record : call.records) names.push_back(ssid_of(record));
  return names;
}

class Scan : public testing::Test {
 protected:
  AccessPointId add(const std::string& ssid, std::int8_t rssi) {
    return device_.world().add(named(ssid, rssi, ++number_));
  }
  AccessPointId add_hidden(const std::string& ssid, std::int8_t rssi) {
    AccessPoint access_point = named(ssid, rssi, ++number_);
    access_point.hidden = true;
    return device_.world().add(access_point);
  }
  scan::Report find(const std::string& ssid) { return scan::find(bytes(ssid), ssid.size()); }

  WifiDevice device_;
  std::uint8_t number_ = 0;
};

TEST_F(Scan, ReportsTheStrongestFirst) {
  add("middle", -60);
  add("weak", -90);
  add("strong", -30);
  device_.run([&] {
    const ScanCall call = scan_all(10);
    EXPECT_EQ(call.status, SWB_SUCCESS);
    EXPECT_THAT(names_in(call), testing::ElementsAre("strong", "middle", "weak"));
  });
}

TEST_F(Scan, ReportsNoHiddenAccessPoint) {
  add("shown", -60);
  add_hidden("hidden", -30);
  device_.run([&] { EXPECT_THAT(names_in(scan_all(10)), testing::ElementsAre("shown")); });
}

TEST_F(Scan, FindsNothingWhereNothingIs) {
  device_.run([&] {
    const ScanCall call = scan_all(10);
    EXPECT_EQ(call.status, SWB_SUCCESS);
    EXPECT_TRUE(call.records.empty());
  });
}

TEST_F(Scan, StoresNoMoreThanThereIsRoomForAndTheStrongestOfThem) {
  for (int i = 0; i < 20; ++i) {
    add("ap" + std::to_string(i), static_cast<std::int8_t>(-90 + 2 * i));
  }
  device_.run([&] {
    const ScanCall call = scan_all(3);
    EXPECT_EQ(call.status, SWB_SUCCESS);
    EXPECT_EQ(call.written_past_the_end, 0);
    EXPECT_THAT(names_in(call), testing::ElementsAre("ap19", "ap18", "ap17"));
  });
}

TEST_F(Scan, CountsWhatItStoredAndNotWhatIsInRange) {
  add("a", -50);
  add("b", -60);
  device_.run([&] {
    EXPECT_EQ(scan_all(1).records.size(), 1U);
    EXPECT_EQ(scan_all(2).records.size(), 2U);
    EXPECT_EQ(scan_all(255).records.size(), 2U);
  });
}

TEST_F(Scan, StoresUpTo255OfMore) {
  for (int i = 0; i < 300; ++i) {
    AccessPoint access_point = named("ap" + std::to_string(i), -50, 1);
    access_point.bssid = {
        0x02, 0, 0, 1, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
    device_.world().add(access_point);
  }
  device_.run([&] {
    const ScanCall call = scan_all(255);
    EXPECT_EQ(call.status, SWB_SUCCESS);
    EXPECT_EQ(call.records.size(), 255U);
    EXPECT_EQ(call.written_past_the_end, 0);
  });
}

TEST_F(Scan, ReportsEachRadioOfAnAccessPoint) {
  add("mesh", -50);
  add("mesh", -70);
  device_.run([&] { EXPECT_THAT(names_in(scan_all(10)), testing::ElementsAre("mesh", "mesh")); });
}

TEST_F(Scan, TakesAboutTwoSeconds) {
  add("any", -50);
  device_.run([&] {
    const std::int64_t start_us = esp_timer_get_time();
    (void)scan_all(10);
    EXPECT_LT(esp_timer_get_time() - start_us, kScanBoundUs);
  });
}

TEST_F(Scan, LeavesWifiOffAndHoldsNothing) {
  add("any", -50);
  device_.run([&] {
    (void)scan_all(10);
    const Holdings before = device_.holdings();
    for (int i = 0; i < 100; ++i) (void)scan_all(1);
    EXPECT_EQ(device_.holdings(), before);
    EXPECT_FALSE(device_.wifi().installed());
  });
}

TEST_F(Scan, RefusesParametersThatAreNullOrZero) {
  device_.run([&] {
    const unsigned calls_before = device_.faults().calls();
    wifi_ap_record_t record;
    std::uint8_t count = 7;
    EXPECT_EQ(swb_scan_b(1, &record, nullptr), SWB_ERROR);
    EXPECT_EQ(swb_scan_b(0, &record, &count), SWB_ERROR);
    EXPECT_EQ(count, 0);
    count = 7;
    EXPECT_EQ(swb_scan_b(1, nullptr, &count), SWB_ERROR);
    EXPECT_EQ(count, 0);
    EXPECT_EQ(device_.faults().calls(), calls_before);
  });
}

TEST_F(Scan, IsRefusedWhileConnectedAndTheConnectionSurvives) {
  device_.world().add(secured_access_point());
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    EXPECT_EQ(scan_all(10).status, SWB_ERROR);
    EXPECT_EQ(find(kSsid).outcome, scan::Outcome::wifi_in_use);
    pass(kSecondUs);
    EXPECT_TRUE(device_.has_address());
    EXPECT_EQ(cwb_disconnect_b(), CWB_OK);
    EXPECT_EQ(scan_all(10).status, SWB_SUCCESS);
  });
}

TEST_F(Scan, DoesNotDisturbTheNextConnection) {
  device_.world().add(secured_access_point());
  device_.run([&] {
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(scan_all(10).status, SWB_SUCCESS);
      EXPECT_EQ(connect(), CWB_OK);
      EXPECT_EQ(cwb_disconnect_b(), CWB_OK);
    }
  });
}

/// With each call of the driver failing in turn, until a scan comes through without a failure.
TEST_F(Scan, LeaksNothingWhicheverCallOfTheDriverFails) {
  add("any", -50);
  device_.run([&] {
    ASSERT_EQ(scan_all(10).status, SWB_SUCCESS);
    const Holdings before = device_.holdings();
    const unsigned calls_before = device_.faults().calls();
    ASSERT_EQ(scan_all(10).status, SWB_SUCCESS);
    const unsigned calls = device_.faults().calls() - calls_before;
    ASSERT_GT(calls, 5U);
    for (unsigned nth = 1; nth <= calls; ++nth) {
      device_.faults().clear();
      device_.faults().fail_call("", nth, ESP_FAIL);
      (void)scan_all(10);
      EXPECT_EQ(device_.holdings(), before) << "call " << nth << '\n' << device_.last_lines();
      device_.faults().clear();
      const ScanCall next = scan_all(10);
      EXPECT_EQ(next.status, SWB_SUCCESS) << "after call " << nth;
      EXPECT_EQ(next.records.size(), 1U) << "after call " << nth;
    }
  });
}

class ScanWhenFails : public testing::TestWithParam<const char*> {};

TEST_P(ScanWhenFails, ReportsTheErrorAndSwitchesWifiOff) {
  WifiDevice device;
  device.world().add(named("any", -50, 1));
  device.faults().fail_call(GetParam(), Faults::kEvery, ESP_ERR_NO_MEM);
  device.run([&] {
    const ScanCall call = scan_all(10);
    EXPECT_EQ(call.status, SWB_ERROR);
    EXPECT_TRUE(call.records.empty());
    EXPECT_FALSE(device.wifi().installed());
    EXPECT_EQ(device.wifi().statistics().scan_lists_leaked, 0U);
    const std::string ssid = "any";
    const scan::Report report = scan::find(bytes(ssid), ssid.size());
    EXPECT_EQ(report.outcome, scan::Outcome::driver);
    EXPECT_EQ(report.error, ESP_ERR_NO_MEM);
  });
}

INSTANTIATE_TEST_SUITE_P(Calls, ScanWhenFails,
                         testing::Values("esp_wifi_init", "esp_wifi_set_storage",
                                         "esp_wifi_set_mode", "esp_wifi_start",
                                         "esp_wifi_scan_start", "esp_wifi_scan_get_ap_num",
                                         "esp_wifi_scan_get_ap_records"),
                         [](const auto& row) { return std::string(row.param); });

TEST_F(Scan, FailsWithoutMemoryForTheDriver) {
  TestBoard::Options options;
  options.board.heap_bytes = 30'000;
  WifiDevice small(options);
  small.run([&] {
    const Holdings before = small.holdings();
    EXPECT_EQ(scan_all(10).status, SWB_ERROR);
    EXPECT_EQ(small.holdings(), before);
  });
}

class Find : public Scan {};

TEST_F(Find, TellsTheAccessPointOfThatName) {
  add("other", -30);
  add("wanted", -70);
  device_.run([&] {
    const scan::Report report = find("wanted");
    ASSERT_EQ(report.outcome, scan::Outcome::found);
    EXPECT_EQ(report.access_point.ssid_bytes, 6);
    EXPECT_EQ(std::memcmp(report.access_point.ssid.data(), "wanted", 6), 0);
    EXPECT_EQ(report.access_point.rssi_dbm, -70);
    EXPECT_EQ(report.access_point.channel, 3);
    EXPECT_EQ(report.access_point.bssid, (std::array<std::uint8_t, 6>{0x02, 0, 0, 0, 1, 2}));
  });
}

TEST_F(Find, TellsTheStrongestOfThatName) {
  add("mesh", -70);
  add("mesh", -40);
  add("mesh", -60);
  device_.run([&] { EXPECT_EQ(find("mesh").access_point.rssi_dbm, -40); });
}

TEST_F(Find, FindsAHiddenAccessPoint) {
  add_hidden("hidden", -60);
  device_.run([&] {
    const scan::Report report = find("hidden");
    ASSERT_EQ(report.outcome, scan::Outcome::found);
    EXPECT_EQ(std::memcmp(report.access_point.ssid.data(), "hidden", 6), 0);
  });
}

TEST_F(Find, FindsAnSsidOf32Bytes) {
  const std::string ssid(32, 's');
  add(ssid, -60);
  device_.run([&] {
    const scan::Report report = find(ssid);
    ASSERT_EQ(report.outcome, scan::Outcome::found);
    EXPECT_EQ(report.access_point.ssid_bytes, 32);
  });
}

TEST_F(Find, DoesNotTakeAnotherNameThatBeginsTheSame) {
  add("wanted2", -30);
  add("wante", -30);
  device_.run([&] { EXPECT_EQ(find("wanted").outcome, scan::Outcome::not_found); });
}

TEST_F(Find, FindsItAmongMoreThan255) {
  for (int i = 0; i < 300; ++i) {
    AccessPoint access_point = named("ap" + std::to_string(i), -30, 1);
    access_point.bssid = {
        0x02, 0, 0, 1, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
    device_.world().add(access_point);
  }
  add("wanted", -90);
  device_.run([&] { EXPECT_EQ(find("wanted").outcome, scan::Outcome::found); });
}

TEST_F(Find, RefusesNamesThatNoAccessPointCanHave) {
  device_.run([&] {
    const unsigned calls_before = device_.faults().calls();
    EXPECT_EQ(scan::find(nullptr, 4).outcome, scan::Outcome::bad_ssid);
    EXPECT_EQ(find("").outcome, scan::Outcome::bad_ssid);
    EXPECT_EQ(find(std::string(33, 's')).outcome, scan::Outcome::bad_ssid);
    EXPECT_EQ(find(std::string("a\0b", 3)).outcome, scan::Outcome::bad_ssid);
    EXPECT_EQ(device_.faults().calls(), calls_before);
  });
}

}  // namespace
}  // namespace fuota::test
