#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/releases/release_device.hpp"

namespace fuota::test {
namespace {

using testing::Contains;

TEST(SignedRelease, IsInstalledAndConfirmed) {
  ReleaseDevice device;
  device.offer("0.1.0", ReleaseDraft(ReleaseDevice::image("0.1.1")));
  (void)device.board().run(5 * kMinuteUs);
  EXPECT_TRUE(device.board().printed("Release 0.1.1, counter 0, signed by 1 trusted keys"))
      << device.board().transcript();
  EXPECT_TRUE(device.board().printed("The server answers: image in ota_1 confirmed"));
  EXPECT_TRUE(device.runs("ota_1"));
}

TEST(SignedRelease, IsInstalledBitByBit) {
  ReleaseDevice device;
  const ReleaseDraft draft(ReleaseDevice::image("0.1.1"));
  device.offer("0.1.0", draft);
  (void)device.board().run(5 * kMinuteUs);
  const auto slot = device.board().content_of("ota_1").first(draft.file.size());
  EXPECT_TRUE(std::equal(slot.begin(), slot.end(), draft.file.begin(), draft.file.end()));
}

TEST(SignedRelease, IsAskedForWithWhatTheDeviceIs) {
  ReleaseDevice device;
  const Image running = build_image(TestBoard::small_image());
  (void)device.board().run(kMinuteUs);
  EXPECT_THAT(device.server().requests(),
              Contains("GET /devices/00001?app_ver=0.1.0&product=esp32-fuota&image=" +
                       hexadecimal(sha256_of(running)) + "&counter=0&root=0"))
      << device.board().transcript();
}

TEST(SignedRelease, IsFetchedFromWhereTheOfferSays) {
  ReleaseDevice device;
  ReleaseDraft draft(ReleaseDevice::image("0.1.1"));
  draft.url = "/files/a%20b%2Fc";
  device.offer("0.1.0", draft);
  (void)device.board().run(2 * kMinuteUs);
  EXPECT_THAT(device.server().requests(), Contains("GET /files/a%20b%2Fc"));
}

TEST(SignedRelease, ThatRunsAlreadyIsNotFetched) {
  ReleaseDevice device;
  device.offer("0.1.0", ReleaseDraft(build_image(TestBoard::small_image())));
  (void)device.board().run(2 * kMinuteUs);
  EXPECT_TRUE(device.board().printed("Not installed: the offered image runs already"))
      << device.board().transcript();
  EXPECT_EQ(device.server().count("GET /files/"), 0U);
}

/// Its last sector, nearly full, is still in the memory in which reports are written.
TEST(SignedRelease, ThatTurnsOutToBeAnotherFileIsReported) {
  ImageOptions options = TestBoard::small_image();
  options.size_bytes = 3 * 4096 - 16;
  const ReleaseDraft draft(build_image(options));
  options.seed = 77;
  ReleaseDevice device;
  device.offer("0.1.0", draft.offer(), build_image(options));
  (void)device.board().run(kMinuteUs);
  EXPECT_TRUE(device.board().printed("Update failed: hash")) << device.board().transcript();
  EXPECT_EQ(device.server().count("POST /devices/00001/reports"), 2U)
      << device.board().transcript();
}

TEST(SignedRelease, NeedsTwoOfThreeKeysWhereThatIsAskedFor) {
  const std::string keys = public_line(release_key(0)) + " " + public_line(release_key(1)) + " " +
                           public_line(release_key(2));
  ReleaseDevice device(keys, 2);
  ReleaseDraft draft(ReleaseDevice::image("0.1.1"));
  device.offer("0.1.0", draft);
  (void)device.board().run(2 * kMinuteUs);
  EXPECT_TRUE(device.board().printed("Signed by 1 trusted keys, 2 are needed"))
      << device.board().transcript();
  EXPECT_EQ(device.erases_of("ota_1"), 0U);

  draft.signers = {&release_key(2), &release_key(0)};
  device.offer("0.1.0", draft);
  (void)device.board().run(3 * kMinuteUs);
  EXPECT_TRUE(device.runs("ota_1")) << device.board().transcript();
}

}  // namespace
}  // namespace fuota::test
