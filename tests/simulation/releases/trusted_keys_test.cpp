#include <gtest/gtest.h>

#include <string>

#include "tests/simulation/releases/release_device.hpp"

namespace fuota::test {
namespace {

std::string not_on_the_curve() {
  std::string line = public_line(release_key(0));
  line[10] = line[10] == 'A' ? 'B' : 'A';
  return line;
}

struct BadKeysCase {
  const char* title;
  std::string keys;
  std::uint16_t threshold;
  const char* told;
};

class BadTrustedKeys : public testing::TestWithParam<BadKeysCase> {};

/// Even where a server offers a file that a device without keys would install.
TEST_P(BadTrustedKeys, InstallNothing) {
  ReleaseDevice device(GetParam().keys, GetParam().threshold);
  device.offer("0.1.0", ReleaseDraft(ReleaseDevice::image("0.1.1")));
  (void)device.board().run(3 * kMinuteUs);
  EXPECT_TRUE(device.board().printed(GetParam().told)) << device.board().transcript();
  EXPECT_TRUE(device.server().requests().empty());
  EXPECT_EQ(device.erases_of("ota_1"), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadTrustedKeys,
    testing::Values(
        BadKeysCase{"Empty", "", 1, "The trusted keys cannot be used, so nothing is installed: no"},
        BadKeysCase{"NoKey", "none", 1, "so nothing is installed: not a public key"},
        BadKeysCase{"CutShort", public_line(release_key(0)).substr(0, 80), 1,
                    "so nothing is installed: not a public key"},
        BadKeysCase{"NoPointOfTheCurve", not_on_the_curve(), 1,
                    "so nothing is installed: not a public key"},
        BadKeysCase{"OneGoodOneBad", public_line(release_key(0)) + " none", 1,
                    "so nothing is installed: not a public key"},
        BadKeysCase{"TheSameTwice", public_line(release_key(0)) + " " + public_line(release_key(0)),
                    1, "so nothing is installed: the same key twice"},
        BadKeysCase{"ThresholdZero", public_line(release_key(0)), 0,
                    "so nothing is installed: the threshold"},
        BadKeysCase{"ThresholdAboveTheKeys", public_line(release_key(0)), 2,
                    "so nothing is installed: the threshold"},
        BadKeysCase{"TooLongAText", std::string(1000, 'A'), 1,
                    "Provisioned value \"trusted_keys\" cannot be used"}),
    [](const auto& row) { return row.param.title; });

TEST(TrustedKeys, OfWhichOnlyTheThresholdIsProvisionedInstallNothing) {
  TestBoard board;
  UpdateServer server(board.network());
  board.world().add(update_access_point());
  board.set_firmware(&app_main);
  board.provision({{"device_id", std::string("00001")},
                   {"server_cert", std::string(kCertificate)},
                   {"key_threshold", std::uint16_t{1}}});
  (void)board.run(3 * kMinuteUs);
  EXPECT_TRUE(board.printed("\"key_threshold\" is provisioned, but no trusted keys are"))
      << board.transcript();
  EXPECT_TRUE(server.requests().empty());
}

TEST(TrustedKeys, AreToldInTheLogByTheirNumber) {
  ReleaseDevice device(public_line(release_key(0)) + " " + public_line(release_key(1)), 2);
  (void)device.board().run(kMinuteUs);
  EXPECT_TRUE(device.board().printed("APP: Releases need the signatures of 2 of 2 trusted keys"));
}

}  // namespace
}  // namespace fuota::test
