// What the store in a directory does when the disk, or another process, is in its way.

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "server/storage/sqlite/sqlite_store.hpp"
#include "tests/support/server/disk_fault.hpp"
#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/some_change.hpp"
#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server::storage {
namespace {

namespace fs = std::filesystem;
using test_support::DiskFault;
using test_support::DiskTrouble;
using test_support::read_content;
using test_support::run_awaitable;
using test_support::some_change;
using testing::HasSubstr;

class DiskFaults : public testing::Test {
 protected:
  void SetUp() override {
    store_ = open();
    publish("app.bin", "content");
    ASSERT_EQ(put("00001"), std::nullopt);
    // What is asked now comes from the disk.
    store_.reset();
    store_ = open();
  }

  std::unique_ptr<Store> open() {
    SqliteStoreSettings settings;
    settings.busy_timeout = std::chrono::milliseconds(1);
    settings.contact_interval = std::chrono::hours(1);
    auto store = open_sqlite_store(directory_.path(), settings);
    if (!store) throw std::runtime_error(store.error().detail);
    return std::move(*store);
  }

  template <typename T>
  static std::optional<StoreError> error_of(const Result<T>& result) {
    if (result) return std::nullopt;
    return result.error().code;
  }

  std::optional<StoreError> put(const std::string& id) {
    return error_of(run_awaitable(store_->put_device({id, "0.1.0", "app.bin"}, some_change())));
  }

  void publish(const std::string& name, const std::string& content) {
    auto upload = std::move(*run_awaitable(store_->begin_upload()));
    ASSERT_TRUE(run_awaitable(upload->append(content)));
    ASSERT_TRUE(run_awaitable(store_->publish(name, std::move(upload), some_change())));
  }

  std::string content_of(const std::string& name) {
    const auto content = run_awaitable(store_->open_file(name));
    return content ? read_content(*content) : "no content";
  }

  [[nodiscard]] bool nothing_is_arriving() const {
    return fs::is_empty(directory_.path() / "blobs" / "incoming");
  }

