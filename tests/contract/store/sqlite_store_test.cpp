// What the store in a directory does beyond the contract: it survives its process, and cleans up.

#include "server/storage/sqlite/sqlite_store.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <thread>

#include "server/storage/sqlite/read_connection.hpp"
#include "server/storage/sqlite/read_lock.hpp"
#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/some_change.hpp"
#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server::storage {
namespace {

using test_support::read_content;
using test_support::run_awaitable;
using test_support::some_change;
using testing::AnyOf;
using testing::Eq;
using testing::HasSubstr;

class SqliteStore : public testing::Test {
 protected:
  std::unique_ptr<Store> open() {
    auto store = open_sqlite_store(directory_.path(), 2);
    if (!store) throw std::runtime_error(store.error().detail);
    return std::move(*store);
  }

  std::unique_ptr<Store> open_with_interval(std::chrono::milliseconds contact_interval) {
    SqliteStoreSettings settings;
    settings.contact_interval = contact_interval;
    return std::move(*open_sqlite_store(directory_.path(), settings));
  }

  static void know(Store& store, const std::string& id) {
    ASSERT_TRUE(
        run_awaitable(store.put_device({id, "0.1.0", "app.bin"}, some_change())).has_value());
  }

  [[nodiscard]] std::uintmax_t log_bytes() const {
    return std::filesystem::file_size(directory_.path() / "fuota.db-wal");
  }

  static void publish(Store& store, const std::string& name, const std::string& content) {
    auto upload = std::move(*run_awaitable(store.begin_upload()));
    ASSERT_TRUE(run_awaitable(upload->append(content)).has_value());
    ASSERT_TRUE(run_awaitable(store.publish(name, std::move(upload), some_change())).has_value());
  }

  static std::string content_of(Store& store, const std::string& name) {
    const auto content = run_awaitable(store.open_file(name));
    return content ? read_content(*content) : "no content";
  }

  [[nodiscard]] std::filesystem::path blobs() const { return directory_.path() / "blobs"; }

  [[nodiscard]] std::ptrdiff_t blob_count() const {
    return std::count_if(std::filesystem::directory_iterator(blobs()), {},
                         [](const auto& entry) { return entry.is_regular_file(); });
  }

  void write(const std::filesystem::path& file, const std::string& text) const {
    std::ofstream(file) << text;
  }

