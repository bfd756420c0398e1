#include "server/storage/blobs/blob_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server::storage {
namespace {

using test_support::read_content;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kAbcSha256[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

class Blobs : public testing::Test {
 protected:
  void SetUp() override { blobs_ = std::move(*BlobDirectory::open(path())); }

  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "blobs"; }

  std::unique_ptr<BlobWriter> write(const std::string& content) {
    auto writer = std::move(*blobs_->begin());
    EXPECT_TRUE(writer->append(content).has_value());
    return writer;
  }

  ContentId store(const std::string& content) {
    const auto writer = write(content);
    EXPECT_TRUE(writer->finish().has_value());
    return *blobs_->adopt(*writer);
  }

  test_support::TemporaryDirectory directory_;
  std::unique_ptr<BlobDirectory> blobs_;
};

TEST_F(Blobs, AreNamedByTheSha256OfTheirContent) {
  store("abc");
  EXPECT_TRUE(std::filesystem::exists(path() / kAbcSha256));
}

TEST_F(Blobs, AreReadAsTheyWereWritten) {
  const ContentId id = store("abc");
  EXPECT_EQ(read_content(*blobs_->open(id)), "abc");
}

TEST_F(Blobs, MayBeEmpty) {
  const ContentId id = store("");
  EXPECT_EQ(blobs_->open(id)->size_bytes, 0U);
}

TEST_F(Blobs, AreInvisibleBeforeTheyAreAdopted) {
  const auto writer = write("abc");
  ASSERT_TRUE(writer->finish().has_value());
  EXPECT_THAT(*blobs_->list(), IsEmpty());
}

TEST_F(Blobs, LeaveNothingWhenTheWriterIsDropped) {
  write("abc").reset();
  EXPECT_TRUE(std::filesystem::is_empty(path() / "incoming"));
}

TEST_F(Blobs, LeaveNothingIncomingWhenTheyAreAdopted) {
  store("abc");
  EXPECT_TRUE(std::filesystem::is_empty(path() / "incoming"));
}

TEST_F(Blobs, OfOneContentAreOne) {
  store("abc");
  store("abc");
  EXPECT_THAT(*blobs_->list(), ElementsAre(*digest_from_hex(kAbcSha256)));
}

TEST_F(Blobs, MayBeWrittenSideBySide) {
  const auto first = write("first ");
  const auto second = write("second ");
  ASSERT_TRUE(first->append("one").has_value());
  ASSERT_TRUE(second->append("one").has_value());
  ASSERT_TRUE(first->finish().has_value());
  ASSERT_TRUE(second->finish().has_value());
  EXPECT_EQ(read_content(*blobs_->open(*blobs_->adopt(*first))), "first one");
  EXPECT_EQ(read_content(*blobs_->open(*blobs_->adopt(*second))), "second one");
}

TEST_F(Blobs, StayReadableForWhoHasThemOpenWhenRemoved) {
  const ContentId id = store("abc");
  const auto content = std::move(*blobs_->open(id));
  ASSERT_TRUE(blobs_->remove(id.sha256).has_value());
  EXPECT_EQ(read_content(content), "abc");
  EXPECT_EQ(blobs_->open(id).error().code, StoreError::not_found);
}

TEST_F(Blobs, CanBeRemovedTwice) {
  const ContentId id = store("abc");
  ASSERT_TRUE(blobs_->remove(id.sha256).has_value());
  EXPECT_TRUE(blobs_->remove(id.sha256).has_value());
}

TEST_F(Blobs, ThatWereInterruptedAreRemovedAtStart) {
  std::ofstream(path() / "incoming" / "0") << "half";
  blobs_ = std::move(*BlobDirectory::open(path()));
  EXPECT_TRUE(std::filesystem::is_empty(path() / "incoming"));
}

TEST_F(Blobs, AreNotServedWhenTheirLengthIsWrong) {
  const ContentId id = store("abc");
  std::ofstream(path() / kAbcSha256, std::ios::app) << "d";
  EXPECT_EQ(blobs_->open(id).error().code, StoreError::unavailable);
}

TEST_F(Blobs, AreNotLookedForBehindAFolderOfTheirName) {
  std::filesystem::create_directory(path() / kAbcSha256);
  const auto content = blobs_->open(ContentId{*digest_from_hex(kAbcSha256), 3});
  EXPECT_EQ(content.error().code, StoreError::unavailable);
}

TEST(OpenBlobDirectory, FailsWhereThereIsAFile) {
  const test_support::TemporaryDirectory directory;
  std::ofstream(directory.path() / "blobs") << "a file";
  EXPECT_FALSE(BlobDirectory::open(directory.path() / "blobs").has_value());
}

struct HexRow {
  const char* fact;
  std::string text;
  bool valid;
};

class DigestText : public testing::TestWithParam<HexRow> {};

TEST_P(DigestText, IsExactly64LowerCaseDigits) {
  EXPECT_EQ(digest_from_hex(GetParam().text).has_value(), GetParam().valid);
}

INSTANTIATE_TEST_SUITE_P(Rows, DigestText,
                         testing::Values(HexRow{"AsWritten", kAbcSha256, true},
                                         HexRow{"Empty", "", false},
                                         HexRow{"TooShort", std::string(63, 'a'), false},
                                         HexRow{"TooLong", std::string(65, 'a'), false},
                                         HexRow{"UpperCase", std::string(64, 'A'), false},
                                         HexRow{"NoDigit", std::string(63, 'a') + "g", false},
                                         HexRow{"APath", "../" + std::string(61, 'a'), false}),
                         [](const auto& row) { return row.param.fact; });

}  // namespace
}  // namespace fuota::server::storage