  std::size_t devices() { return run_awaitable(store_->devices_after("", 10'000))->size(); }
  std::size_t audit_lines() {
    domain::AuditQuery all;
    all.count_max = 10'000;
    return run_awaitable(store_->audit(all))->size();
  }

  test_support::TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

struct Trouble {
  const char* name;
  DiskTrouble trouble;
  StoreError told;
};

class WriteTrouble : public DiskFaults, public testing::WithParamInterface<Trouble> {};

TEST_P(WriteTrouble, OfARowIsToldAndOver) {
  {
    const DiskFault fault(directory_.path(), GetParam().trouble);
    EXPECT_EQ(put("00002"), GetParam().told);
    EXPECT_EQ(error_of(run_awaitable(store_->probe())), GetParam().told);
    // Checks are answered on.
    EXPECT_TRUE(store_->facts_for_check({"00001", "0.1.0"})->device.has_value());
  }
  EXPECT_EQ(devices(), 1U);
  EXPECT_EQ(put("00002"), std::nullopt);
  EXPECT_EQ(devices(), 2U);
  EXPECT_EQ(audit_lines(), 3U);
}

TEST_P(WriteTrouble, OfAnUploadIsToldAndNothingOfItStays) {
  auto upload = std::move(*run_awaitable(store_->begin_upload()));
  ASSERT_TRUE(run_awaitable(upload->append("half")));
  {
    const DiskFault fault(directory_.path(), GetParam().trouble);
    EXPECT_EQ(error_of(run_awaitable(upload->append("the other half"))), GetParam().told);
  }
  upload.reset();
  EXPECT_TRUE(nothing_is_arriving());
  publish("other.bin", "whole");
  EXPECT_EQ(content_of("other.bin"), "whole");
}

TEST_P(WriteTrouble, AtTheEndOfAnUploadLeavesWhatThereWas) {
  auto upload = std::move(*run_awaitable(store_->begin_upload()));
  ASSERT_TRUE(run_awaitable(upload->append("new")));
  {
    const DiskFault fault(directory_.path(), GetParam().trouble);
    EXPECT_EQ(error_of(run_awaitable(store_->publish("app.bin", std::move(upload), some_change()))),
              GetParam().told);
  }
  EXPECT_TRUE(nothing_is_arriving());
  EXPECT_EQ(content_of("app.bin"), "content");
}

TEST_P(WriteTrouble, KeepsContactsInMemory) {
  const domain::Contact contact{"00001", {}, "0.1.0", "192.0.2.1"};
  store_->record_contact(contact);
  {
    const DiskFault fault(directory_.path(), GetParam().trouble);
    EXPECT_EQ(error_of(run_awaitable(store_->flush_contacts())), GetParam().told);
    EXPECT_EQ(run_awaitable(store_->history("00001", 1, 1))->contact, contact);
  }
  EXPECT_EQ(error_of(run_awaitable(store_->flush_contacts())), std::nullopt);
  EXPECT_EQ(store_->contact_counts().pending, 0U);
}

/// Changes that share a transaction share its end.
TEST_P(WriteTrouble, OfManyChangesAtATimeLosesNoneThatWasAcknowledged) {
  constexpr int kChanges = 400;
  std::size_t acknowledged = devices();
  {
    boost::asio::io_context context;
    const auto change = [&](int number) {
      boost::asio::co_spawn(
          context,
          store_->put_device({"n" + std::to_string(number), "0.1.0", "app.bin"}, some_change()),
          [&](std::exception_ptr, Result<void> made) {
            if (made) {
              ++acknowledged;
            } else {
              EXPECT_EQ(made.error().code, GetParam().told) << made.error().detail;
            }
          });
    };
    for (int i = 0; i < kChanges; ++i) change(i);
    const DiskFault fault(directory_.path(), GetParam().trouble);
    context.run();
  }
  EXPECT_EQ(devices(), acknowledged);
  store_.reset();
  store_ = open();
  EXPECT_EQ(devices(), acknowledged);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, WriteTrouble,
    testing::Values(Trouble{"Full", DiskTrouble::full, StoreError::full},
                    Trouble{"OverQuota", DiskTrouble::over_quota, StoreError::full},
                    Trouble{"FileTooLarge", DiskTrouble::file_too_large, StoreError::full},
                    Trouble{"ReadOnly", DiskTrouble::read_only, StoreError::unavailable}),
    [](const auto& row) { return row.param.name; });

TEST_F(DiskFaults, LetNoFileBeOpenedWithoutDescriptorsUntilThereAreSome) {
  {
    const DiskFault fault(directory_.path(), DiskTrouble::no_descriptors);
    EXPECT_EQ(error_of(run_awaitable(store_->open_file("app.bin"))), StoreError::unavailable);
    EXPECT_EQ(error_of(run_awaitable(store_->begin_upload())), StoreError::unavailable);
    EXPECT_EQ(put("00002"), std::nullopt);
  }
  EXPECT_EQ(content_of("app.bin"), "content");
}

TEST_F(DiskFaults, OfReadingAreToldAndOver) {
  {
    const DiskFault fault(directory_.path(), DiskTrouble::unreadable);
    EXPECT_EQ(error_of(store_->facts_for_check({"00001", "0.1.0"})), StoreError::unavailable);
  }
  EXPECT_EQ(error_of(store_->facts_for_check({"00001", "0.1.0"})), std::nullopt);
}

TEST_F(DiskFaults, AnotherProcessThatHoldsTheDatabaseKeepsNoCheckAndLosesNothing) {
  const domain::Contact contact{"00001", {}, "0.1.0", "192.0.2.1"};
  {
    SQLite::Database other(directory_.path() / "fuota.db", SQLite::OPEN_READWRITE);
    other.exec("BEGIN IMMEDIATE");
    EXPECT_EQ(put("00002"), StoreError::unavailable);
    store_->record_contact(contact);
    EXPECT_EQ(error_of(run_awaitable(store_->flush_contacts())), StoreError::unavailable);
    EXPECT_TRUE(store_->facts_for_check({"00001", "0.1.0"})->device.has_value());
    EXPECT_EQ(content_of("app.bin"), "content");
  }
  EXPECT_EQ(put("00002"), std::nullopt);
  EXPECT_EQ(error_of(run_awaitable(store_->flush_contacts())), std::nullopt);
}

class DamagedDatabase : public DiskFaults {
 protected:
  /// Fills the database from `offset` on with what means nothing.
  void damage(std::streamoff offset) const {
    const fs::path path = directory_.path() / "fuota.db";
    const auto size = static_cast<std::streamoff>(fs::file_size(path));
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(offset);
    file << std::string(static_cast<std::size_t>(size - offset), '?');
  }
};

TEST_F(DamagedDatabase, IsToldAtTheStartWithTheRemedy) {
  store_.reset();
  for (const std::streamoff offset : {4096, 100, 0}) {
    damage(offset);
    const auto store = open_sqlite_store(directory_.path(), 1);
    ASSERT_FALSE(store.has_value()) << offset;
    EXPECT_EQ(store.error().code, StoreError::unavailable);
    EXPECT_THAT(store.error().detail, HasSubstr("restore a backup"));
  }
}

TEST_F(DamagedDatabase, IsToldWhileTheStoreIsOpen) {
  SQLite::Database(directory_.path() / "fuota.db", SQLite::OPEN_READWRITE)
      .exec("PRAGMA wal_checkpoint(TRUNCATE)");
  damage(4096);
  EXPECT_EQ(error_of(store_->facts_for_check({"00001", "0.1.0"})), StoreError::unavailable);
  EXPECT_EQ(put("00002"), StoreError::unavailable);
}

}  // namespace
}  // namespace fuota::server::storage