  test_support::TemporaryDirectory directory_;
};

TEST_F(SqliteStore, KeepsEverythingOverARestart) {
  {
    const auto store = open();
    publish(*store, "app.bin", "content");
    ASSERT_TRUE(
        run_awaitable(store->put_device(domain::Device{"00001", "0.1.0", "app.bin"}, some_change()))
            .has_value());
  }
  const auto store = open();
  EXPECT_EQ(store->facts_for_check({"00001", "0.1.0"})->device,
            (domain::Device{"00001", "0.1.0", "app.bin"}));
  EXPECT_EQ(content_of(*store, "app.bin"), "content");
}

TEST_F(SqliteStore, RemovesAtStartWhatAnUploadHasLeft) {
  open();
  write(blobs() / "incoming" / "17", "half an upload");
  open();
  EXPECT_TRUE(std::filesystem::is_empty(blobs() / "incoming"));
}

TEST_F(SqliteStore, RemovesAtStartABlobThatNoNameHas) {
  {
    const auto store = open();
    publish(*store, "app.bin", "content");
  }
  write(blobs() / std::string(64, 'a'), "renamed, and then the power went");
  const auto store = open();
  EXPECT_EQ(blob_count(), 1);
  EXPECT_EQ(content_of(*store, "app.bin"), "content");
}

TEST_F(SqliteStore, LeavesFilesAloneThatAreNoBlobs) {
  open();
  write(blobs() / "README", "not ours");
  open();
  EXPECT_TRUE(std::filesystem::exists(blobs() / "README"));
}

TEST_F(SqliteStore, RemovesTheBlobThatANameNoLongerHas) {
  const auto store = open();
  publish(*store, "app.bin", "old");
  publish(*store, "app.bin", "new");
  EXPECT_EQ(blob_count(), 1);
  ASSERT_TRUE(run_awaitable(store->remove_file("app.bin", some_change())).has_value());
  EXPECT_EQ(blob_count(), 0);
}

TEST_F(SqliteStore, RepairsADamagedBlobWhenItIsUploadedAgain) {
  const auto store = open();
  publish(*store, "app.bin", "content");
  for (const auto& entry : std::filesystem::directory_iterator(blobs())) {
    if (entry.is_regular_file()) write(entry.path(), "damaged");
  }
  publish(*store, "app.bin", "content");
  EXPECT_EQ(content_of(*store, "app.bin"), "content");
}

TEST_F(SqliteStore, DoesNotServeABlobOfAnotherLength) {
  const auto store = open();
  publish(*store, "app.bin", "content");
  for (const auto& entry : std::filesystem::directory_iterator(blobs())) {
    if (entry.is_regular_file()) write(entry.path(), "cut");
  }
  const auto content = run_awaitable(store->open_file("app.bin"));
  ASSERT_FALSE(content.has_value());
  EXPECT_EQ(content.error().code, StoreError::unavailable);
}

TEST_F(SqliteStore, DoesNotFollowALinkInPlaceOfABlob) {
  const auto store = open();
  publish(*store, "app.bin", "content");
  Sha256 hash;
  hash.update("content");
  const std::filesystem::path blob = blobs() / to_hex(hash.finish());
  ASSERT_TRUE(std::filesystem::remove(blob));
  write(directory_.path() / "secret", "7 bytes");
  std::filesystem::create_symlink(directory_.path() / "secret", blob);
  EXPECT_EQ(content_of(*store, "app.bin"), "no content");
}

TEST_F(SqliteStore, TellsWhenTheContentOfAFileIsGone) {
  const auto store = open();
  publish(*store, "app.bin", "content");
  std::filesystem::remove_all(blobs());
  const auto content = run_awaitable(store->open_file("app.bin"));
  ASSERT_FALSE(content.has_value());
  EXPECT_EQ(content.error().code, StoreError::unavailable);
}

TEST_F(SqliteStore, KeepsHistoryAndRootDocumentsOverARestart) {
  domain::Report report;
  report.sequence = 1;
  ASSERT_TRUE(report.deployment.assign("d") && report.version.assign("0.2.0"));
  {
    const auto store = open();
    ASSERT_TRUE(
        run_awaitable(store->put_device(domain::Device{"00001", "0.1.0", "app.bin"}, some_change()))
            .has_value());
    ASSERT_TRUE(run_awaitable(store->record_report("00001", report, {})).has_value());
    ASSERT_TRUE(run_awaitable(store->record_running("00001", {"0.1.0", {1}}, {})).has_value());
    ASSERT_TRUE(run_awaitable(store->put_root(1, "first", some_change())).has_value());
  }
  const auto store = open();
  ASSERT_TRUE(run_awaitable(store->record_report("00001", report, {})).has_value());
  const auto history = run_awaitable(store->history("00001", 10, 10));
  ASSERT_EQ(history->events.size(), 2U);
  EXPECT_EQ(std::get<domain::Report>(history->events[1].what), report);
  EXPECT_EQ(history->running->image, (domain::RunningImage{"0.1.0", {1}}));
  EXPECT_EQ(*run_awaitable(store->root(1)), "first");
}

TEST_F(SqliteStore, WritesNothingForAReportThatIsThereOrAnImageThatIsKnown) {
  const auto store = open();
  ASSERT_TRUE(
      run_awaitable(store->put_device(domain::Device{"00001", "0.1.0", "app.bin"}, some_change()))
          .has_value());
  domain::Report report;
  report.sequence = 1;
  ASSERT_TRUE(report.deployment.assign("d") && report.version.assign("0.2.0"));
  ASSERT_TRUE(run_awaitable(store->record_report("00001", report, {})).has_value());
  ASSERT_TRUE(run_awaitable(store->record_running("00001", {"0.1.0", {1}}, {})).has_value());
  const std::filesystem::path log = directory_.path() / "fuota.db-wal";
  const auto bytes = std::filesystem::file_size(log);
  ASSERT_TRUE(run_awaitable(store->record_report("00001", report, {})).has_value());
  ASSERT_TRUE(run_awaitable(store->record_running("00001", {"0.1.0", {1}}, {})).has_value());
  EXPECT_EQ(std::filesystem::file_size(log), bytes);
}

TEST_F(SqliteStore, KeepsContactsOverACleanStopWithoutBeingAsked) {
  const domain::Contact contact{"00001", {}, "0.1.0", "192.0.2.1"};
  {
    const auto store = open();
    know(*store, "00001");
    store->record_contact(contact);
  }
  const auto store = open();
  EXPECT_EQ(run_awaitable(store->history("00001", 1, 1))->contact, contact);
}

TEST_F(SqliteStore, WritesNothingForAContactBeforeItsBatch) {
  const auto store = open_with_interval(std::chrono::hours(1));
  know(*store, "00001");
  const auto before = log_bytes();
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(store->facts_for_check({"00001", "0.1.0"}).has_value());
    store->record_contact({"00001", {}, "0.1.0", "192.0.2.1"});
  }
  EXPECT_EQ(log_bytes(), before);
  ASSERT_TRUE(run_awaitable(store->flush_contacts()).has_value());
  EXPECT_GT(log_bytes(), before);
  EXPECT_EQ(store->contact_counts().batches, 1U);
}

