// Root documents: whose releases a device trusts from now on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "nvs.h"
#include "nvs_flash.h"
#include "tests/simulation/native/native_device.hpp"

namespace fuota::test {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using Kind = ServedRequest::Kind;
using FaultKind = AnswerFault::Kind;

/// The root document of that version: it names key `version`, and the key before hands over.
RootDraft successor(std::uint32_t version) {
  RootDraft root;
  root.version = version;
  root.keys = {version};
  root.signers = {version - 1, version};
  return root;
}

ReleaseDraft release_by(std::size_t key, const char* version = "0.1.1") {
  ReleaseDraft draft = NativeDevice::release(version);
  draft.signers = {&release_key(key)};
  return draft;
}

void publish_up_to(NativeDevice& device, std::uint32_t newest) {
  for (std::uint32_t version = 1; version <= newest; ++version) {
    device.publish(successor(version));
  }
}

/// The version that the last check told.
std::string trusted_root(NativeDevice& device) {
  const auto told = device.told_in_checks("root");
  return told.empty() ? "" : told.back();
}

TEST(Rotation, IsFollowedAndToldFromThenOn) {
  NativeDevice device;
  publish_up_to(device, 1);
  (void)device.board().run(3 * kMinuteUs);
  EXPECT_TRUE(device.board().printed("Root document 1: releases need 1 of 1 keys from now on"))
      << device.board().transcript();
  EXPECT_EQ(device.told_in_checks("root").front(), "0");
  EXPECT_EQ(trusted_root(device), "1");
  EXPECT_EQ(device.count(Kind::root), 1U);
}

TEST(Rotation, OutlivesAPowerLoss) {
  NativeDevice device;
  publish_up_to(device, 1);
  (void)device.board().run(2 * kMinuteUs);
  const std::size_t checks = device.count(Kind::check);
  (void)device.cut_and_run(2 * kMinuteUs);
  const auto told = device.told_in_checks("root");
  ASSERT_GT(told.size(), checks);
  EXPECT_EQ(told[checks], "1");
  EXPECT_EQ(device.count(Kind::root), 1U);
}

/// At one contact, whose offer is asked for again.
TEST(Rotation, LetsAReleaseOfTheNewKeyIn) {
  NativeDevice device;
  publish_up_to(device, 1);
  device.offer(release_by(1));
  ASSERT_TRUE(device.run_until([&] { return device.has_confirmed("ota_1"); }, 5 * kMinuteUs))
      << device.board().transcript();
  EXPECT_THAT(device.story(), ElementsAre("downloading", "installed", "confirmed"));
  EXPECT_EQ(device.told_in_checks("root")[1], "1");
}

TEST(Rotation, KeepsAReleaseOfTheOldKeyAway) {
  NativeDevice device;
  publish_up_to(device, 1);
  device.offer(release_by(0));
  (void)device.board().run(10 * kMinuteUs);
  EXPECT_THAT(device.story(), ElementsAre("failed: signature")) << device.board().transcript();
  EXPECT_EQ(device.boots_of_new_image(), 0U);
}

TEST(Rotation, IsFollowedByTheNewImageToo) {
  NativeDevice device;
  publish_up_to(device, 1);
  device.offer(release_by(1));
  ASSERT_TRUE(device.run_until([&] { return device.has_confirmed("ota_1"); }, 5 * kMinuteUs));
  device.publish(successor(2));
  device.offer(release_by(2, "0.1.2"));
  EXPECT_TRUE(device.run_until([&] { return device.has_confirmed("ota_0"); }, 5 * kMinuteUs))
      << device.board().transcript();
  EXPECT_EQ(trusted_root(device), "2");
}

TEST(Rotation, RaisesTheThresholdToo) {
  NativeDevice device;
  RootDraft root;
  root.keys = {1, 2, 3};
  root.threshold = 2;
  root.signers = {0, 1, 3};
  device.publish(root);
  device.offer(release_by(1));
  (void)device.board().run(3 * kMinuteUs);
  EXPECT_TRUE(device.board().printed("Signed by 1 trusted keys, 2 are needed"))
      << device.board().transcript();
  ReleaseDraft by_two = release_by(2);
  by_two.signers.push_back(&release_key(3));
  device.offer(by_two);
  EXPECT_TRUE(device.run_until([&] { return device.has_confirmed("ota_1"); }, kHourUs))
      << device.board().transcript();
}

TEST(Rotation, IsAnnouncedToADeviceThatTheServerDoesNotKnow) {
  NativeDevice device;
  publish_up_to(device, 1);
  device.server().spoil_with([](const ServedRequest& request) {
    AnswerFault fault = status_fault(404);
    fault.headers = request.parameter("root") == "0" ? "Fuota-Root: 1\r\n" : "";
    return request.kind == Kind::check ? fault : AnswerFault{};
  });
  (void)device.board().run(3 * kMinuteUs);
  EXPECT_EQ(trusted_root(device), "1") << device.board().transcript();
}

TEST(Rotations, InARowAreFollowedAtOneContact) {
  NativeDevice device;
  publish_up_to(device, 3);
  device.offer(release_by(3));
  ASSERT_TRUE(device.run_until([&] { return device.has_confirmed("ota_1"); }, 5 * kMinuteUs))
      << device.board().transcript();
  const auto told = device.told_in_checks("root");
  EXPECT_EQ(told[0], "0");
  EXPECT_EQ(told[1], "3");
  EXPECT_EQ(device.count(Kind::root), 3U);
}

TEST(Rotations, ThatADeviceSleptThroughAreFollowedWhenItWakes) {
  NativeDevice device;
  publish_up_to(device, 1);
  (void)device.board().run(2 * kMinuteUs);
  ASSERT_EQ(trusted_root(device), "1");
  device.board().board().power_off();
  publish_up_to(device, 4);
  device.offer(release_by(4));
  EXPECT_TRUE(device.run_until([&] { return device.has_confirmed("ota_1"); }, 5 * kMinuteUs))
      << device.board().transcript();
  EXPECT_EQ(trusted_root(device), "4");
}

/// A contact takes sixteen, and the offer is judged by the keys that it has come to.
TEST(Rotations, ThatAreTooManyForOneContactAreFollowedAtTheNext) {
  NativeDevice device;
  publish_up_to(device, 20);
  device.offer(release_by(20));
  (void)device.board().run(10 * kMinuteUs);
  const auto told = device.told_in_checks("root");
  ASSERT_GE(told.size(), 4U) << device.board().transcript();
  EXPECT_EQ(told[0], "0");
  EXPECT_EQ(told[1], "16");
  EXPECT_EQ(told[2], "16");
  EXPECT_EQ(told[3], "20");
  EXPECT_TRUE(device.has_confirmed("ota_1")) << device.board().transcript();
}

/// Up to the bad one.
TEST(Rotations, ThatEndInABadOneAreFollowedUpToThere) {
  NativeDevice device;
  publish_up_to(device, 2);
  RootDraft bad = successor(3);
  bad.signers = {3};
  device.publish(bad);
  device.offer(release_by(2));
  EXPECT_TRUE(device.run_until([&] { return device.has_confirmed("ota_1"); }, 5 * kMinuteUs))
      << device.board().transcript();
  EXPECT_EQ(trusted_root(device), "2");
}

/// How a server announces root 1, and what it has under that version.
struct RefusedCase {
  const char* title;
  std::function<void(NativeDevice&)> publish;
  const char* told;
};

class RefusedRoot : public testing::TestWithParam<RefusedCase> {
 protected:
  // Two of three.
  NativeDevice device_{{.numbers = {0, 1, 2}, .threshold = 2}};
};

/// With the keys that it had, it goes on: those install a release, and others don't.
TEST_P(RefusedRoot, LeavesTheKeysThatTheDeviceHas) {
  GetParam().publish(device_);
  ReleaseDraft by_new = release_by(4, "0.1.9");
  by_new.signers.push_back(&release_key(5));
  device_.offer(by_new);
  (void)device_.board().run(3 * kMinuteUs);
  EXPECT_TRUE(device_.board().printed(GetParam().told)) << device_.board().transcript();
  EXPECT_GE(device_.count(Kind::root), 1U);
  EXPECT_THAT(device_.told_in_checks("root"), Each("0"));
  EXPECT_THAT(device_.story(), ElementsAre("failed: signature"));
  ReleaseDraft by_old = release_by(0);
  by_old.signers.push_back(&release_key(2));
  device_.offer(by_old);
  EXPECT_TRUE(device_.run_until([&] { return device_.has_confirmed("ota_1"); }, kHourUs))
      << device_.board().transcript();
  EXPECT_EQ(trusted_root(device_), "0");
}

RootDraft of_two_new_keys() {
  RootDraft root;
  root.keys = {4, 5};
  root.threshold = 2;
  root.signers = {0, 1, 4, 5};
  return root;
}

std::function<void(NativeDevice&)> signed_by(std::vector<std::size_t> signers) {
  return [signers](NativeDevice& device) {
    RootDraft root = of_two_new_keys();
    root.signers = signers;
    device.publish(root);
  };
}

std::function<void(NativeDevice&)> text(std::string document) {
  return [document](NativeDevice& device) { device.server().publish_root(1, document); };
}

/// Another answer to each request for a root document.
std::function<void(NativeDevice&)> answered_with(AnswerFault fault) {
  return [fault](NativeDevice& device) {
    device.publish(of_two_new_keys());
    device.server().spoil_with([fault](const ServedRequest& request) {
      return request.kind == Kind::root ? fault : AnswerFault{};
    });
  };
}

std::string without_its_end(std::string text) {
  text.resize(text.size() - 20);
  return text;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RefusedRoot,
    testing::Values(
        RefusedCase{"TooFewOfTheOldKeys", signed_by({0, 4, 5}),
                    "is not signed by enough of the current keys"},
        RefusedCase{"OldKeysWithoutANewOne", signed_by({0, 1, 4}),
                    "is not signed by enough of the keys that it names"},
        RefusedCase{"Strangers", signed_by({6, 7, 4, 5}),
                    "is not signed by enough of the current keys"},
        RefusedCase{"OneOldKeyTwice",
                    [](NativeDevice& device) {
                      // The same signature once more, which counts once.
                      RootDraft root = of_two_new_keys();
                      root.signers = {0, 4, 5};
                      std::string document = root.signed_root();
                      const std::size_t begin = document.find("{\"protected\"");
                      const std::size_t end = document.find('}', begin) + 1;
                      document.insert(end, "," + document.substr(begin, end - begin));
                      device.server().publish_root(1, document);
                    },
                    "Root document 1 not taken"},
        RefusedCase{"AnotherVersionInIt",
                    [](NativeDevice& device) {
                      RootDraft root = of_two_new_keys();
                      root.version = 2;
                      device.server().publish_root(1, root.signed_root());
                    },
                    "is not the version that follows the current one"},
        RefusedCase{"SkippedVersion",
                    [](NativeDevice& device) {
                      RootDraft root = of_two_new_keys();
                      root.version = 2;
                      device.publish(root);
                    },
                    "Root document 1 not taken: file not given by the server"},
        RefusedCase{"AManifest", text(release_by(0).signed_manifest()), "is no root document"},
        RefusedCase{"NoJws", text("{}"), "OTA: The root document: "},
        RefusedCase{"NoJson", text("moo"), "OTA: The root document: "},
        RefusedCase{"Nothing", text(""), "Root document 1 not taken"},
        RefusedCase{"CutShort", text(without_its_end(of_two_new_keys().signed_root())),
                    "OTA: The root document: "},
        RefusedCase{"TooLong", text(of_two_new_keys().signed_root() + std::string(3072, ' ')),
                    "Root document 1 not taken"},
        RefusedCase{"MuchTooLong", text(std::string(100'000, 'x')), "Root document 1 not taken"},
        RefusedCase{"NotThere", answered_with(status_fault(404)),
                    "Root document 1 not taken: file not given by the server"},
        RefusedCase{"ErrorOfTheServer", answered_with(status_fault(503)),
                    "Root document 1 not taken"},
        RefusedCase{"Redirection", answered_with(status_fault(302)), "Root document 1 not taken"},
        RefusedCase{"Noise", answered_with({.kind = FaultKind::garbage_body}),
                    "OTA: The root document: "},
        RefusedCase{"NoAnswer", answered_with({.kind = FaultKind::no_answer}),
                    "Root document 1 not taken"},
        RefusedCase{"ClosedInTheMiddle", answered_with({.kind = FaultKind::closed, .number = 400}),
                    "Root document 1 not taken: connection to the server lost"}),
    [](const auto& row) { return row.param.title; });

TEST(RootOfABadServer, IsFollowedWhenTheServerHasTheRightOne) {
  NativeDevice device;
  device.server().publish_root(1, "{}");
  (void)device.board().run(3 * kMinuteUs);
  ASSERT_EQ(trusted_root(device), "0");
  device.publish(successor(1));
  (void)device.board().run(3 * kMinuteUs);
  EXPECT_EQ(trusted_root(device), "1") << device.board().transcript();
}

struct ProvisionedCase {
  const char* title;
  std::uint16_t version;
  /// Which key counts, where the device has followed roots up to version 2.
  std::size_t trusted;
};

class ProvisionedKeys : public testing::TestWithParam<ProvisionedCase> {};

TEST_P(ProvisionedKeys, CountWhenTheirRootIsNotOlderThanTheOneSeen) {
  NativeDevice device;
  publish_up_to(device, 2);
  (void)device.board().run(2 * kMinuteUs);
  ASSERT_EQ(trusted_root(device), "2");
  device.board().board().power_off();
  device.provision({.numbers = {9}, .version = GetParam().version});
  device.offer(release_by(GetParam().trusted));
  EXPECT_TRUE(device.run_until([&] { return device.has_confirmed("ota_1"); }, 5 * kMinuteUs))
      << device.board().transcript();
  const std::string version = std::to_string(std::max<std::uint16_t>(GetParam().version, 2));
  EXPECT_EQ(trusted_root(device), version);
}

INSTANTIATE_TEST_SUITE_P(Rows, ProvisionedKeys,
                         testing::Values(ProvisionedCase{"Earlier", 1, 2},
                                         ProvisionedCase{"TheSame", 2, 9},
                                         ProvisionedCase{"Later", 3, 9}),
                         [](const auto& row) { return row.param.title; });

TEST(KeysOfABuild, OfALaterRootAreFollowedFromThere) {
  NativeDevice device({.numbers = {2}, .version = std::uint16_t{2}});
  publish_up_to(device, 3);
  device.offer(release_by(3));
  EXPECT_TRUE(device.run_until([&] { return device.has_confirmed("ota_1"); }, 5 * kMinuteUs))
      << device.board().transcript();
  EXPECT_EQ(device.told_in_checks("root").front(), "2");
  EXPECT_EQ(device.count(Kind::root), 1U);
}

TEST(TrustedKeysInNvs, OfAnUnknownLayoutInstallNothing) {
  NativeDevice device;
  publish_up_to(device, 1);
  (void)device.board().run(2 * kMinuteUs);
  device.run_aside([] {
    ASSERT_EQ(nvs_flash_init(), ESP_OK);
    nvs_handle_t handle = 0;
    ASSERT_EQ(nvs_open("fuota_b", NVS_READWRITE, &handle), ESP_OK);
    std::uint8_t record[512];
    std::size_t bytes = sizeof record;
    ASSERT_EQ(nvs_get_blob(handle, "root", record, &bytes), ESP_OK);
    record[2] += 1;
    ASSERT_EQ(nvs_set_blob(handle, "root", record, bytes), ESP_OK);
    nvs_close(handle);
  });
  device.server().forget_requests();
  device.offer(release_by(0));
  (void)device.board().run(10 * kMinuteUs);
  EXPECT_TRUE(device.board().printed("No update: nvs")) << device.board().transcript();
  EXPECT_EQ(device.count(Kind::file), 0U);
  EXPECT_TRUE(device.runs("ota_0"));
}

/// What follows a reading that fails is not a fall-back to the built-in keys, which may be known to
/// somebody by now.
TEST(TrustedKeysInNvs, AreNotReplacedByTheBuiltInOnesWithoutAReason) {
  NativeDevice device;
  publish_up_to(device, 1);
  (void)device.board().run(2 * kMinuteUs);
  ASSERT_EQ(trusted_root(device), "1");
  // A server that never heard of root documents.
  device.server().spoil_with([](const ServedRequest& request) {
    return request.kind == Kind::root ? status_fault(404) : AnswerFault{};
  });
  device.offer(release_by(0));
  (void)device.cut_and_run(5 * kMinuteUs);
  EXPECT_THAT(device.story(), ElementsAre("failed: signature")) << device.board().transcript();
}

}  // namespace
}  // namespace fuota::test
