#include "server/storage/sqlite/examination.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>

#include "server/storage/sqlite/schema.hpp"
#include "tests/contract/maintenance/data_fixture.hpp"

namespace fuota::server::storage {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Examinations : public DataTest {
 protected:
  Examination look(bool held = false) const {
    auto found = examine(data(), held);
    if (!found) throw std::runtime_error(found.error().detail);
    return std::move(*found);
  }
};

TEST_F(Examinations, FindNothingWhereAllIsWell) {
  const Examination found = look();
  EXPECT_EQ(found.schema_version, kSchemaVersion);
  EXPECT_EQ(found.blobs, 2U);
  EXPECT_THAT(found.damages, IsEmpty());
  EXPECT_THAT(found.leftovers, IsEmpty());
}

TEST_F(Examinations, MayBeMadeWhileAStoreIsOpen) {
  const auto store = open();
  publish(*store, "app.bin", "new");
  EXPECT_THAT(look(true).damages, IsEmpty());
}

struct Fault {
  const char* name;
  void (*make)(const fs::path& content);
  const char* told;
};

class BlobFault : public Examinations, public testing::WithParamInterface<Fault> {};

TEST_P(BlobFault, IsToldWithTheBlob) {
  const fs::path content = blob(data(), "content");
  GetParam().make(content);
  EXPECT_THAT(look().damages, ElementsAre(AllOf(HasSubstr(content.filename().string()),
                                                HasSubstr(GetParam().told))));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BlobFault,
    testing::Values(
        Fault{"Missing", [](const fs::path& content) { fs::remove(content); }, "is missing"},
        Fault{"Short", [](const fs::path& content) { fs::resize_file(content, 3); },
              "has 3 bytes, not 7"},
        Fault{"Changed", [](const fs::path& content) { std::ofstream(content) << "Content"; },
              "has another content"},
        Fault{"Link",
              [](const fs::path& content) {
                fs::rename(content, content.string() + "x");
                fs::create_symlink(content.string() + "x", content);
              },
              "can't be read"}),
    [](const auto& row) { return row.param.name; });

TEST_F(Examinations, FindDamageOfTheDatabase) {
  SQLite::Database(data() / "fuota.db", SQLite::OPEN_READWRITE)
      .exec(
          "PRAGMA writable_schema = ON;"
          "DELETE FROM sqlite_schema WHERE name = 'device_by_file'");
  EXPECT_THAT(look().damages, testing::Contains(HasSubstr("restore a backup")));
}

TEST_F(Examinations, SayWhyTheyCanNotBeMade) {
  EXPECT_EQ(examine(directory_.path() / "nothing", false).error().code, StoreError::not_found);
  write(data() / "fuota.db", std::string(4096, 'x'));
  EXPECT_THAT(examine(data(), false).error().detail, HasSubstr("not a database"));
}

TEST_F(Examinations, FindWhatIsLeftOver) {
  write(data() / "blobs" / std::string(64, 'a'), "no file's");
  write(data() / "blobs" / "incoming" / "17", "half an upload");
  write(data() / "blobs" / "README", "not ours");
  EXPECT_THAT(look().leftovers,
              ElementsAre(HasSubstr("broken off"), HasSubstr(std::string(64, 'a'))));
  EXPECT_THAT(look().damages, IsEmpty());
}

TEST_F(Examinations, TakeAnUploadForAnArrivingOneWhileAServerRuns) {
  write(data() / "blobs" / "incoming" / "17", "half an upload");
  EXPECT_THAT(look(true).leftovers, IsEmpty());
}

}  // namespace
}  // namespace fuota::server::storage
