#include "server/storage/sqlite/garbage.hpp"

#include <gmock/gmock.h>

#include "tests/contract/maintenance/data_fixture.hpp"

namespace fuota::server::storage {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

using GarbageRemoval = DataTest;

TEST_F(GarbageRemoval, RemovesWhatBelongsToNoFileAndSaysSo) {
  const std::string orphan(64, 'a');
  write(data() / "blobs" / orphan, "12345");
  write(data() / "blobs" / "incoming" / "17", "678");
  const auto garbage = remove_garbage(data());
  ASSERT_TRUE(garbage.has_value()) << garbage.error().detail;
  EXPECT_THAT(garbage->removed, ElementsAre("blobs/" + orphan, "blobs/incoming/17"));
  EXPECT_EQ(garbage->bytes, 8U);
  EXPECT_FALSE(fs::exists(data() / "blobs" / orphan));
  EXPECT_FALSE(fs::exists(data() / "blobs" / "incoming" / "17"));
}

TEST_F(GarbageRemoval, LeavesContentsAndOthersFilesAlone) {
  write(data() / "blobs" / "README", "not ours");
  const auto garbage = remove_garbage(data());
  ASSERT_TRUE(garbage.has_value());
  EXPECT_THAT(garbage->removed, IsEmpty());
  EXPECT_TRUE(fs::exists(data() / "blobs" / "README"));
  EXPECT_EQ(read(blob(data(), "content")), "content");
}

// A backup has no folder for them.
TEST_F(GarbageRemoval, NeedsNoUploads) {
  const std::string orphan(64, 'a');
  write(data() / "blobs" / orphan, "12345");
  fs::remove_all(data() / "blobs" / "incoming");
  const auto garbage = remove_garbage(data());
  ASSERT_TRUE(garbage.has_value()) << garbage.error().detail;
  EXPECT_THAT(garbage->removed, ElementsAre("blobs/" + orphan));
}

TEST_F(GarbageRemoval, RemovesNothingWhenTheDatabaseCanNotBeRead) {
  write(data() / "fuota.db", std::string(4096, 'x'));
  EXPECT_FALSE(remove_garbage(data()).has_value());
  EXPECT_TRUE(fs::exists(blob(data(), "content")));
}

}  // namespace
}  // namespace fuota::server::storage
