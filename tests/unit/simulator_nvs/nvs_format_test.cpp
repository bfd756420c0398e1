/// The format in the flash, against partitions that others made.

#include <gtest/gtest.h>

#include <bit>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "key_space.hpp"
#include "nvs.h"
#include "simulator/flash/crc32.hpp"
#include "simulator/flash/nvs/editor.hpp"
#include "simulator/flash/partition_table.hpp"

namespace simulator::flash::nvs {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes from_hex(const std::string& digits) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

/// Lines with an offset and bytes, both in hexadecimal.
Bytes read_image(const std::string& file_name, std::size_t size_bytes) {
  Bytes image(size_bytes, kErasedByte);
  std::ifstream file(std::string(NVS_TEST_DATA "/") + file_name);
  EXPECT_TRUE(file) << file_name;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream fields(line);
    std::size_t offset = 0;
    std::string digits;
    fields >> std::hex >> offset >> digits;
    const Bytes bytes = from_hex(digits);
    std::ranges::copy(bytes, image.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  return image;
}

class NvsFormat : public testing::Test {
 protected:
  static constexpr std::uint32_t kAddress = 0x9000;

  std::unique_ptr<Editor> open(const Bytes& image) {
    chip_.burn(kAddress, image);
    const std::string size = std::to_string(image.size());
    return Editor::open(chip_, PartitionTable::parse_csv("nvs,data,nvs,0x9000," + size).value())
        .value();
  }
  std::unique_ptr<Editor> reopen(std::size_t size_bytes) {
    const auto content = chip_.content().subspan(kAddress, size_bytes);
    return open(Bytes(content.begin(), content.end()));
  }
  Bytes content(std::size_t offset, std::size_t length) {
    const auto bytes = chip_.content().subspan(kAddress + offset, length);
    return {bytes.begin(), bytes.end()};
  }

  FlashChip chip_{0x10000};
};

TEST_F(NvsFormat, NumbersOfAnotherImplementationAreRead) {
  const auto editor = open(read_image("version_2.hex", 0x4000));
  EXPECT_EQ(editor->number<std::uint8_t>("fuota", "retries"), 255);
  EXPECT_EQ(editor->number<std::int8_t>("fuota", "offset_min"), -128);
  EXPECT_EQ(editor->number<std::uint16_t>("fuota", "port"), 50000);
  EXPECT_EQ(editor->number<std::int16_t>("fuota", "rssi_min"), -32768);
  EXPECT_EQ(editor->number<std::uint32_t>("fuota", "counter"), 4294967295u);
  EXPECT_EQ(editor->number<std::int32_t>("fuota", "balance"), -2147483647 - 1);
  EXPECT_EQ(editor->number<std::uint64_t>("fuota", "epoch_us"), 18446744073709551615u);
  EXPECT_EQ(editor->number<std::int64_t>("fuota", "drift"), -9223372036854775807);
  EXPECT_EQ(editor->number<std::uint16_t>("other", "port"), 443);
}

TEST_F(NvsFormat, StringsOfAnotherImplementationAreRead) {
  const auto editor = open(read_image("version_2.hex", 0x4000));
  EXPECT_EQ(editor->string("fuota", "device_id"), "esp32-0001");
  EXPECT_EQ(editor->string("fuota", "server"), "update.example.org");
  EXPECT_EQ(editor->string("fuota", "password"), "s3cret: 100%");
  EXPECT_EQ(editor->string("fuota", "empty"), "");
  const auto text = editor->string("other", "text");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->size(), 900u);
  EXPECT_EQ(text->substr(0, 12), "ujzde8gxd6nc");
}

TEST_F(NvsFormat, BlobsOfAnotherImplementationAreRead) {
  const auto editor = open(read_image("version_2.hex", 0x4000));
  EXPECT_EQ(editor->blob("fuota", "key_of_15_bytes"), (Bytes{0x00, 0xFF, 0x10}));
  EXPECT_EQ(editor->blob("other", "last"), (Bytes{0xFF, 0xFF, 0xFF, 0xFF, 0x00}));
  EXPECT_EQ(editor->blob("other", "certificate"), bytes_of_kind(5000, 0));
}

TEST_F(NvsFormat, ReadingAnImageOfAnotherImplementationChangesNothing) {
  const Bytes image = read_image("version_2.hex", 0x4000);
  open(image);
  EXPECT_EQ(content(0, image.size()), image);
}

TEST_F(NvsFormat, AnImageOfAnotherImplementationCanBeChanged) {
  const auto editor = open(read_image("version_2.hex", 0x4000));
  ASSERT_TRUE(editor->set_string("fuota", "server", "10.0.0.1").ok());
  ASSERT_TRUE(editor->set_blob("other", "certificate", bytes_of_kind(1000, 1)).ok());
  const auto reopened = reopen(0x4000);
  EXPECT_EQ(reopened->string("fuota", "server"), "10.0.0.1");
  EXPECT_EQ(reopened->blob("other", "certificate"), bytes_of_kind(1000, 1));
  EXPECT_EQ(reopened->string("fuota", "device_id"), "esp32-0001");
}

TEST_F(NvsFormat, Version1IsRead) {
  const auto editor = open(read_image("version_1.hex", 0x3000));
  EXPECT_EQ(editor->number<std::uint32_t>("old", "number"), 1234u);
  EXPECT_EQ(editor->string("old", "text"), "version 1");
  EXPECT_EQ(editor->blob("old", "blob")->size(), 34u);
}

TEST_F(NvsFormat, ABlobOfVersion1IsReplaced) {
  const auto editor = open(read_image("version_1.hex", 0x3000));
  ASSERT_TRUE(editor->set_blob("old", "blob", bytes_of_kind(50, 1)).ok());
  EXPECT_EQ(editor->blob("old", "blob"), bytes_of_kind(50, 1));
  EXPECT_EQ(reopen(0x3000)->blob("old", "blob"), bytes_of_kind(50, 1));
}

/// Spelled out byte by byte from the description of the format.
TEST_F(NvsFormat, ANewPartitionIsWrittenAsDescribed) {
  const auto editor = open(Bytes(0x3000, kErasedByte));
  ASSERT_TRUE(editor->set_number("space", "number", std::uint16_t{0x1234}).ok());
  ASSERT_TRUE(editor->set_string("space", "text", "hello").ok());

  const Bytes header = content(0, 32);
  EXPECT_EQ(Bytes(header.begin(), header.begin() + 9),
            (Bytes{0xFE, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0xFE}));
  EXPECT_EQ(Bytes(header.begin() + 9, header.begin() + 28), Bytes(19, 0xFF));
  const std::uint32_t crc = crc32(std::span(header).subspan(4, 24));
  EXPECT_EQ(Bytes(header.begin() + 28, header.end()), number(crc, 4));

  EXPECT_EQ(content(32, 2), (Bytes{0xAA, 0xFF})) << "four entries are written";

  const Bytes item = content(64 + 32, 32);
  EXPECT_EQ(Bytes(item.begin(), item.begin() + 4), (Bytes{1, 0x02, 1, 0xFF}));
  EXPECT_EQ(std::string(item.begin() + 8, item.begin() + 24),
            std::string("number") + std::string(10, '\0'));
  EXPECT_EQ(Bytes(item.begin() + 24, item.end()),
            (Bytes{0x34, 0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}));

  const Bytes text = content(64 + 64, 64);
  EXPECT_EQ(Bytes(text.begin(), text.begin() + 4), (Bytes{1, 0x21, 2, 0xFF}));
  EXPECT_EQ(Bytes(text.begin() + 24, text.begin() + 28), (Bytes{6, 0, 0xFF, 0xFF}));
  EXPECT_EQ(std::string(text.begin() + 32, text.begin() + 38), std::string("hello") + '\0');
  EXPECT_EQ(Bytes(text.begin() + 38, text.end()), Bytes(26, 0xFF));
}

/// ESP-IDF's order: content before the state that makes it count, the old value last.
TEST_F(NvsFormat, AnUpdateIsWrittenInTheOrderThatCutsAreSafeIn) {
  const auto editor = open(Bytes(0x3000, kErasedByte));
  ASSERT_TRUE(editor->set_string("space", "text", std::string(39, 'a')).ok());  // entries 1 to 3
  std::vector<std::pair<std::uint32_t, std::size_t>> writes;
  chip_.set_fault_hook([&](const Operation& operation) {
    writes.emplace_back(operation.address - kAddress, operation.length);
    return Fault::none;
  });
  ASSERT_TRUE(editor->set_string("space", "text", std::string(39, 'b')).ok());  // entries 4 to 6
  const std::pair<std::uint32_t, std::size_t> states{32, 4};
  const std::vector<std::pair<std::uint32_t, std::size_t>> expected = {
      {64 + 4 * 32, 32}, states, {64 + 5 * 32, 32}, states, {64 + 6 * 32, 32}, states, states};
  EXPECT_EQ(writes, expected);
}

/// The sequence of the generator's keys, so that the very bytes can be compared.
TEST_F(NvsFormat, TheSameKeysGiveTheSameBytesAsAnotherImplementation) {
  const Bytes image = read_image("version_1.hex", 0x3000);
  const auto editor = open(Bytes(0x3000, kErasedByte));
  ASSERT_TRUE(editor->set_number("old", "number", std::uint32_t{1234}).ok());
  EXPECT_EQ(content(64, 64), Bytes(image.begin() + 64, image.begin() + 128));
  ASSERT_TRUE(editor->set_string("old", "text", "version 1").ok());
  EXPECT_EQ(content(128, 64), Bytes(image.begin() + 0xE0, image.begin() + 0x120));
}

}  // namespace
}  // namespace simulator::flash::nvs
