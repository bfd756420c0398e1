#include "server/storage/sqlite/examination.hpp"

#include <algorithm>
#include <system_error>

#include "server/storage/durable_file.hpp"
#include "server/storage/sqlite/data_files.hpp"
#include "server/storage/sqlite/database_file.hpp"

namespace fuota::server::storage {
namespace {

namespace fs = std::filesystem;

/// Damages of the database that are told; there may be thousands, and the remedy is one.
constexpr std::size_t kDatabaseDamagesMax = 20;

/// What is wrong with the content of a file; empty when nothing is.
std::string fault_of_blob(const fs::path& path, const ContentId& expected) {
  const auto found = identify_file(path);
  if (!found && found.error().code == StoreError::not_found) return "is missing";
  if (!found) return "can't be read: " + found.error().detail;
  if (found->size_bytes != expected.size_bytes) {
    return "has " + std::to_string(found->size_bytes) + " bytes, not " +
           std::to_string(expected.size_bytes);
  }
  return *found == expected ? "" : "has another content";
}

Result<void> examine_database(DatabaseFile& database, Examination& examination) {
  auto damages = database.damages();
  if (!damages) return damages.error();
  if (damages->size() > kDatabaseDamagesMax) damages->resize(kDatabaseDamagesMax);
  for (const std::string& damage : *damages) {
    examination.damages.push_back("database: " + damage + ": restore a backup");
  }
  return {};
}

Result<void> examine_blobs(DatabaseFile& database, const fs::path& folder,
                           Examination& examination) {
  const auto blobs = database.referenced_blobs();
  if (!blobs) return blobs.error();
  for (const ContentId& blob : *blobs) {
    const std::string fault = fault_of_blob(folder / to_hex(blob.sha256), blob);
    ++examination.blobs;
    examination.bytes += blob.size_bytes;
    if (fault.empty()) continue;
    // Its name may have been replaced or removed meanwhile.
    const auto still = database.is_referenced(blob.sha256);
    if (!still) return still.error();
    if (!*still) continue;
    examination.damages.push_back("blob " + to_hex(blob.sha256) + " " + fault +
                                  ": upload the file again, or restore a backup");
  }
  return {};
}

Result<void> find_leftovers(DatabaseFile& database, const fs::path& folder, bool held,
                            Examination& examination) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const auto digest = digest_from_hex(entry.path().filename().string());
    if (!digest) continue;
    const auto referenced = database.is_referenced(*digest);
    if (!referenced) return referenced.error();
    if (!*referenced) {
      examination.leftovers.push_back("blob " + to_hex(*digest) + " belongs to no file");
    }
  }
  if (held) return {};
  for (const fs::directory_entry& entry : fs::directory_iterator(folder / kIncomingFolder, error)) {
    examination.leftovers.push_back("an upload was broken off: " + entry.path().string());
  }
  return {};
}

}  // namespace

Result<Examination> examine(const fs::path& directory, bool held) {
  auto database = DatabaseFile::open(directory / kDatabaseFile);
  if (!database) return database.error();
  Examination examination;
  examination.schema_version = database->version();
  if (auto done = examine_database(*database, examination); !done) return done.error();
  // Where pages are damaged, what the tables say is worth nothing.
  if (!examination.damages.empty() || examination.schema_version == 0) return examination;
  const fs::path folder = directory / kBlobFolder;
  if (auto done = examine_blobs(*database, folder, examination); !done) return done.error();
  if (auto done = find_leftovers(*database, folder, held, examination); !done) {
    return done.error();
  }
  std::sort(examination.leftovers.begin(), examination.leftovers.end());
  return examination;
}

}  // namespace fuota::server::storage
