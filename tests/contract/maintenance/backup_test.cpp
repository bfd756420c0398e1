#include "server/storage/sqlite/backup.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>
#include <vector>

#include "server/storage/sqlite/examination.hpp"
#include "server/storage/sqlite/schema.hpp"
#include "tests/contract/maintenance/data_fixture.hpp"
#include "tests/support/server/memory_store.hpp"

namespace fuota::server::storage {
namespace {

namespace fs = std::filesystem;
using test_support::read_content;
using test_support::run_awaitable;
using test_support::some_change;
using testing::HasSubstr;

const FurtherFiles kFurther = {"ca_cert.pem", "ca_key.pem"};

class Backup : public DataTest {
 protected:
  Result<CopyReport> back_up_now() { return back_up(data(), backup(), kFurther); }
  Result<CopyReport> restore_now() { return restore(backup(), target(), kFurther); }

  /// Nothing was made, and nothing is left.
  void expect_nothing_made(const fs::path& path) {
    EXPECT_FALSE(fs::exists(path));
    EXPECT_FALSE(fs::exists(path.string() + ".partial"));
  }

  static mode_t mode_of(const fs::path& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  }

  static std::string content_of(Store& store, const std::string& name) {
    const auto content = run_awaitable(store.open_file(name));
    return content ? read_content(*content) : "no content";
  }
};

TEST_F(Backup, RestoresAllThatThereWas) {
  {
    const auto store = open();
    ASSERT_TRUE(run_awaitable(
        store->create_account({"anna", domain::Role::admin, "hash", {}}, some_change())));
    store->record_contact({"00001", {}, "0.1.0", "192.0.2.1"});
  }
  write(data() / "ca_cert.pem", "certificate");
  write(data() / "ca_key.pem", "key");
  const auto made = back_up_now();
  ASSERT_TRUE(made.has_value()) << made.error().detail;
  EXPECT_EQ(made->blobs, 2U);
  EXPECT_EQ(made->bytes, std::string("contentanother content").size());
  ASSERT_TRUE(restore_now().has_value());
  const auto store = open(target());
  EXPECT_EQ(content_of(*store, "app.bin"), "content");
  EXPECT_EQ(content_of(*store, "other.bin"), "another content");
  EXPECT_EQ(store->facts_for_check({"00001", "0.1.0"})->device->file, "app.bin");
  EXPECT_EQ(run_awaitable(store->history("00001", 1, 1))->contact->address, "192.0.2.1");
  EXPECT_TRUE(run_awaitable(store->account("anna")).has_value());
  EXPECT_EQ(run_awaitable(store->audit({}))->size(), 4U);
  EXPECT_EQ(read(target() / "ca_cert.pem"), "certificate");
  EXPECT_EQ(read(target() / "ca_key.pem"), "key");
}

TEST_F(Backup, IsForItsOwnerAlone) {
  write(data() / "ca_key.pem", "key");
  ASSERT_TRUE(back_up_now().has_value());
  EXPECT_EQ(mode_of(backup()), 0700U);
  EXPECT_EQ(mode_of(backup() / "fuota.db"), 0600U);
  EXPECT_EQ(mode_of(backup() / "ca_key.pem"), 0600U);
}

TEST_F(Backup, HasWhatAnOpenStoreHasCommitted) {
  const auto store = open();
  ASSERT_TRUE(run_awaitable(store->put_device({"00002", "0.1.0", "app.bin"}, some_change())));
  ASSERT_TRUE(back_up_now().has_value());
  ASSERT_TRUE(restore_now().has_value());
  EXPECT_EQ(run_awaitable(open(target())->devices_after("", 10))->size(), 2U);
}

TEST_F(Backup, IsConsistentHoweverFastFilesAreReplaced) {
  const auto store = open();
  std::atomic<bool> done{false};
  std::vector<std::jthread> changes;
  for (const std::string name : {"app.bin", "other.bin", "third.bin", "fourth.bin"}) {
    changes.emplace_back([&store, &done, name] {
      for (int i = 0; !done; ++i) publish(*store, name, name + std::to_string(i));
    });
  }
  for (int i = 0; i < 20; ++i) {
    const auto made = back_up_now();
    EXPECT_TRUE(made.has_value()) << made.error().detail;
    if (!made) break;
    const auto found = examine(backup(), false);
    EXPECT_TRUE(found.has_value());
    if (!found) break;
    EXPECT_TRUE(found->damages.empty()) << found->damages.front();
    EXPECT_TRUE(found->leftovers.empty()) << found->leftovers.front();
    fs::remove_all(backup());
  }
  done = true;
}

TEST_F(Backup, CopiesWhereItCanNotLink) {
  const test_support::TemporaryDirectory elsewhere;
  struct stat here {};
  struct stat there {};
  ASSERT_EQ(::stat("/dev/shm", &there), 0);
  ASSERT_EQ(::stat(data().c_str(), &here), 0);
  if (here.st_dev == there.st_dev) GTEST_SKIP() << "there is one file system here";
  const fs::path folder = fs::path("/dev/shm") / elsewhere.path().filename();
  ASSERT_TRUE(back_up(data(), folder, kFurther).has_value());
  EXPECT_EQ(read(blob(folder, "content")), "content");
  fs::remove_all(folder);
}

TEST_F(Backup, RefusesAFolderThatIsThere) {
  fs::create_directory(backup());
  const auto made = back_up_now();
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, StoreError::in_use);
  EXPECT_TRUE(fs::is_empty(backup()));
}

TEST_F(Backup, RemovesWhatABrokenOffOneHasLeft) {
  const fs::path partial = backup().string() + ".partial";
  fs::create_directories(partial / "blobs");
  write(partial / "fuota.db", "half");
  EXPECT_TRUE(back_up_now().has_value());
  EXPECT_FALSE(fs::exists(partial));
}

TEST_F(Backup, RemovesNothingThatIsNotOfABackup) {
  const fs::path partial = backup().string() + ".partial";
  fs::create_directory(partial);
  write(partial / "diary", "mine");
  EXPECT_FALSE(back_up_now().has_value());
  EXPECT_EQ(read(partial / "diary"), "mine");
}

TEST_F(Backup, IsNotMadeOfDataThatAreNotThere) {
  const auto made = back_up(directory_.path() / "nothing", backup(), kFurther);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, StoreError::not_found);
  expect_nothing_made(backup());
}

