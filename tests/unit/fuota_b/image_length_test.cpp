#include "image_length.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "tests/support/image_builder/image_builder.hpp"

namespace fuota::update {
namespace {

/// Flash that ends with its content; behind the image it is erased.
std::optional<std::uint32_t> length_of(std::vector<std::uint8_t> flash) {
  return image_length(&flash, static_cast<std::uint32_t>(flash.size()),
                      [](const void* source, std::uint32_t offset, void* out, std::size_t bytes) {
                        const auto& content =
                            *static_cast<const std::vector<std::uint8_t>*>(source);
                        EXPECT_LE(offset + bytes, content.size());
                        std::memcpy(out, content.data() + offset, bytes);
                        return true;
                      });
}

test::Image image(std::size_t size_bytes, bool with_digest = true) {
  test::ImageOptions options;
  options.size_bytes = size_bytes;
  options.with_digest = with_digest;
  return test::build_image(options);
}

TEST(ImageLength, IsThatOfTheFileThatWasFlashed) {
  for (const std::size_t bytes : {512, 4096, 20'000, 200'000}) {
    auto flash = image(bytes);
    flash.resize(bytes + 8192, 0xFF);
    EXPECT_EQ(length_of(flash), bytes);
  }
}

TEST(ImageLength, IsThatOfAnImageWithoutAHashToo) {
  auto flash = image(4096, false);
  flash.resize(8192, 0xFF);
  EXPECT_EQ(length_of(flash), 4096U);
}

TEST(ImageLength, MayFillTheSlot) {
  EXPECT_EQ(length_of(image(4096)), 4096U);
}

TEST(ImageLength, IsUnknownWhenTheSlotEndsBefore) {
  const auto whole = image(4096);
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{23}, std::size_t{31},
                                  std::size_t{1000}, whole.size() - 33, whole.size() - 1}) {
    EXPECT_EQ(length_of({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(bytes)}),
              std::nullopt)
        << bytes;
  }
}

TEST(ImageLength, IsUnknownOfWhatIsNoImage) {
  EXPECT_EQ(length_of(std::vector<std::uint8_t>(4096, 0xFF)), std::nullopt);
  auto no_segments = image(4096);
  no_segments[1] = 0;
  EXPECT_EQ(length_of(no_segments), std::nullopt);
  auto too_many = image(4096);
  too_many[1] = 17;
  EXPECT_EQ(length_of(too_many), std::nullopt);
}

TEST(ImageLength, IsUnknownWhenASegmentIsLongerThanTheSlot) {
  auto flash = image(4096);
  std::memset(flash.data() + 24 + 4, 0xFF, 4);
  EXPECT_EQ(length_of(flash), std::nullopt);
}

TEST(ImageLength, IsUnknownWhenItCannotBeRead) {
  EXPECT_EQ(image_length(nullptr, 4096,
                         [](const void*, std::uint32_t, void*, std::size_t) { return false; }),
            std::nullopt);
}

}  // namespace
}  // namespace fuota::update
