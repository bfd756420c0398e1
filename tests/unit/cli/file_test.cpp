#include "cli/file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/server/temporary_directory.hpp"

namespace fuota::cli {
namespace {

using testing::HasSubstr;

class File : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "file"; }
  [[nodiscard]] std::string content() const { return *read_file(path(), 100); }

  test_support::TemporaryDirectory directory_;
};

TEST_F(File, ThatIsSecretIsItsOwnersAlone) {
  ASSERT_TRUE(write_new_secret(path(), "secret"));
  EXPECT_EQ(content(), "secret");
  EXPECT_EQ(std::filesystem::status(path()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(File, ThatIsSecretIsNeverWrittenOverAnother) {
  ASSERT_TRUE(write_new_secret(path(), "first"));
  const auto second = write_new_secret(path(), "second");
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().line, HasSubstr("File exists"));
  EXPECT_EQ(content(), "first");
}

TEST_F(File, IsReplacedWithoutALeftover) {
  ASSERT_TRUE(replace_file(path(), "first"));
  ASSERT_TRUE(replace_file(path(), "second"));
  EXPECT_EQ(content(), "second");
  const std::filesystem::directory_iterator files(directory_.path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(File, ThatCannotBeReplacedLeavesNoLeftover) {
  std::filesystem::create_directory(path());
  EXPECT_FALSE(replace_file(path(), "content"));
  const std::filesystem::directory_iterator files(directory_.path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(File, IsReadUpToItsLimit) {
  ASSERT_TRUE(replace_file(path(), "1234"));
  EXPECT_EQ(*read_file(path(), 4), "1234");
  const auto longer = read_file(path(), 3);
  ASSERT_FALSE(longer);
  EXPECT_THAT(longer.error().line, HasSubstr("longer than 3 bytes"));
}

TEST_F(File, ThatIsNotThereIsNamed) {
  const auto missing = read_file(path(), 4);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().line, HasSubstr(path().string() + ": No such file"));
}

}  // namespace
}  // namespace fuota::cli