TEST_F(Backup, IsNotMadeOfDamagedContents) {
  write(blob(data(), "content"), "damaged");
  const auto made = back_up_now();
  ASSERT_FALSE(made.has_value());
  EXPECT_THAT(made.error().detail, HasSubstr("is damaged"));
  expect_nothing_made(backup());
}

TEST_F(Backup, IsNotMadeOfContentsThatAreMissing) {
  fs::remove(blob(data(), "content"));
  const auto made = back_up_now();
  ASSERT_FALSE(made.has_value());
  EXPECT_THAT(made.error().detail, HasSubstr("is missing"));
  expect_nothing_made(backup());
}

TEST_F(Backup, IsRestoredIntoAnEmptyDirectory) {
  ASSERT_TRUE(back_up_now().has_value());
  fs::create_directory(target());
  EXPECT_TRUE(restore_now().has_value());
  EXPECT_EQ(mode_of(target()), 0750U);
}

TEST_F(Backup, IsNotRestoredOverData) {
  ASSERT_TRUE(back_up_now().has_value());
  fs::create_directory(target());
  write(target() / "fuota.db", "data");
  const auto restored = restore_now();
  ASSERT_FALSE(restored.has_value());
  EXPECT_EQ(restored.error().code, StoreError::in_use);
  EXPECT_EQ(read(target() / "fuota.db"), "data");
}

TEST_F(Backup, IsNotRestoredWithAContentThatIsDamaged) {
  ASSERT_TRUE(back_up_now().has_value());
  const fs::path content = blob(backup(), "content");
  fs::remove(content);
  write(content, "Content");
  EXPECT_FALSE(restore_now().has_value());
  expect_nothing_made(target());
}

TEST_F(Backup, IsNotRestoredWithAContentMissing) {
  ASSERT_TRUE(back_up_now().has_value());
  fs::remove(blob(backup(), "content"));
  const auto restored = restore_now();
  ASSERT_FALSE(restored.has_value());
  EXPECT_THAT(restored.error().detail, HasSubstr("is damaged"));
  expect_nothing_made(target());
}

TEST_F(Backup, IsNotRestoredWithADamagedDatabase) {
  ASSERT_TRUE(back_up_now().has_value());
  std::fstream file(backup() / "fuota.db", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  file << std::string(16 * 4096, '?');
  file.close();
  EXPECT_FALSE(restore_now().has_value());
  expect_nothing_made(target());
}

TEST_F(Backup, IsNotRestoredByAnEarlierProgram) {
  ASSERT_TRUE(back_up_now().has_value());
  SQLite::Database(backup() / "fuota.db", SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
  const auto restored = restore_now();
  ASSERT_FALSE(restored.has_value());
  EXPECT_THAT(restored.error().detail, HasSubstr("schema version 99"));
  expect_nothing_made(target());
}

TEST_F(Backup, SharesNothingWithWhatWasRestored) {
  ASSERT_TRUE(back_up_now().has_value());
  ASSERT_TRUE(restore_now().has_value());
  write(blob(target(), "content"), "damaged");
  EXPECT_EQ(read(blob(backup(), "content")), "content");
}

}  // namespace
}  // namespace fuota::server::storage
