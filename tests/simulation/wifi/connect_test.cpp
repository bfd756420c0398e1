#include <array>
#include <cstring>

#include "simulator/radio/wifi_driver.hpp"
#include "tests/simulation/wifi/wifi_device.hpp"

namespace fuota::test {
namespace {

using simulator::radio::AccessPoint;
using simulator::radio::AccessPointId;
using simulator::radio::LinkLoss;

class Connect : public testing::Test {
 protected:
  /// Changes the one access point before the device is switched on.
  void given(const std::function<void(AccessPoint&)>& edit) {
    device_.world().change(access_point_, edit);
  }

  /// Connects once and expects `expected` within the bound, and Wi-Fi off if it isn't connected.
  void expect_status(cwb_status_t expected, const std::string& ssid = kSsid,
                     const std::string& password = kPassword,
                     std::uint32_t ip_timeout_ms = kIpTimeoutMs) {
    device_.run([&] {
      const TimedStatus call = timed([&] { return connect(ssid, password, ip_timeout_ms); });
      EXPECT_EQ(call.status, expected) << device_.last_lines();
      EXPECT_LE(call.duration_us, ip_timeout_ms * kMillisecondUs + kConnectBoundUs);
      EXPECT_EQ(device_.wifi().installed(), expected == CWB_OK);
    });
  }

