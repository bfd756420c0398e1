#include "server/storage/sqlite/read_connection.hpp"

#include <algorithm>
#include <cassert>

#include "server/storage/deployment.hpp"
#include "server/storage/sqlite/schema.hpp"

namespace fuota::server::storage {

ReadConnection::ReadConnection(const std::string& path)
    // The mutex here replaces SQLite's own.
    : database_(path, SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, kBusyTimeoutMs),
      check_(database_,
             "SELECT device.version, device.file, device.assignment, file.blob_sha256,"
             " file.size_bytes, file.manifest"
             " FROM device LEFT JOIN file ON file.name = device.file WHERE device.id = ?"),
      list_(database_, "SELECT id, version, file FROM device WHERE id > ? ORDER BY id LIMIT ?"),
      blob_(database_, "SELECT blob_sha256, size_bytes FROM file WHERE name = ?"),
      manifest_(database_, "SELECT manifest FROM file WHERE name = ? AND manifest IS NOT NULL") {}

domain::CheckFacts ReadConnection::facts_for_check(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const StatementScope scope(check_);
  check_.bindNoCopy(1, id);
  domain::CheckFacts facts;
  if (check_.executeStep()) {
    facts.device =
        domain::Device{id, check_.getColumn(0).getString(), check_.getColumn(1).getString()};
    if (!check_.isColumnNull(3)) {
      domain::AssignedFile file;
      file.sha256 = digest_column(check_, 3);
      file.size_bytes = static_cast<std::uint64_t>(check_.getColumn(4).getInt64());
      file.manifest = check_.getColumn(5).getString();
      file.deployment = deployment_of(check_.getColumn(2).getString(), file.sha256);
      facts.file = std::move(file);
    }
  }
  return facts;
}

std::vector<domain::Device> ReadConnection::devices_after(const std::string& after,
                                                          std::size_t count_max) {
  const std::lock_guard lock(mutex_);
  const StatementScope scope(list_);
  list_.bindNoCopy(1, after);
  list_.bind(2, static_cast<std::int64_t>(count_max));
  std::vector<domain::Device> devices;
  while (list_.executeStep()) {
    devices.push_back(domain::Device{list_.getColumn(0).getString(), list_.getColumn(1).getString(),
                                     list_.getColumn(2).getString()});
  }
  return devices;
}

std::optional<ContentId> ReadConnection::blob_of(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const StatementScope scope(blob_);
  blob_.bindNoCopy(1, name);
  if (!blob_.executeStep()) return std::nullopt;
  return ContentId{digest_column(blob_, 0),
                   static_cast<std::uint64_t>(blob_.getColumn(1).getInt64())};
}

std::optional<std::string> ReadConnection::manifest_of(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const StatementScope scope(manifest_);
  manifest_.bindNoCopy(1, name);
  if (!manifest_.executeStep()) return std::nullopt;
  return manifest_.getColumn(0).getString();
}

Sha256Digest digest_column(SQLite::Statement& statement, int index) {
  const SQLite::Column column = statement.getColumn(index);
  Sha256Digest digest{};
  assert(static_cast<std::size_t>(column.getBytes()) == digest.size());
  const auto* bytes = static_cast<const std::uint8_t*>(column.getBlob());
  std::copy_n(bytes, digest.size(), digest.begin());
  return digest;
}

StatementScope::~StatementScope() {
  // An error here repeats the one that the step has reported.
  statement_.tryReset();
  try {
    statement_.clearBindings();
  } catch (const SQLite::Exception&) {  // It has none to clear then.
  }
}

}  // namespace fuota::server::storage
