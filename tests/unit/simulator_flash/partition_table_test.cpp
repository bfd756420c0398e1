#include "simulator/flash/partition_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "simulator/flash/flash_chip.hpp"

namespace simulator::flash {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kChipBytes = 4 * 1024 * 1024;

constexpr std::string_view kCsv =
    "# Name,   Type, SubType, Offset,   Size\n"
    "nvs,      data, nvs,     0x9000,   0x4000\n"
    "otadata,  data, ota,     0xd000,   0x2000\n"
    "ota_0,    app,  ota_0,   0x10000,  0x180000\n"
    "ota_1,    app,  ota_1,   ,         1536K\n";

/// What ESP-IDF's gen_esp32part.py makes of kCsv, up to the end mark.
constexpr std::string_view kBinaryHex =
    "aa50010200900000004000006e76730000000000000000000000000000000000"
    "aa50010000d00000002000006f74616461746100000000000000000000000000"
    "aa50001000000100000018006f74615f30000000000000000000000000000000"
    "aa50001100001900000018006f74615f31000000000000000000000000000000"
    "ebebffffffffffffffffffffffffffff1101f9e587cc1f3021689e69a5d9b5ee";

PartitionTable table() {
  auto parsed = PartitionTable::parse_csv(kCsv);
  EXPECT_TRUE(parsed.ok()) << parsed.error().message;
  return std::move(parsed).value();
}

Bytes expected_binary() {
  Bytes bytes;
  for (std::size_t i = 0; i < kBinaryHex.size(); i += 2) {
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(kBinaryHex.substr(i, 2)), nullptr, 16)));
  }
  bytes.resize(kPartitionTableBytes, kErasedByte);
  return bytes;
}

TEST(PartitionTable, BinaryFormIsThatOfEspIdfsTool) {
  EXPECT_EQ(table().to_binary(), expected_binary());
}

TEST(PartitionTable, BinaryFormIsReadBack) {
  const auto parsed = PartitionTable::parse(expected_binary(), kChipBytes);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(parsed.value().partitions(), table().partitions());
}

TEST(PartitionTable, KeepsFlagsAndSixteenByteLabels) {
  const auto csv = PartitionTable::parse_csv(
      "sixteen_bytes_xy, data, 0x40, 0x9000, 0x1000, encrypted:readonly\n");
  ASSERT_TRUE(csv.ok()) << csv.error().message;
  const auto parsed = PartitionTable::parse(csv.value().to_binary(), kChipBytes);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  const Partition& partition = parsed.value().partitions().at(0);
  EXPECT_EQ(partition.label, "sixteen_bytes_xy");
  EXPECT_EQ(partition.subtype, 0x40);
  EXPECT_EQ(partition.flags, kFlagEncrypted | kFlagReadonly);
}

TEST(PartitionTable, FindsPartitions) {
  const PartitionTable found = table();
  ASSERT_NE(found.find(kTypeApp, kSubtypeAppOta0 + 1), nullptr);
  EXPECT_EQ(found.find(kTypeApp, kSubtypeAppOta0 + 1)->offset, 0x190000u);
  EXPECT_EQ(found.find(kTypeApp, kSubtypeAppFactory), nullptr);
  ASSERT_NE(found.find_label("nvs"), nullptr);
  EXPECT_EQ(found.find_label("nvs")->size, 0x4000u);
  EXPECT_EQ(found.find_label("nv"), nullptr);
  EXPECT_EQ(found.end_bytes(), 0x310000u);
}

TEST(PartitionTable, CountsSlotsUpToTheFirstGap) {
  const auto gap = PartitionTable::parse_csv(
      "otadata, data, ota, , 0x2000\n"
      "a, app, ota_0, , 64K\n"
      "b, app, ota_1, , 64K\n"
      "c, app, ota_3, , 64K\n");
  ASSERT_TRUE(gap.ok()) << gap.error().message;
  EXPECT_EQ(gap.value().ota_slots().size(), 2u);
}

struct BadBinary {
  const char* name;
  std::function<void(Bytes&)> spoil;
  std::size_t chip_bytes;
  const char* message;
};

std::ostream& operator<<(std::ostream& out, const BadBinary& row) {
  return out << row.name;
}

