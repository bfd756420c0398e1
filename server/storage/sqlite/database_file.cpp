#include "server/storage/sqlite/database_file.hpp"

#include <SQLiteCpp/Exception.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <type_traits>

#include "server/storage/durable_file.hpp"
#include "server/storage/sqlite/schema.hpp"
#include "server/storage/sqlite/statement_scope.hpp"

namespace fuota::server::storage {
namespace {

/// Only the owner may read a copy: it holds what passwords hash to.
constexpr mode_t kCopyMode = 0600;

template <typename Query>
Result<std::invoke_result_t<Query>> guarded(Query query) {
  try {
    return Result<std::invoke_result_t<Query>>(boost::system::in_place_value, query());
  } catch (const SQLite::Exception& exception) {
    return failure_from_sqlite(exception);
  }
}

}  // namespace

Result<DatabaseFile> DatabaseFile::open(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return Failure{StoreError::not_found, "there is no " + path.string()};
  }
  try {
    auto database = std::make_unique<SQLite::Database>(
        path.string(), SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, kBusyTimeoutMs);
    const auto version = known_version(*database);
    if (!version) {
      return Failure{version.error().code, path.string() + ": " + version.error().detail};
    }
    return DatabaseFile(std::move(database), *version);
  } catch (const SQLite::Exception& exception) {
    Failure failure = failure_from_sqlite(exception);
    failure.detail = path.string() + ": " + failure.detail;
    return failure;
  }
}

Result<ChangesHeld> ChangesHeld::take(const std::filesystem::path& path) {
  auto held = guarded([&path] {
    auto database = std::make_unique<SQLite::Database>(
        path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, kBusyTimeoutMs);
    database->exec("BEGIN IMMEDIATE");
    return database;
  });
  if (!held) return held.error();
  return ChangesHeld(std::move(*held));
}

Result<std::vector<std::string>> DatabaseFile::damages() {
  return guarded([this] {
    std::vector<std::string> lines;
    SQLite::Statement check(*database_, "PRAGMA integrity_check");
    while (check.executeStep()) lines.push_back(check.getColumn(0).getString());
    if (lines == std::vector<std::string>{"ok"}) lines.clear();
    return lines;
  });
}

Result<std::vector<ContentId>> DatabaseFile::referenced_blobs() {
  return guarded([this] {
    std::vector<ContentId> blobs;
    SQLite::Statement query(*database_,
                            "SELECT blob_sha256, max(size_bytes) FROM file GROUP BY blob_sha256");
    while (query.executeStep()) {
      blobs.push_back(
          {digest_column(query, 0), static_cast<std::uint64_t>(query.getColumn(1).getInt64())});
    }
    return blobs;
  });
}

Result<bool> DatabaseFile::is_referenced(const Sha256Digest& digest) {
  return guarded([&] {
    SQLite::Statement query(*database_, "SELECT 1 FROM file WHERE blob_sha256 = ? LIMIT 1");
    bind_digest(query, 1, digest);
    return query.executeStep();
  });
}

Result<void> DatabaseFile::copy_to(const std::filesystem::path& path) {
  {
    // SQLite writes into an empty file, and would make one that others may read.
    const FileDescriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kCopyMode));
    if (!file.valid()) return failure_from_errno("create " + path.string());
  }
  const auto copied = guarded([&] {
    SQLite::Statement copy(*database_, "VACUUM INTO ?");
    copy.bind(1, path.string());
    return copy.exec();
  });
  if (!copied) return copied.error();
  return sync_path(path);
}

}  // namespace fuota::server::storage
