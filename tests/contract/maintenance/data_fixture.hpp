#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "server/storage/sqlite/sqlite_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/some_change.hpp"
#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server::storage {

/// A data directory with a device and two files, and what a test does to it.
class DataTest : public testing::Test {
 protected:
  DataTest() {
    std::filesystem::create_directory(data());
    const auto store = open();
    publish(*store, "app.bin", "content");
    publish(*store, "other.bin", "another content");
    EXPECT_TRUE(test_support::run_awaitable(
        store->put_device({"00001", "0.1.0", "app.bin"}, test_support::some_change())));
  }

  [[nodiscard]] std::filesystem::path data() const { return directory_.path() / "data"; }
  [[nodiscard]] std::filesystem::path backup() const { return directory_.path() / "backup"; }
  [[nodiscard]] std::filesystem::path target() const { return directory_.path() / "target"; }

  [[nodiscard]] std::unique_ptr<Store> open() const { return open(data()); }
  static std::unique_ptr<Store> open(const std::filesystem::path& directory) {
    auto store = open_sqlite_store(directory, 1);
    if (!store) throw std::runtime_error(store.error().detail);
    return std::move(*store);
  }

  static void publish(Store& store, const std::string& name, const std::string& content) {
    auto upload = std::move(*test_support::run_awaitable(store.begin_upload()));
    ASSERT_TRUE(test_support::run_awaitable(upload->append(content)));
    ASSERT_TRUE(test_support::run_awaitable(
        store.publish(name, std::move(upload), test_support::some_change())));
  }

  /// Where a folder of data keeps this content.
  static std::filesystem::path blob(const std::filesystem::path& directory,
                                    const std::string& content) {
    Sha256 hash;
    hash.update(content);
    return directory / "blobs" / to_hex(hash.finish());
  }

  static void write(const std::filesystem::path& file, const std::string& text) {
    std::ofstream(file) << text;
  }

  static std::string read(const std::filesystem::path& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  test_support::TemporaryDirectory directory_;
};

}  // namespace fuota::server::storage
