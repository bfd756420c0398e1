#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "simulator/boot/bootloader.hpp"
#include "simulator/flash/partition_table.hpp"

/// Images of real projects boot, when there are some: FUOTA_REAL_IMAGES is a folder with a folder
/// of .bin files per project.
namespace simulator::boot {
namespace {

namespace fs = std::filesystem;

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kChipIdAt = 12;

std::vector<fs::path> real_images() {
  std::vector<fs::path> paths;
  std::error_code missing;
  for (const auto& entry : fs::recursive_directory_iterator(FUOTA_REAL_IMAGES, missing)) {
    if (entry.path().extension() == ".bin") paths.push_back(entry.path());
  }
  return paths;
}

Bytes read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

BootResult boot_with(const Bytes& image) {
  const auto table = flash::PartitionTable::parse_csv(
      "otadata, data, ota,   0xd000,  0x2000\n"
      "ota_0,   app,  ota_0, 0x10000, 0x180000\n");
  flash::FlashChip chip(4 * 1024 * 1024);
  chip.burn(flash::kPartitionTableAddress, table.value().to_binary());
  chip.burn(0x10000, image);
  BootOptions options;
  options.model =
      find_chip(static_cast<std::uint16_t>(image[kChipIdAt] | image[kChipIdAt + 1] << 8));
  return boot(chip, options);
}

TEST(RealImages, Boot) {
  const auto paths = real_images();
  if (paths.empty()) GTEST_SKIP() << "no images in " << FUOTA_REAL_IMAGES;
  for (const fs::path& path : paths) {
    EXPECT_EQ(boot_with(read_file(path)).outcome, BootOutcome::booted) << path;
  }
}

TEST(RealImages, DoNotBootWithAFlippedBit) {
  const auto paths = real_images();
  if (paths.empty()) GTEST_SKIP() << "no images in " << FUOTA_REAL_IMAGES;
  for (const fs::path& path : paths) {
    Bytes image = read_file(path);
    image[image.size() / 2] ^= 0x04;
    EXPECT_EQ(boot_with(image).outcome, BootOutcome::nothing_bootable) << path;
  }
}

}  // namespace
}  // namespace simulator::boot
