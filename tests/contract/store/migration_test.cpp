// Databases of every released schema, as tests/data/schema has them in SQL, opened by this program.

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "server/storage/sqlite/schema.hpp"
#include "server/storage/sqlite/sqlite_store.hpp"
#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/some_change.hpp"
#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server::storage {
namespace {

namespace fs = std::filesystem;
using domain::Device;
using test_support::read_content;
using test_support::run_awaitable;
using test_support::some_change;
using testing::ElementsAre;
using testing::HasSubstr;

/// All rows of a query, a line each.
std::vector<std::string> rows(SQLite::Database& database, const std::string& query) {
  std::vector<std::string> lines;
  SQLite::Statement statement(database, query);
  while (statement.executeStep()) {
    std::string line;
    for (int i = 0; i < statement.getColumnCount(); ++i) {
      line += statement.isColumnNull(i) ? "NULL" : statement.getColumn(i).getString();
      line += "|";
    }
    lines.push_back(line);
  }
  return lines;
}

/// The tables of a database, and of each a query for the columns that it has now.
std::vector<std::string> queries_for_all(SQLite::Database& database) {
  std::vector<std::string> queries;
  SQLite::Statement tables(database,
                           "SELECT name, (SELECT group_concat('quote(' || name || ')')"
                           " FROM pragma_table_info(tables.name))"
                           " FROM sqlite_schema AS tables WHERE type = 'table' ORDER BY name");
  while (tables.executeStep()) {
    queries.push_back("SELECT " + tables.getColumn(1).getString() + " FROM " +
                      tables.getColumn(0).getString() + " ORDER BY 1, 2");
  }
  return queries;
}

class Migration : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    fs::create_directories(directory_.path() / "blobs");
    for (const char* content : {"content", "another content"}) {
      Sha256 hash;
      hash.update(content);
      std::ofstream(directory_.path() / "blobs" / to_hex(hash.finish())) << content;
    }
    SQLite::Database database(file(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    std::ifstream sql(fs::path(TEST_DATA) / "schema" /
                      ("version_" + std::to_string(GetParam()) + ".sql"));
    database.exec(std::string(std::istreambuf_iterator<char>(sql), {}));
    ASSERT_EQ(version(), GetParam());
  }

  [[nodiscard]] fs::path file() const { return directory_.path() / "fuota.db"; }

  [[nodiscard]] int version() const {
    SQLite::Database database(file());
    return database.execAndGet("PRAGMA user_version").getInt();
  }

  std::unique_ptr<Store> open() {
    auto store = open_sqlite_store(directory_.path(), 1);
    if (!store) throw std::runtime_error(store.error().detail);
    return std::move(*store);
  }

  static std::string content_of(Store& store, const std::string& name) {
    const auto content = run_awaitable(store.open_file(name));
    return content ? read_content(*content) : "no content";
  }

  test_support::TemporaryDirectory directory_;
};

TEST_P(Migration, KeepsEveryRow) {
  std::vector<std::string> queries;
  std::vector<std::vector<std::string>> before;
  {
    SQLite::Database database(file());
    queries = queries_for_all(database);
    for (const std::string& query : queries) before.push_back(rows(database, query));
  }
  open();
  SQLite::Database database(file());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    EXPECT_FALSE(before[i].empty()) << queries[i];
    EXPECT_EQ(rows(database, queries[i]), before[i]) << queries[i];
  }
  EXPECT_EQ(version(), kSchemaVersion);
}

TEST_P(Migration, LeadsToTheSchemaOfANewDatabase) {
  open();
  const test_support::TemporaryDirectory fresh;
  ASSERT_TRUE(open_sqlite_store(fresh.path(), 1).has_value());
  SQLite::Database migrated(file());
  SQLite::Database created(fresh.path() / "fuota.db");
  for (const char* query :
       {"SELECT type, name, tbl_name FROM sqlite_schema ORDER BY name",
        "SELECT t.name, c.* FROM sqlite_schema AS t, pragma_table_info(t.name) AS c"
        " WHERE t.type = 'table' ORDER BY t.name, c.cid",
        "PRAGMA application_id", "PRAGMA user_version"}) {
    EXPECT_EQ(rows(migrated, query), rows(created, query));
  }
}

TEST_P(Migration, LeavesDataThatWork) {
  const auto store = open();
  EXPECT_THAT(*run_awaitable(store->devices_after("", 10)),
              ElementsAre(Device{"00001", "0.1.0", "app.bin"}, Device{"00002", "0.1.0", "app.bin"},
                          Device{"\xC3\xBC '\"", "1:0", "not yet.bin"}));
  EXPECT_EQ(content_of(*store, "app.bin"), "content");
  EXPECT_EQ(content_of(*store, "b \xC3\xBC.bin"), "another content");
  const auto first = store->facts_for_check({"00001", "0.1.0"});
  const auto second = store->facts_for_check({"00002", "0.1.0"});
  EXPECT_NE(first->file->deployment, second->file->deployment);
  EXPECT_TRUE(run_awaitable(store->put_device({"00003", "1", "app.bin"}, some_change())));
  EXPECT_TRUE(run_awaitable(store->record_running("00002", {"0.1.0", {1}}, {})));
  EXPECT_EQ(run_awaitable(store->audit({}))->size(), 1U);
}

TEST_P(Migration, HappensOnce) {
  open();
  const auto before = fs::file_size(file());
  open();
  EXPECT_EQ(fs::file_size(file()), before);
}

/// The last step can't be made, when the ones before have been: as good as a power cut there.
TEST_P(Migration, LeavesTheVersionThatItWasWhenItIsBrokenOff) {
  SQLite::Database(file(), SQLite::OPEN_READWRITE).exec("CREATE TABLE contact (obstacle TEXT)");
  std::vector<std::string> schema;
  {
    SQLite::Database database(file());
    schema = rows(database, "SELECT sql FROM sqlite_schema ORDER BY name");
  }
  const auto refused = open_sqlite_store(directory_.path(), 1);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().detail, HasSubstr("contact"));
  EXPECT_EQ(version(), GetParam());
  SQLite::Database database(file(), SQLite::OPEN_READWRITE);
  EXPECT_EQ(rows(database, "SELECT sql FROM sqlite_schema ORDER BY name"), schema);
  database.exec("DROP TABLE contact");
  EXPECT_EQ(run_awaitable(open()->devices_after("", 10))->size(), 3U);
}

INSTANTIATE_TEST_SUITE_P(Versions, Migration, testing::Range(1, kSchemaVersion));

class MigrationOfReports : public Migration {};

TEST_P(MigrationOfReports, KeepsHistoryAndRootDocuments) {
  const auto store = open();
  const auto history = run_awaitable(store->history("00001", 10, 10));
  ASSERT_EQ(history->events.size(), 2U);
  EXPECT_EQ(std::get<domain::Report>(history->events[0].what).detail.view(), "sector 7");
  EXPECT_EQ(history->running->image.version, "0.1.0");
  EXPECT_FALSE(history->contact.has_value());
  EXPECT_EQ(*run_awaitable(store->root(2)), "second root");
}

INSTANTIATE_TEST_SUITE_P(Versions, MigrationOfReports, testing::Range(3, kSchemaVersion));

}  // namespace
}  // namespace fuota::server::storage