class BadPartitionTable : public ::testing::TestWithParam<BadBinary> {};

// bootloader_support/src/flash_partitions.c, esp_partition_table_verify.
TEST_P(BadPartitionTable, IsRefused) {
  Bytes bytes = expected_binary();
  GetParam().spoil(bytes);
  const auto parsed = PartitionTable::parse(bytes, GetParam().chip_bytes);
  ASSERT_FALSE(parsed.ok());
  EXPECT_NE(parsed.error().message.find(GetParam().message), std::string::npos)
      << parsed.error().message;
}

constexpr std::size_t kMd5Entry = 4 * kPartitionEntryBytes;

INSTANTIATE_TEST_SUITE_P(
    Rows, BadPartitionTable,
    ::testing::Values(
        BadBinary{"Blank", [](Bytes& bytes) { std::ranges::fill(bytes, 0xFF); }, kChipBytes,
                  "entry 0: invalid magic number 0xffff"},
        BadBinary{"WrongMagic", [](Bytes& bytes) { bytes[kPartitionEntryBytes] = 0xAB; },
                  kChipBytes, "entry 1: invalid magic number 0x50ab"},
        BadBinary{"ChangedByte", [](Bytes& bytes) { bytes[9] ^= 1; }, kChipBytes,
                  "entry 4: the MD5 doesn't match"},
        BadBinary{"SecondMd5",
                  [](Bytes& bytes) {
                    std::copy_n(bytes.begin() + kMd5Entry, kPartitionEntryBytes,
                                bytes.begin() + kMd5Entry + kPartitionEntryBytes);
                  },
                  kChipBytes, "entry 5: a second MD5"},
        BadBinary{"NoEnd", [](Bytes& bytes) { bytes.resize(kMd5Entry + kPartitionEntryBytes); },
                  kChipBytes, "no end mark"},
        BadBinary{"ChipTooSmall", [](Bytes&) {}, 2 * 1024 * 1024,
                  "entry 3: offset 0x190000 size 0x180000 exceeds the flash chip of 0x200000"}),
    [](const auto& row) { return row.param.name; });

TEST(PartitionTable, NeedsNoMd5) {
  Bytes bytes = expected_binary();
  std::fill_n(bytes.begin() + kMd5Entry, kPartitionEntryBytes, kErasedByte);
  EXPECT_TRUE(PartitionTable::parse(bytes, kChipBytes).ok());
}

struct BadCsv {
  const char* name;
  const char* csv;
  const char* message;
};

std::ostream& operator<<(std::ostream& out, const BadCsv& row) {
  return out << row.name;
}

class BadPartitionCsv : public ::testing::TestWithParam<BadCsv> {};