TEST_F(SqliteStore, WritesABatchOfContactsAfterTheInterval) {
  const auto store = open_with_interval(std::chrono::milliseconds(1));
  know(*store, "00001");
  store->record_contact({"00001", {}, "0.1.0", "192.0.2.1"});
  while (store->contact_counts().batches == 0) std::this_thread::yield();
  EXPECT_EQ(store->contact_counts().pending, 0U);
}

TEST_F(SqliteStore, WritesABatchOfContactsEarlierWhenThereAreMany) {
  const auto store = open_with_interval(std::chrono::hours(1));
  for (std::size_t i = 0; i < kContactDevicesMax / 4; ++i) {
    store->record_contact({std::to_string(i), {}, "0.1.0", "192.0.2.1"});
  }
  while (store->contact_counts().batches == 0) std::this_thread::yield();
}

TEST_F(SqliteStore, SeesWithTheNextReadWhatAnotherProcessChangesWhileDevicesAsk) {
  const auto store = open_with_interval(std::chrono::hours(1));
  know(*store, "00001");
  store->record_contact({"00001", {}, "0.1.0", "192.0.2.1"});
  ASSERT_TRUE(run_awaitable(store->flush_contacts()).has_value());
  SQLite::Database other(directory_.path() / "fuota.db", SQLite::OPEN_READWRITE);
  other.exec("UPDATE device SET version = '0.2.0'");
  EXPECT_EQ(store->facts_for_check({"00001", "0.1.0"})->device->version, "0.2.0");
  know(*store, "00001");
  EXPECT_EQ(store->facts_for_check({"00001", "0.1.0"})->device->version, "0.1.0");
}

/// What holds the readers' lock must not keep the log from beginning anew.
TEST_F(SqliteStore, LetsTheWriteAheadLogNotGrowWhileDevicesAsk) {
  constexpr std::uintmax_t kLogBytesMax = 8U << 20;  // SQLite's checkpoint comes at half of that.
  constexpr std::size_t kDocumentBytes = 100'000;
  const auto store = open_with_interval(std::chrono::hours(1));
  know(*store, "00001");
  for (std::uint32_t version = 1; version <= 160; ++version) {
    store->record_contact({"00001", {}, "0.1.0", "192.0.2.1"});
    ASSERT_TRUE(run_awaitable(store->flush_contacts()).has_value());
    const std::string document(kDocumentBytes, 'x');
    ASSERT_TRUE(run_awaitable(store->put_root(version, document, some_change())).has_value());
    ASSERT_TRUE(store->facts_for_check({"00001", "0.1.0"}).has_value());
  }
  EXPECT_LT(log_bytes(), kLogBytesMax);
}

TEST_F(SqliteStore, KeepsContactsThatTheDatabaseDidNotTakeAndSaysWhy) {
  const domain::Contact contact{"00001", {}, "0.1.0", "192.0.2.1"};
  const auto store = open_with_interval(std::chrono::hours(1));
  know(*store, "00001");
  store->record_contact(contact);
  {
    SQLite::Database other(directory_.path() / "fuota.db", SQLite::OPEN_READWRITE);
    other.exec(
        "CREATE TRIGGER refuse BEFORE INSERT ON contact"
        " BEGIN SELECT raise(ABORT, 'on purpose'); END");
    const auto flushed = run_awaitable(store->flush_contacts());
    ASSERT_FALSE(flushed.has_value());
    EXPECT_THAT(flushed.error().detail, HasSubstr("on purpose"));
    EXPECT_EQ(run_awaitable(store->history("00001", 1, 1))->contact, contact);
    other.exec("DROP TRIGGER refuse");
  }
  ASSERT_TRUE(run_awaitable(store->flush_contacts()).has_value());
  EXPECT_EQ(store->contact_counts().failed_batches, 1U);
  EXPECT_EQ(store->contact_counts().pending, 0U);
}

