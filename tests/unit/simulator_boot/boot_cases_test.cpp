#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/unit/simulator_boot/board.hpp"

/// The cases in tests/data/otadata_cases.tsv, measured with ESP-IDF's real bootloader.
namespace simulator::boot {
namespace {

struct Case {
  std::string number;
  std::string entries[2];
  std::string images;
  int boots = 0;
  std::string after[2];
};

std::ostream& operator<<(std::ostream& out, const Case& row) {
  return out << "case " << row.number;
}

std::vector<Case> read_cases() {
  std::ifstream file(TEST_DATA "/otadata_cases.tsv");
  std::vector<Case> cases;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#') || line.starts_with("case\t")) continue;
    std::istringstream fields(line);
    Case row;
    std::string boots;
    for (std::string* field : {&row.number, &row.entries[0], &row.entries[1], &row.images, &boots,
                               &row.after[0], &row.after[1]}) {
      std::getline(fields, *field, '\t');
    }
    row.boots = std::stoi(boots);
    cases.push_back(row);
  }
  return cases;
}

std::uint32_t state_of(const std::string& name) {
  constexpr struct {
    const char* name;
    esp_ota_img_states_t state;
  } kStates[] = {{"NEW", ESP_OTA_IMG_NEW},         {"PENDING", ESP_OTA_IMG_PENDING_VERIFY},
                 {"VALID", ESP_OTA_IMG_VALID},     {"INVALID", ESP_OTA_IMG_INVALID},
                 {"ABORTED", ESP_OTA_IMG_ABORTED}, {"UNDEFINED", ESP_OTA_IMG_UNDEFINED}};
  for (const auto& row : kStates) {
    if (name == row.name) return row.state;
  }
  return static_cast<std::uint32_t>(std::stoul(name));
}

/// "SEQ:STATE[:badcrc]"
OtadataEntry whole_entry(const std::string& text) {
  std::istringstream parts(text);
  std::string seq;
  std::string state;
  std::string crc;
  std::getline(parts, seq, ':');
  std::getline(parts, state, ':');
  std::getline(parts, crc);
  OtadataEntry entry =
      make_entry(static_cast<std::uint32_t>(std::stoul(seq)), ESP_OTA_IMG_UNDEFINED);
  entry.ota_state = state_of(state);
  if (crc == "badcrc") entry.crc ^= 0x01000000;
  return entry;
}

OtadataEntry blank_entry() {
  OtadataEntry entry;
  std::memset(&entry, flash::kErasedByte, sizeof entry);
  return entry;
}

/// "torn:N (seq SEQ[, NEW])": the first N bytes of the entry.
OtadataEntry torn_entry(const std::string& text) {
  std::size_t bytes = 0;
  unsigned seq = 0;
  std::sscanf(text.c_str(), "torn:%zu (seq %u", &bytes, &seq);
  const OtadataEntry whole = make_entry(seq, ESP_OTA_IMG_NEW);
  OtadataEntry entry = blank_entry();
  std::memcpy(&entry, &whole, bytes);
  return entry;
}

OtadataEntry entry_from(const std::string& text) {
  if (text == "blank") return blank_entry();
  return text.starts_with("torn:") ? torn_entry(text) : whole_entry(text);
}

class BootCase : public ::testing::TestWithParam<Case> {
 protected:
  BootCase() {
    const std::string& images = GetParam().images;
    const auto corrupt = damaged(small_image(), fuota::test::Damage::payload_bit);
    board_.burn("ota_0", images.starts_with("corrupt") ? corrupt : small_image());
    board_.burn("ota_1", images.ends_with("corrupt") ? corrupt : small_image());
    for (int i = 0; i < 2; ++i) board_.set_entry(i, entry_from(GetParam().entries[i]));
  }

  Board board_;
};

// bootloader_support/src/bootloader_utility.c, bootloader_utility_get_selected_boot_partition.
TEST_P(BootCase, BootsTheSlotThatTheRealBootloaderBoots) {
  EXPECT_EQ(board_.boot_label(), "ota_" + std::to_string(GetParam().boots));
}

TEST_P(BootCase, LeavesTheEntriesThatTheRealBootloaderLeaves) {
  board_.boot();
  for (int i = 0; i < 2; ++i) {
    const std::string& after = GetParam().after[i];
    const OtadataEntry expected = entry_from(after == "=" ? GetParam().entries[i] : after);
    const OtadataEntry left = board_.entry(i);
    EXPECT_EQ(std::memcmp(&left, &expected, sizeof left), 0) << "entry " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Measured, BootCase, ::testing::ValuesIn(read_cases()),
                         [](const auto& row) { return row.param.number; });

TEST(BootCases, AreAllThere) {
  EXPECT_EQ(read_cases().size(), 19u);
}

}  // namespace
}  // namespace simulator::boot
