// The power fails at every operation on flash while a device follows root documents.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/simulation/native/every_cut.hpp"
#include "tests/simulation/native/native_device.hpp"

namespace fuota::test {
namespace {

struct Published {
  std::vector<std::string> roots;  ///< from version 1 on
  ReleaseDraft release = NativeDevice::release("0.1.1");
};

/// Signed once: root `n` hands over to key `n`, and the newest key has signed the release.
const Published& published(std::size_t newest) {
  static std::vector<Published> all(3);
  Published& wanted = all.at(newest);
  if (!wanted.roots.empty()) return wanted;
  for (std::uint32_t version = 1; version <= newest; ++version) {
    RootDraft root;
    root.version = version;
    root.keys = {version};
    root.signers = {version - 1, version};
    wanted.roots.push_back(root.signed_root());
  }
  wanted.release.signers = {&release_key(newest)};
  return wanted;
}

class PowerCutInARotation : public testing::TestWithParam<std::size_t> {};

/// The device tells versions that never fall, of which none is unknown, and ends with the newest.
TEST_P(PowerCutInARotation, LeavesTheKeysOfOneRootAndEndsWithTheNewest) {
  const Published& wanted = published(GetParam());
  const auto prepare = [&wanted](NativeDevice& device) {
    for (std::size_t i = 0; i < wanted.roots.size(); ++i) {
      device.server().publish_root(static_cast<std::uint32_t>(i + 1), wanted.roots[i]);
    }
    device.offer(wanted.release);
  };
  for_each_cut(prepare, 8 * kMinuteUs, [](NativeDevice& device) {
    std::vector<unsigned> versions;
    for (const std::string& told : device.told_in_checks("root")) {
      versions.push_back(static_cast<unsigned>(std::stoul(told)));
    }
    ASSERT_FALSE(versions.empty());
    EXPECT_TRUE(std::is_sorted(versions.begin(), versions.end()));
    EXPECT_EQ(versions.back(), GetParam());
    EXPECT_TRUE(device.has_confirmed("ota_1"));
    EXPECT_EQ(device.story(), (std::vector<std::string>{"downloading", "installed", "confirmed"}));
  });
}

INSTANTIATE_TEST_SUITE_P(Roots, PowerCutInARotation, testing::Values(1, 2));

}  // namespace
}  // namespace fuota::test