TEST_F(SqliteStore, KeepsAccountsAndTheAuditLogOverARestart) {
  const domain::Account account{"anna", domain::Role::admin, "hash", {}};
  {
    const auto store = open();
    ASSERT_TRUE(run_awaitable(store->create_account(account, some_change())).has_value());
    ASSERT_TRUE(
        run_awaitable(store->put_device_credential("00001", {1}, some_change())).has_value());
  }
  const auto store = open();
  EXPECT_EQ(*run_awaitable(store->account("anna")), account);
  EXPECT_TRUE(store->device_credential("00001")->has_value());
  EXPECT_EQ(run_awaitable(store->audit({}))->size(), 2U);
}

TEST_F(SqliteStore, LetsNobodyChangeTheAuditLog) {
  know(*open(), "00001");
  SQLite::Database database(directory_.path() / "fuota.db", SQLite::OPEN_READWRITE);
  for (const char* change : {"UPDATE audit SET by_whom = 'nobody'", "DELETE FROM audit"}) {
    EXPECT_THROW(database.exec(change), SQLite::Exception) << change;
  }
  EXPECT_EQ(database.execAndGet("SELECT count(*) FROM audit").getInt(), 1);
}

TEST_F(SqliteStore, HasTheDatabaseLockedForReadersUntilThatIsLetGo) {
  know(*open(), "00001");
  const std::string path = directory_.path() / "fuota.db";
  SQLite::Database database(path, SQLite::OPEN_READWRITE);
  // Its first column says whether it was kept from it by a lock.
  const auto begin_log_anew = [&database] {
    return database.execAndGet("PRAGMA wal_checkpoint(RESTART)").getInt();
  };
  database.exec("UPDATE device SET version = '0.2.0'");
  ReadLock lock(path);
  EXPECT_EQ(begin_log_anew(), 0);
  database.exec("UPDATE device SET version = '0.3.0'");
  lock.hold();
  EXPECT_EQ(begin_log_anew(), 1);
  lock.let_go();
  EXPECT_EQ(begin_log_anew(), 0);
}

TEST_F(SqliteStore, LooksUpACheckByPrimaryKeysAlone) {
  struct Row {
    const char* query;
    int searches;
  };
  open();
  SQLite::Database database(directory_.path() / "fuota.db");
  for (const Row& row : {Row{kRowQuery, 1}, Row{kOfferQuery, 2}, Row{kHighestRootQuery, 1}}) {
    SQLite::Statement plan(database, std::string("EXPLAIN QUERY PLAN ") + row.query);
    int searches = 0;
    while (plan.executeStep()) {
      EXPECT_THAT(plan.getColumn(3).getString(),
                  AnyOf(HasSubstr("USING PRIMARY KEY"), Eq("SEARCH root")));
      ++searches;
    }
    EXPECT_EQ(searches, row.searches) << row.query;
  }
}

