/// Provisioning a chip that is switched off.

#include "simulator/flash/nvs/editor.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "nvs.h"
#include "nvs_flash.h"
#include "simulator/flash/nvs/driver.hpp"
#include "simulator/flash/partitions.hpp"

namespace simulator::flash::nvs {
namespace {

class EditorTest : public testing::Test {
 protected:
  std::unique_ptr<Editor> open() { return Editor::open(chip_, table_).value(); }

  FlashChip chip_{0x10000};
  PartitionTable table_ =
      PartitionTable::parse_csv("nvs,data,nvs,0x9000,0x4000\nphy,data,phy,0xd000,0x1000\n").value();
};

TEST_F(EditorTest, WhatItWritesARunningApplicationReads) {
  {
    const auto editor = open();
    EXPECT_TRUE(editor->set_string("fuota", "server", "localhost").ok());
    EXPECT_TRUE(editor->set_number("fuota", "port", std::uint16_t{50000}).ok());
  }
  Partitions partitions(chip_, table_, nullptr);
  Driver driver(partitions);
  ASSERT_EQ(nvs_flash_init(), ESP_OK);
  nvs_handle_t handle = 0;
  ASSERT_EQ(nvs_open("fuota", NVS_READONLY, &handle), ESP_OK);
  char server[16];
  size_t length = sizeof server;
  EXPECT_EQ(nvs_get_str(handle, "server", server, &length), ESP_OK);
  EXPECT_STREQ(server, "localhost");
  uint16_t port = 0;
  EXPECT_EQ(nvs_get_u16(handle, "port", &port), ESP_OK);
  EXPECT_EQ(port, 50000);
}

TEST_F(EditorTest, ReadsWhatWasWritten) {
  const std::vector<std::uint8_t> blob = {0, 1, 0xFF};
  {
    const auto editor = open();
    EXPECT_TRUE(editor->set_string("space", "text", "").ok());
    EXPECT_TRUE(editor->set_blob("space", "blob", blob).ok());
    EXPECT_TRUE(editor->set_number("space", "number", std::int32_t{-5}).ok());
  }
  const auto editor = open();
  EXPECT_EQ(editor->string("space", "text"), "");
  EXPECT_EQ(editor->blob("space", "blob"), blob);
  EXPECT_EQ(editor->number<std::int32_t>("space", "number"), -5);
}

TEST_F(EditorTest, WhatIsNotThereIsAbsent) {
  const auto editor = open();
  EXPECT_FALSE(editor->string("space", "text"));
  ASSERT_TRUE(editor->set_number("space", "number", std::uint8_t{5}).ok());
  EXPECT_FALSE(editor->string("space", "text"));
  EXPECT_FALSE(editor->string("space", "number"));
  EXPECT_FALSE(editor->number<std::int8_t>("space", "number"));
}

TEST_F(EditorTest, ErasesKeysAndDoesNotMindAbsentOnes) {
  const auto editor = open();
  ASSERT_TRUE(editor->set_string("space", "text", "hello").ok());
  EXPECT_TRUE(editor->erase_key("space", "text").ok());
  EXPECT_FALSE(editor->string("space", "text"));
  EXPECT_TRUE(editor->erase_key("space", "text").ok());
  EXPECT_TRUE(editor->erase_key("elsewhere", "text").ok());
}

TEST_F(EditorTest, RefusalsNameTheKeyAndTheReason) {
  const auto editor = open();
  EXPECT_EQ(editor->set_string("space", "a_key_of_16bytes", "").error().message,
            "can't change NVS key space/a_key_of_16bytes: a name has at most 15 bytes");
  EXPECT_EQ(editor->set_string("space", "text", std::string(4000, 'a')).error().message,
            "can't change NVS key space/text: the value is too long");
}

TEST_F(EditorTest, RefusesWhatIsNoNvsPartition) {
  EXPECT_EQ(Editor::open(chip_, table_, "phy").error().message,
            "there is no NVS partition \"phy\"");
  EXPECT_EQ(Editor::open(chip_, table_, "absent").error().message,
            "there is no NVS partition \"absent\"");
}

}  // namespace
}  // namespace simulator::flash::nvs
