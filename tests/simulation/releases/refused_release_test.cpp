#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/simulation/releases/release_device.hpp"

namespace fuota::test {
namespace {

constexpr std::size_t kStranger = 3;

ReleaseDraft release() {
  return ReleaseDraft(ReleaseDevice::image("0.1.1"));
}

/// `text` with the first occurrence of what `draft` signs replaced by what `other` signs.
std::string with_payload_of(const ReleaseDraft& other, const ReleaseDraft& draft) {
  const auto payload_of = [](const std::string& jws) {
    const std::size_t begin = jws.find(R"("payload":")") + 11;
    return jws.substr(begin, jws.find('"', begin) - begin);
  };
  std::string text = draft.signed_manifest();
  const std::string payload = payload_of(text);
  return text.replace(text.find(payload), payload.size(), payload_of(other.signed_manifest()));
}

void offer(ReleaseDevice& device, const std::function<void(ReleaseDraft&)>& spoil) {
  ReleaseDraft draft = release();
  spoil(draft);
  device.offer("0.1.0", draft);
}

struct RefusedCase {
  const char* title;
  std::function<void(ReleaseDevice&)> offer;
  const char* told;
};

/// The original image runs, and its neighbour was not touched.
class RefusedRelease : public testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedRelease, ErasesNothing) {
  ReleaseDevice device;
  GetParam().offer(device);
  (void)device.board().run(2 * kMinuteUs);
  EXPECT_TRUE(device.board().printed(GetParam().told)) << device.board().transcript();
  EXPECT_EQ(device.erases_of("ota_1"), 0U);
  EXPECT_EQ(device.board().board().boots(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RefusedRelease,
    testing::Values(
        RefusedCase{"WrongKey",
                    [](ReleaseDevice& device) {
                      offer(device,
                            [](ReleaseDraft& draft) { draft.signers = {&release_key(kStranger)}; });
                    },
                    "release not signed by enough trusted keys"},
        RefusedCase{"TamperedPayload",
                    [](ReleaseDevice& device) {
                      ReleaseDraft other = release();
                      other.manifest.counter = 9;
                      device.offer("0.1.0", release().offer(with_payload_of(other, release())),
                                   release().file);
                    },
                    "release not signed by enough trusted keys"},
        RefusedCase{"SwappedImage",
                    [](ReleaseDevice& device) {
                      offer(device, [](ReleaseDraft& draft) {
                        draft.file = ReleaseDevice::image("6.6.6");
                      });
                    },
                    "the file is not the one that was signed"},
        RefusedCase{"FileOfAnotherSizeThanOffered",
                    [](ReleaseDevice& device) {
                      const ReleaseDraft draft = release();
                      Image longer = draft.file;
                      longer.resize(longer.size() + 16);
                      device.offer("0.1.0", draft.offer(), longer);
                    },
                    "the file is not the one that was signed"},
        RefusedCase{"AnotherChip",
                    [](ReleaseDevice& device) {
                      offer(device, [](ReleaseDraft& draft) {
                        (void)draft.manifest.chip.assign("esp32c3");
                      });
                    },
                    "image for another chip"},
        RefusedCase{"AnotherProduct",
                    [](ReleaseDevice& device) {
                      offer(device, [](ReleaseDraft& draft) {
                        (void)draft.manifest.product.assign("sensor");
                      });
                    },
                    "release of another product"},
        RefusedCase{"LargerThanTheSlot",
                    [](ReleaseDevice& device) {
                      offer(device, [](ReleaseDraft& draft) {
                        draft.file.resize(0x180000 + 16);
                        draft = [&] {
                          ReleaseDraft large(draft.file);
                          return large;
                        }();
                      });
                    },
                    "image larger than the slot"},
        RefusedCase{"UrlOfAnotherServer",
                    [](ReleaseDevice& device) {
                      offer(device, [](ReleaseDraft& draft) {
                        draft.url = "https://evil.example/files/f";
                      });
                    },
                    "the offer breaks its rules"},
        RefusedCase{"UrlWithoutAScheme",
                    [](ReleaseDevice& device) {
                      offer(device,
                            [](ReleaseDraft& draft) { draft.url = "//evil.example/files/f"; });
                    },
                    "the offer breaks its rules"},
        RefusedCase{"NoOffer",
                    [](ReleaseDevice& device) { device.offer("0.1.0", "{}", release().file); },
                    "the offer breaks its rules"},
        RefusedCase{"OfferTooLong",
                    [](ReleaseDevice& device) {
                      device.offer("0.1.0", std::string(5000, ' '), release().file);
                    },
                    "the offer breaks its rules"},
        RefusedCase{"UnsignedFileOfACompatibleServer",
                    [](ReleaseDevice& device) {
                      device.answer_with(
                          "0.1.0",
                          http10(200, "Content-Type: text/csv\r\nContent-Length: 1\r\n", "f"));
                      device.server().upload("f", release().file);
                    },
                    "the server offers no signed release"},
        RefusedCase{"OfferOfAnUnsaidType",
                    [](ReleaseDevice& device) {
                      device.answer_with("0.1.0", http10(200, "", release().offer()));
                    },
                    "the server offers no signed release"}),
    [](const auto& row) { return row.param.title; });

/// Another image of the same size: only the hash of what was received tells.
void serve_another_image(ReleaseDevice& device) {
  const ReleaseDraft draft = release();
  device.offer("0.1.0", draft.offer(), ReleaseDevice::image("6.6.6"));
}

TEST(SwappedDownload, IsNeverBooted) {
  ReleaseDevice device;
  serve_another_image(device);
  (void)device.board().run(2 * kMinuteUs);
  EXPECT_TRUE(device.board().printed("the file is not the one that was signed"))
      << device.board().transcript();
  device.board().board().power_off();
  (void)device.board().run(10 * kSecondUs);
  EXPECT_TRUE(device.runs("ota_0"));
}

TEST(SwappedDownload, IsFollowedByTheRightOne) {
  ReleaseDevice device;
  serve_another_image(device);
  (void)device.board().run(2 * kMinuteUs);
  device.offer("0.1.0", release());
  (void)device.board().run(3 * kMinuteUs);
  EXPECT_TRUE(device.runs("ota_1")) << device.board().transcript();
}

TEST(SwappedDownload, WithoutALengthIsNotWrittenBehindItsEnd) {
  ReleaseDevice device;
  device.server().give_length(false);
  const ReleaseDraft draft = release();
  Image longer = draft.file;
  longer.resize(longer.size() + 100'000);
  device.offer("0.1.0", draft.offer(), longer);
  (void)device.board().run(80 * kSecondUs);
  EXPECT_TRUE(device.board().printed("the file is not the one that was signed"))
      << device.board().transcript();
  const auto behind = device.board().content_of("ota_1").subspan(draft.file.size() + 4096, 4096);
  EXPECT_TRUE(std::all_of(behind.begin(), behind.end(), [](auto byte) { return byte == 0xFF; }));
}

}  // namespace
}  // namespace fuota::test