/// Many callers at a time, each of whose changes is answered when it is durable.
TEST_F(SqliteStore, MakesChangesThatComeAtTheSameTimeEachWhollyOrNotAtAll) {
  constexpr int kChanges = 600;
  const auto store = open();
  boost::asio::io_context context;
  int made = 0;
  int refused = 0;
  for (int i = 0; i < kChanges; ++i) {
    const std::string id = std::to_string(i);
    const auto count = [&made, &refused](std::exception_ptr, Result<void> outcome) {
      ++(outcome ? made : refused);
    };
    boost::asio::co_spawn(context, store->put_device({id, "0.1.0", "app.bin"}, some_change()),
                          count);
    boost::asio::co_spawn(context, store->remove_device("not " + id, some_change()), count);
  }
  context.run();
  EXPECT_EQ(made, kChanges);
  EXPECT_EQ(refused, kChanges);
  EXPECT_EQ(run_awaitable(store->devices_after("", 10'000))->size(), kChanges);
  domain::AuditQuery all;
  all.count_max = 10'000;
  EXPECT_EQ(run_awaitable(store->audit(all))->size(), kChanges);
}

TEST_F(SqliteStore, RefusesADatabaseOfALaterVersion) {
  open();
  SQLite::Database(directory_.path() / "fuota.db", SQLite::OPEN_READWRITE)
      .exec("PRAGMA user_version = 99");
  const auto store = open_sqlite_store(directory_.path(), 1);
  ASSERT_FALSE(store.has_value());
  EXPECT_THAT(store.error().detail, HasSubstr("schema version 99"));
}

TEST_F(SqliteStore, RefusesADatabaseOfAnotherProgram) {
  SQLite::Database(directory_.path() / "fuota.db", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE diary (entry TEXT)");
  const auto store = open_sqlite_store(directory_.path(), 1);
  ASSERT_FALSE(store.has_value());
  EXPECT_THAT(store.error().detail, HasSubstr("not made by fuota-server"));
}

TEST_F(SqliteStore, RefusesAFileThatIsNoDatabase) {
  write(directory_.path() / "fuota.db", std::string(4096, 'x'));
  const auto store = open_sqlite_store(directory_.path(), 1);
  ASSERT_FALSE(store.has_value());
  EXPECT_THAT(store.error().detail, HasSubstr("fuota.db"));
}

TEST_F(SqliteStore, WritesAheadSoThatReadersNeverWait) {
  open();
  SQLite::Database database(directory_.path() / "fuota.db", SQLite::OPEN_READWRITE);
  EXPECT_EQ(database.execAndGet("PRAGMA journal_mode").getString(), "wal");
}

TEST_F(SqliteStore, AlwaysGivesAWholeContentWhileItsNameIsReplaced) {
  const auto store = open();
  const std::string contents[] = {std::string(100'000, 'a'), std::string(150'000, 'b')};
  publish(*store, "app.bin", contents[0]);
  std::atomic<bool> done{false};
  std::atomic<int> torn{0};
  std::atomic<int> reads{0};
  std::array<std::jthread, 2> readers;
  for (std::jthread& reader : readers) {
    reader = std::jthread([&] {
      while (!done) {
        const std::string content = content_of(*store, "app.bin");
        if (content != contents[0] && content != contents[1]) ++torn;
        ++reads;
      }
    });
  }
  while (reads == 0) std::this_thread::yield();
  for (int i = 1; i <= 30; ++i) publish(*store, "app.bin", contents[i % 2]);
  done = true;
  for (std::jthread& reader : readers) reader.join();
  EXPECT_EQ(torn, 0);
  EXPECT_GT(reads, 0);
}

TEST_F(SqliteStore, WritesToTheDatabaseToShowThatItCan) {
  const auto store = open();
  const std::filesystem::path log = directory_.path() / "fuota.db-wal";
  const auto before = std::filesystem::file_size(log);
  ASSERT_TRUE(run_awaitable(store->probe()).has_value());
  EXPECT_GT(std::filesystem::file_size(log), before);
}

TEST_F(SqliteStore, TellsOfEachBatchOfContactsThatIsDurable) {
  std::vector<std::size_t> batches;
  SqliteStoreSettings settings;
  settings.contact_interval = std::chrono::hours(1);
  settings.on_contact_batch = [&batches](std::size_t devices, std::chrono::nanoseconds duration) {
    EXPECT_GT(duration.count(), 0);
    batches.push_back(devices);
  };
  auto store = std::move(*open_sqlite_store(directory_.path(), settings));
  for (const char* device : {"00001", "00002", "00001"}) {
    store->record_contact({device, {}, "0.1.0", "192.0.2.1"});
  }
  ASSERT_TRUE(run_awaitable(store->flush_contacts()));
  ASSERT_TRUE(run_awaitable(store->flush_contacts()));
  EXPECT_THAT(batches, testing::ElementsAre(2));
}

TEST_F(SqliteStore, LetsNoEntryOfTheAuditLogGoOfWhichTheNewestDoesNotSaySo) {
  auto store = open_with_interval(std::chrono::hours(1));
  know(*store, "00001");
  ASSERT_EQ(*run_awaitable(store->shorten_audit(domain::Time(std::chrono::seconds(4'000'000'000)),
                                                some_change())),
            1U);
  know(*store, "00002");
  SQLite::Database other(directory_.path() / "fuota.db", SQLite::OPEN_READWRITE);
  for (const char* statement :
       {"DELETE FROM audit", "DELETE FROM audit WHERE number = 2",
        "DELETE FROM audit WHERE number = 3", "UPDATE audit SET by_whom = 'nobody'",
        "UPDATE audit SET object = '9' WHERE action = 'audit.shorten'"}) {
    EXPECT_THROW(other.exec(statement), SQLite::Exception) << statement;
  }
}

}  // namespace
}  // namespace fuota::server::storage
