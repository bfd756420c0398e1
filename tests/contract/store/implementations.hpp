#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "server/app/timed_store.hpp"
#include "server/storage/sqlite/sqlite_store.hpp"
#include "server/storage/store.hpp"
#include "tests/support/server/memory_store.hpp"

namespace fuota::server::storage {

/// One implementation of the Store, and how it is opened in an empty folder.
struct Implementation {
  const char* name;
  std::unique_ptr<Store> (*open)(const std::filesystem::path&);
};

inline std::unique_ptr<Store> open_sqlite(const std::filesystem::path& directory) {
  return std::move(*open_sqlite_store(directory, 2));
}

inline std::unique_ptr<Store> open_memory(const std::filesystem::path&) {
  return std::make_unique<test_support::MemoryStore>();
}

/// Destroyed behind the store that passes its calls on to it.
struct InnerStore {
  test_support::MemoryStore inner;
};

class TimedMemoryStore final : private InnerStore, public app::TimedStore {
 public:
  TimedMemoryStore() : TimedStore(inner, {}) {}
};

inline std::unique_ptr<Store> open_timed(const std::filesystem::path&) {
  return std::make_unique<TimedMemoryStore>();
}

inline auto all_implementations() {
  return testing::Values(Implementation{"Sqlite", open_sqlite},
                         Implementation{"Memory", open_memory},
                         Implementation{"Timed", open_timed});
}

inline std::string name_of_implementation(const testing::TestParamInfo<Implementation>& row) {
  return row.param.name;
}

}  // namespace fuota::server::storage
