// What the store in a directory does when its threads find no memory: whatever they lack it for,
// those who wait are told, nothing is done by halves, and all is well when there is memory again.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "server/storage/sqlite/sqlite_store.hpp"
#include "tests/support/server/memory_fault.hpp"
#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/some_change.hpp"
#include "tests/support/server/temporary_directory.hpp"

namespace {

using test_support::MemoryFault;

sqlite3_mem_methods real_methods;

void* allocate_for_sqlite(int bytes) {
  return MemoryFault::may_allocate() ? real_methods.xMalloc(bytes) : nullptr;
}

void* reallocate_for_sqlite(void* memory, int bytes) {
  return MemoryFault::may_allocate() ? real_methods.xRealloc(memory, bytes) : nullptr;
}

/// Before SQLite is used for the first time.
bool put_between() {
  ::sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_methods);
  sqlite3_mem_methods methods = real_methods;
  methods.xMalloc = allocate_for_sqlite;
  methods.xRealloc = reallocate_for_sqlite;
  return ::sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK;
}

}  // namespace

namespace fuota::server::storage {
namespace {

using test_support::read_content;
using test_support::run_awaitable;
using test_support::some_change;

class MemoryFaults : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    static const bool between = put_between();
    ASSERT_TRUE(between);
  }

  void SetUp() override { store_ = open(); }

  std::unique_ptr<Store> open() {
    SqliteStoreSettings settings;
    settings.contact_interval = std::chrono::hours(1);
    auto store = open_sqlite_store(directory_.path(), settings);
    if (!store) throw std::runtime_error(store.error().detail);
    return std::move(*store);
  }

  template <typename Attempt>
  static void try_at_each_allocation(Attempt attempt) {
    EXPECT_TRUE(test_support::try_at_each_allocation(attempt)) << "there never is enough memory";
  }

  static void expect_unavailable(const Result<void>& result) {
    EXPECT_EQ(result.error().code, StoreError::unavailable) << result.error().detail;
  }

  std::size_t devices() { return run_awaitable(store_->devices_after("", 100'000))->size(); }
  std::size_t audit_lines() {
    domain::AuditQuery all;
    all.count_max = 100'000;
    return run_awaitable(store_->audit(all))->size();
  }

  test_support::TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST_F(MemoryFaults, OfAChangeAreToldAndOver) {
  std::size_t made = 0;
  try_at_each_allocation([&](int number) {
    const auto put = run_awaitable(
        store_->put_device({"n" + std::to_string(number), "0.1.0", "app.bin"}, some_change()));
    if (put) {
      ++made;
    } else {
      expect_unavailable(put);
    }
  });
  EXPECT_EQ(devices(), made);
  EXPECT_EQ(audit_lines(), made);
  store_.reset();
  store_ = open();
  EXPECT_EQ(devices(), made);
}

TEST_F(MemoryFaults, OfManyChangesAtATimeTakeNoneBackThatWasAcknowledged) {
  constexpr int kChanges = 20;
  std::size_t made = 0;
  try_at_each_allocation([&](int number) {
    boost::asio::io_context context;
    for (int i = 0; i < kChanges; ++i) {
      const std::string id = "n" + std::to_string(number) + "-" + std::to_string(i);
      boost::asio::co_spawn(context, store_->put_device({id, "0.1.0", "app.bin"}, some_change()),
                            [&](const std::exception_ptr& thrown, Result<void> put) {
                              EXPECT_FALSE(thrown);
                              if (put) ++made;
                            });
    }
    context.run();
  });
  EXPECT_EQ(devices(), made);
  EXPECT_EQ(audit_lines(), made);
}

TEST_F(MemoryFaults, OfAnUploadLeaveTheFileAsItWas) {
  std::string content = "none";
  try_at_each_allocation([&](int number) {
    const std::string next = std::to_string(number);
    auto upload = run_awaitable(store_->begin_upload());
    if (!upload) return;
    if (!run_awaitable((*upload)->append(next))) return;
    if (run_awaitable(store_->publish("app.bin", std::move(*upload), some_change()))) {
      content = next;
    }
  });
  const auto file = run_awaitable(store_->open_file("app.bin"));
  ASSERT_TRUE(file);
  EXPECT_EQ(read_content(*file), content);
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path() / "blobs" / "incoming"));
}

TEST_F(MemoryFaults, KeepContacts) {
  ASSERT_TRUE(run_awaitable(store_->put_device({"00001", "0.1.0", "app.bin"}, some_change())));
  const domain::Contact contact{"00001", {}, "0.1.0", "192.0.2.1"};
  store_->record_contact(contact);
  try_at_each_allocation([&](int) {
    const auto flushed = run_awaitable(store_->flush_contacts());
    if (!flushed) expect_unavailable(flushed);
  });
  EXPECT_EQ(store_->contact_counts().pending, 0U);
  EXPECT_EQ(run_awaitable(store_->history("00001", 1, 1))->contact, contact);
}

}  // namespace
}  // namespace fuota::server::storage
