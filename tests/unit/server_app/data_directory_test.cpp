#include "server/app/data_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>

#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server::app {
namespace {

using testing::HasSubstr;

class DataDirectories : public testing::Test {
 protected:
  test_support::TemporaryDirectory directory_;
};

TEST_F(DataDirectories, AreMadeWithTheirParents) {
  EXPECT_TRUE(DataDirectory::open(directory_.path() / "a" / "b").has_value());
  EXPECT_TRUE(std::filesystem::is_directory(directory_.path() / "a" / "b"));
}

TEST_F(DataDirectories, AreHeldByOneServerAtATime) {
  const auto first = DataDirectory::open(directory_.path());
  ASSERT_TRUE(first.has_value());
  const auto second = DataDirectory::open(directory_.path());
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().line, HasSubstr("held by another fuota-server"));
}

TEST_F(DataDirectories, AreFreeWhenTheServerIsGone) {
  { const auto first = DataDirectory::open(directory_.path()); }
  EXPECT_TRUE(DataDirectory::open(directory_.path()).has_value());
}

TEST_F(DataDirectories, CannotBeFiles) {
  std::ofstream(directory_.path() / "file") << "content";
  const auto opened = DataDirectory::open(directory_.path() / "file");
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().line, HasSubstr("--data-dir"));
}

}  // namespace
}  // namespace fuota::server::app
