#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "simulator/flash/flash_chip.hpp"

namespace simulator::flash {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kChipBytes = 4 * kSectorBytes;

class FlashFile : public ::testing::Test {
 protected:
  FlashFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "flash_file.XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~FlashFile() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path path() const { return folder_ / "flash.bin"; }

  Bytes file_content() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  void make_file(std::size_t size_bytes) const {
    std::ofstream(path(), std::ios::binary) << std::string(size_bytes, '\x5A');
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(FlashFile, IsCreatedErased) {
  const auto chip = FlashChip::create(path(), kChipBytes);
  ASSERT_TRUE(chip.ok());
  EXPECT_EQ(file_content(), Bytes(kChipBytes, kErasedByte));
}

TEST_F(FlashFile, HasAWriteBeforeTheChipIsClosed) {
  const auto chip = FlashChip::create(path(), kChipBytes);
  ASSERT_TRUE(chip.ok());
  ASSERT_EQ(chip.value()->write(0x1234, Bytes{0x42}), Power::on);
  EXPECT_EQ(file_content().at(0x1234), 0x42);
}

TEST_F(FlashFile, IsTheContentOfAChipThatIsOpened) {
  make_file(kChipBytes);
  const auto chip = FlashChip::open(path());
  ASSERT_TRUE(chip.ok());
  EXPECT_EQ(chip.value()->size_bytes(), kChipBytes);
  EXPECT_EQ(chip.value()->content()[kChipBytes - 1], 0x5A);
}

TEST_F(FlashFile, KeepsWhatAKilledProcessHadWritten) {
  ASSERT_TRUE(FlashChip::create(path(), kChipBytes).ok());
  const pid_t child = ::fork();
  if (child == 0) {
    auto chip = FlashChip::open(path());
    (void)chip.value()->write(0, Bytes{1, 2, 3});
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const Bytes content = file_content();
  EXPECT_TRUE(std::ranges::equal(std::span(content).first(3), Bytes{1, 2, 3}));
}

TEST_F(FlashFile, CanBeSavedFromMemory) {
  FlashChip chip(kChipBytes);
  ASSERT_EQ(chip.write(9, Bytes{0x77}), Power::on);
  ASSERT_TRUE(chip.save(path()).ok());
  const Bytes content = file_content();
  EXPECT_TRUE(std::ranges::equal(content, chip.content()));
}

TEST_F(FlashFile, ThatIsMissingIsAnErrorWithItsName) {
  const auto chip = FlashChip::open(path());
  ASSERT_FALSE(chip.ok());
  EXPECT_NE(chip.error().message.find(path().string()), std::string::npos);
}

TEST_F(FlashFile, ThatHasNotTheSizeOfAChipIsAnError) {
  make_file(kChipBytes + 1);
  const auto chip = FlashChip::open(path());
  ASSERT_FALSE(chip.ok());
  EXPECT_NE(chip.error().message.find("16385 bytes"), std::string::npos);
}

TEST_F(FlashFile, InAFolderThatIsMissingIsAnError) {
  EXPECT_FALSE(FlashChip::create(path() / "nowhere" / "flash.bin", kChipBytes).ok());
}

TEST_F(FlashFile, OfAnImpossibleSizeIsAnError) {
  EXPECT_FALSE(FlashChip::create(path(), kChipBytes + 1).ok());
}

}  // namespace
}  // namespace simulator::flash
