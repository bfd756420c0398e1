#include "server/storage/sqlite/garbage.hpp"

#include <algorithm>
#include <system_error>

#include "server/storage/durable_file.hpp"
#include "server/storage/sqlite/data_files.hpp"
#include "server/storage/sqlite/database_file.hpp"

namespace fuota::server::storage {
namespace {

namespace fs = std::filesystem;

Failure failure_of(const fs::path& path, const std::error_code& error) {
  return Failure{StoreError::unavailable, path.string() + ": " + error.message()};
}

/// The regular files in a folder, links excepted; none where there is no such folder: a backup has
/// none for uploads.
Result<std::vector<fs::path>> files_in(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->symlink_status(error).type() == fs::file_type::regular) {
      files.push_back(entry->path());
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) return failure_of(folder, error);
  return files;
}

Result<void> remove(const fs::path& directory, const fs::path& file, Garbage& garbage) {
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(file, error);
  if (error || !fs::remove(file, error)) return failure_of(file, error);
  garbage.bytes += bytes;
  garbage.removed.push_back(file.lexically_relative(directory).string());
  return {};
}

}  // namespace

Result<Garbage> remove_garbage(const fs::path& directory) {
  auto database = DatabaseFile::open(directory / kDatabaseFile);
  if (!database) return database.error();
  const fs::path folder = directory / kBlobFolder;
  auto blobs = files_in(folder);
  if (!blobs) return blobs.error();
  auto incoming = files_in(folder / kIncomingFolder);
  if (!incoming) return incoming.error();
  Garbage garbage;
  for (const fs::path& file : *blobs) {
    const auto digest = digest_from_hex(file.filename().string());
    if (!digest) continue;
    const auto referenced = database->is_referenced(*digest);
    if (!referenced) return referenced.error();
    if (*referenced) continue;
    if (auto removed = remove(directory, file, garbage); !removed) return removed.error();
  }
  for (const fs::path& file : *incoming) {
    if (auto removed = remove(directory, file, garbage); !removed) return removed.error();
  }
  if (auto synced = sync_path(folder); !synced) return synced.error();
  std::sort(garbage.removed.begin(), garbage.removed.end());
  return garbage;
}

}  // namespace fuota::server::storage