  WifiDevice device_;
  AccessPointId access_point_ = device_.world().add(secured_access_point());
};

TEST_F(Connect, EndsWithAnAddress) {
  device_.run([&] {
    EXPECT_EQ(connect(), CWB_OK);
    EXPECT_TRUE(device_.has_address());
  });
}

TEST_F(Connect, TellsAWrongPassword) {
  expect_status(CWB_CONN_ERR, kSsid, "not_the_password", 30'000);
}

TEST_F(Connect, TellsAWrongPasswordThatTheDriverCallsAHandshakeTimeout) {
  given([](AccessPoint& ap) { ap.wrong_password_reason = WIFI_REASON_HANDSHAKE_TIMEOUT; });
  expect_status(CWB_CONN_ERR, kSsid, "not_the_password", 30'000);
}

TEST_F(Connect, TellsThatTheAccessPointIsAbsent) {
  given([](AccessPoint& ap) { ap.present = false; });
  expect_status(CWB_CONN_ERR);
}

TEST_F(Connect, TellsThatTheAccessPointIsAbsentEvenIfTheTimeAllowsOneSearchOnly) {
  given([](AccessPoint& ap) { ap.present = false; });
  expect_status(CWB_CONN_ERR, kSsid, kPassword, 2'500);
}

TEST_F(Connect, TellsThatTheAccessPointRefuses) {
  given([](AccessPoint& ap) { ap.refuses_with = WIFI_REASON_ASSOC_TOOMANY; });
  expect_status(CWB_CONN_ERR);
}

TEST_F(Connect, ReportsTheDriversReasonOfARefusal) {
  given([](AccessPoint& ap) { ap.refuses_with = WIFI_REASON_ASSOC_TOOMANY; });
  device_.run([&] {
    connection::AccessPoint target;
    target.ssid_bytes = static_cast<std::uint8_t>(std::strlen(kSsid));
    std::memcpy(target.ssid.data(), kSsid, target.ssid_bytes);
    target.password_bytes = static_cast<std::uint8_t>(std::strlen(kPassword));
    std::memcpy(target.password.data(), kPassword, target.password_bytes);
    const connection::Report report = connection::connect(target, kIpTimeoutMs);
    EXPECT_EQ(report.status, CWB_CONN_ERR);
    EXPECT_EQ(report.disconnect_reason, WIFI_REASON_ASSOC_TOOMANY);
    EXPECT_EQ(report.error, ESP_OK);
  });
}

TEST_F(Connect, SucceedsWhenARefusalWasTransient) {
  given([](AccessPoint& ap) { ap.refuses_with = WIFI_REASON_AUTH_EXPIRE; });
  device_.world().call_at(2 * kSecondUs, [this](simulator::radio::World& world) {
    world.change(access_point_, [](AccessPoint& ap) { ap.refuses_with.reset(); });
  });
  expect_status(CWB_OK);
}

TEST_F(Connect, TellsThatNoAddressCame) {
  given([](AccessPoint& ap) { ap.dhcp.answers = false; });
  expect_status(CWB_IP_TIMEOUT);
}

TEST_F(Connect, WaitsForAnAddressExactlyAsLongAsItWasTold) {
  given([](AccessPoint& ap) { ap.dhcp.answers = false; });
  for (const std::uint32_t timeout_ms : {3'000U, 25'000U, 600'000U}) {
    device_.run([&] {
      const TimedStatus call = timed([&] { return connect(kSsid, kPassword, timeout_ms); });
      EXPECT_EQ(call.status, CWB_IP_TIMEOUT);
      EXPECT_GE(call.duration_us, timeout_ms * kMillisecondUs);
      EXPECT_LT(call.duration_us, timeout_ms * kMillisecondUs + kSecondUs);
    });
  }
}

TEST_F(Connect, GivesUpAfterTheShortestTimeThatCanBeAskedFor) {
  expect_status(CWB_IP_TIMEOUT, kSsid, kPassword, 1);
}

TEST_F(Connect, AcceptsAnAddressThatComesLateButInTime) {
  given([](AccessPoint& ap) { ap.dhcp.latency_us = 50 * kSecondUs; });
  expect_status(CWB_OK, kSsid, kPassword, 60'000);
}

TEST_F(Connect, TellsThatTheLinkWasLostBeforeTheAddress) {
  given([](AccessPoint& ap) {
    ap.dhcp.answers = false;
    ap.link_loss = LinkLoss{kSecondUs, WIFI_REASON_AUTH_LEAVE};
  });
  expect_status(CWB_DIS);
}

TEST_F(Connect, TellsThatItIsConnectedAlreadyAndStaysSo) {
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    EXPECT_EQ(connect(), CWB_ALREADY_CON);
    EXPECT_EQ(connect("another", ""), CWB_ALREADY_CON);
    EXPECT_TRUE(device_.has_address());
    EXPECT_EQ(cwb_disconnect_b(), CWB_OK);
  });
}

TEST_F(Connect, WritesNoCredentialsToFlash) {
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    EXPECT_EQ(device_.wifi().statistics().flash_writes, 0U);
  });
}

TEST_F(Connect, TakesTheStrongestAccessPointOfThatName) {
  AccessPoint stronger = secured_access_point();
  stronger.bssid = {0x02, 0, 0, 0, 0, 2};
  stronger.channel = 11;
  stronger.rssi = -30;
  const AccessPointId strongest = device_.world().add(stronger);
  device_.run([&] {
    ASSERT_EQ(connect(), CWB_OK);
    EXPECT_EQ(device_.wifi().connected_to(), strongest);
  });
}

TEST_F(Connect, CopiesWhatItIsGiven) {
  device_.run([&] {
    std::string ssid = kSsid;
    std::string password = kPassword;
    given([](AccessPoint& ap) { ap.refuses_with = WIFI_REASON_AUTH_EXPIRE; });
    device_.world().call_at(
        device_.world().now_us() + kSecondUs, [&](simulator::radio::World& world) {
          ssid.assign(ssid.size(), 'x');
          password.assign(password.size(), 'x');
          world.change(access_point_, [](AccessPoint& ap) { ap.refuses_with.reset(); });
        });
    EXPECT_EQ(connect(ssid, password), CWB_OK);
  });
}

/// Which passwords an access point takes.
struct Credentials {
  const char* name;
  std::string ssid;
  std::string password;
  wifi_auth_mode_t authmode = WIFI_AUTH_WPA2_PSK;
};

class ConnectWith : public testing::TestWithParam<Credentials> {};

TEST_P(ConnectWith, EndsWithAnAddress) {
  const Credentials& credentials = GetParam();
  WifiDevice device;
  AccessPoint access_point = secured_access_point();
  access_point.ssid = credentials.ssid;
  access_point.password = credentials.password;
  access_point.authmode = credentials.authmode;
  device.world().add(access_point);
  device.run([&] {
    EXPECT_EQ(connect(credentials.ssid, credentials.password), CWB_OK) << device.last_lines();
  });
}

INSTANTIATE_TEST_SUITE_P(
    Credentials, ConnectWith,
    testing::Values(Credentials{"SsidOf32Bytes", std::string(32, 's'), kPassword},
                    Credentials{"SsidOf1Byte", "s", kPassword},
                    Credentials{"SsidOfAnyBytes", "\xff\x01 \xc3\xa9", kPassword},
                    Credentials{"PassphraseOf8Characters", kSsid, "12345678"},
                    Credentials{"PassphraseOf63Characters", kSsid, std::string(63, 'p')},
                    Credentials{"RawKeyOf64Digits", kSsid, std::string(60, '0') + "aF9e"},
                    Credentials{"OpenNetwork", kSsid, "", WIFI_AUTH_OPEN},
                    Credentials{"Wpa3", kSsid, kPassword, WIFI_AUTH_WPA3_PSK},
                    Credentials{"Wpa2Wpa3", kSsid, kPassword, WIFI_AUTH_WPA2_WPA3_PSK}),
    [](const auto& row) { return row.param.name; });

class AnImpostor : public testing::TestWithParam<wifi_auth_mode_t> {};

TEST_P(AnImpostor, IsNotJoinedWhenAPasswordIsSet) {
  WifiDevice device;
  AccessPoint access_point = secured_access_point();
  access_point.authmode = GetParam();
  if (access_point.authmode == WIFI_AUTH_OPEN) access_point.password.clear();
  access_point.rssi = -20;
  device.world().add(access_point);
  device.run([&] {
    EXPECT_EQ(connect(), CWB_CONN_ERR);
    EXPECT_EQ(device.wifi().statistics().connections, 0U);
  });
}

INSTANTIATE_TEST_SUITE_P(Weaker, AnImpostor,
                         testing::Values(WIFI_AUTH_OPEN, WIFI_AUTH_WEP, WIFI_AUTH_WPA_PSK));

/// Arguments of cwb_connect_b that are out of range.
struct BadArguments {
  const char* name;
  std::optional<std::string> ssid;
  std::optional<std::string> password;
  std::uint32_t ip_timeout_ms;
};

class ConnectWithBad : public testing::TestWithParam<BadArguments> {};

TEST_P(ConnectWithBad, ArgumentsDoesNothing) {
  const BadArguments& arguments = GetParam();
  WifiDevice device;
  device.world().add(secured_access_point());
  device.run([&] {
    const Holdings before = device.holdings();
    const unsigned calls_before = device.faults().calls();
    const auto text = [](const std::optional<std::string>& value) {
      return value ? bytes(*value) : nullptr;
    };
    EXPECT_EQ(
        cwb_connect_b(text(arguments.ssid), text(arguments.password), arguments.ip_timeout_ms),
        CWB_PARAM_ERR);
    EXPECT_EQ(device.holdings(), before);
    EXPECT_EQ(device.faults().calls(), calls_before) << "the driver was called";
  });
}

INSTANTIATE_TEST_SUITE_P(
    Arguments, ConnectWithBad,
    testing::Values(BadArguments{"NoSsid", std::nullopt, kPassword, 5000},
                    BadArguments{"EmptySsid", "", kPassword, 5000},
                    BadArguments{"SsidOf33Bytes", std::string(33, 's'), kPassword, 5000},
                    BadArguments{"PassphraseOf7", kSsid, "1234567", 5000},
                    BadArguments{"PassphraseOf64", kSsid, std::string(64, 'p'), 5000},
                    BadArguments{"KeyOf65Digits", kSsid, std::string(65, 'a'), 5000},
                    BadArguments{"NoTime", kSsid, kPassword, 0},
                    BadArguments{"MoreThanTenMinutes", kSsid, kPassword, 600'001},
                    BadArguments{"AllTheTime", kSsid, kPassword, UINT32_MAX}),
    [](const auto& row) { return row.param.name; });

TEST(ConnectWithNoPassword, JoinsAnOpenNetwork) {
  WifiDevice device;
  AccessPoint access_point = secured_access_point();
  access_point.authmode = WIFI_AUTH_OPEN;
  access_point.password.clear();
  device.world().add(access_point);
  device.run([&] { EXPECT_EQ(cwb_connect_b(bytes(kSsid), nullptr, kIpTimeoutMs), CWB_OK); });
}

TEST(ConnectThroughCpp, RefusesLengthsOutOfRange) {
  WifiDevice device;
  device.run([&] {
    connection::AccessPoint target;
    EXPECT_EQ(connection::connect(target, 5000).status, CWB_PARAM_ERR);
    target.ssid_bytes = 33;
    EXPECT_EQ(connection::connect(target, 5000).status, CWB_PARAM_ERR);
    target.ssid_bytes = 4;
    target.password_bytes = 65;
    EXPECT_EQ(connection::connect(target, 5000).status, CWB_PARAM_ERR);
  });
}

}  // namespace
}  // namespace fuota::test