TEST_P(BadPartitionCsv, IsRefusedWithTheLine) {
  const auto parsed = PartitionTable::parse_csv(GetParam().csv);
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadPartitionCsv,
    ::testing::Values(
        BadCsv{"Nothing", "# only a comment\n\n", "no partition"},
        BadCsv{"NoName", ", data, nvs, 0x9000, 0x4000", "line 1: the name is empty"},
        BadCsv{"LongName", "seventeen_bytes_x, data, nvs, 0x9000, 0x4000",
               "line 1: the name 'seventeen_bytes_x' is longer than 16 bytes"},
        BadCsv{"SameName", "a, data, nvs, , 0x4000\na, data, phy, , 0x1000",
               "line 2: the name 'a' is used twice"},
        BadCsv{"Type", "\n# x\na, date, nvs, 0x9000, 0x4000",
               "line 3: type 'date' is neither app, data nor a number"},
        BadCsv{"TypeAny", "a, 0xff, nvs, 0x9000, 0x4000",
               "line 1: type '0xff' is neither app, data nor a number"},
        BadCsv{"NoType", "a, , nvs, 0x9000, 0x4000",
               "line 1: type '' is neither app, data nor a number"},
        BadCsv{"Subtype", "a, data, ota_0, 0x9000, 0x4000",
               "line 1: subtype 'ota_0' is not known for this type"},
        BadCsv{"SlotNumber", "a, app, ota_16, 0x10000, 0x10000",
               "line 1: subtype 'ota_16' is not known for this type"},
        BadCsv{"AppWithoutSubtype", "a, app, , 0x10000, 0x10000",
               "line 1: subtype '' is not known for this type"},
        BadCsv{"Offset", "a, data, nvs, 9000h, 0x4000", "line 1: offset '9000h' is not a number"},
        BadCsv{"NegativeOffset", "a, data, nvs, -1, 0x4000", "line 1: offset '-1' is not a number"},
        BadCsv{"NoSize", "a, data, nvs, 0x9000", "line 1: the size is empty"},
        BadCsv{"Size", "a, data, nvs, 0x9000, 4G", "line 1: size '4G' is not a number"},
        BadCsv{"HugeSize", "a, data, nvs, 0x9000, 4096M", "line 1: size '4096M' is not a number"},
        BadCsv{"Flag", "a, data, nvs, 0x9000, 0x4000, secret",
               "line 1: flag 'secret' is not known"},
        BadCsv{"SevenFields", "a, data, nvs, 0x9000, 0x4000, readonly, b",
               "line 1: more than six fields"},
        BadCsv{"InTheTable", "a, data, nvs, 0x8000, 0x4000",
               "line 1: offset 0x8000 overlaps what is before it, which ends at 0x9000"},
        BadCsv{"Overlap", "a, data, nvs, 0x9000, 0x4000\nb, data, phy, 0xc000, 0x1000",
               "line 2: offset 0xc000 overlaps what is before it, which ends at 0xd000"},
        BadCsv{"AppNotAligned", "a, app, ota_0, 0x9000, 0x10000",
               "line 1: offset 0x9000 is not aligned to 0x10000"},
        BadCsv{"DataNotAligned", "a, data, phy, 0x9800, 0x1000",
               "line 1: offset 0x9800 is not aligned to 0x1000"},
        BadCsv{"AppSize", "a, app, ota_0, 0x10000, 0x10800",
               "line 1: size 0x10800 is not aligned to 0x1000"},
        BadCsv{"OtadataSize", "a, data, ota, 0x9000, 0x1000",
               "line 1: an otadata partition must have the size 0x2000"},
        BadCsv{"SecondOtadata", "a, data, ota, , 0x2000\nb, data, ota, , 0x2000",
               "line 2: a second otadata partition"},
        BadCsv{"ReadonlyOtadata", "a, data, ota, , 0x2000, readonly", "line 1: can't be readonly"},
        BadCsv{"SmallNvs", "a, data, nvs, 0x9000, 0x2000",
               "line 1: a writable NVS partition must have at least 0x3000"}),
    [](const auto& row) { return row.param.name; });

TEST(PartitionCsv, PlacesPartitionsWithoutOffsetAligned) {
  const auto parsed = PartitionTable::parse_csv(
      "phy, data, phy, , 0x1000\n"
      "main, app, factory, , 1M\n"
      "store, data, spiffs, , 4k\n");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(parsed.value().find_label("phy")->offset, 0x9000u);
  EXPECT_EQ(parsed.value().find_label("main")->offset, 0x10000u);
  EXPECT_EQ(parsed.value().find_label("store")->offset, 0x110000u);
  EXPECT_EQ(parsed.value().find_label("store")->size, 0x1000u);
}

TEST(PartitionCsv, TakesWindowsLineEndsAndAMissingLastOne) {
  const auto parsed =
      PartitionTable::parse_csv("nvs, data, nvs, 0x9000, 0x4000,\r\nphy, data, phy, , 4096");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(parsed.value().partitions().size(), 2u);
}

TEST(PartitionCsv, HoldsAsManyPartitionsAsTheBinaryForm) {
  std::string csv;
  for (std::size_t i = 0; i < kPartitionsMax; ++i) {
    csv += "p" + std::to_string(i) + ", data, 0x40, , 0x1000\n";
  }
  const auto full = PartitionTable::parse_csv(csv);
  ASSERT_TRUE(full.ok()) << full.error().message;
  EXPECT_TRUE(PartitionTable::parse(full.value().to_binary(), kChipBytes).ok());
  EXPECT_FALSE(PartitionTable::parse_csv(csv + "one_more, data, 0x40, , 0x1000\n").ok());
}

}  // namespace
}  // namespace simulator::flash
