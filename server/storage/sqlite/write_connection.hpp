#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <string>
#include <vector>

#include "server/domain/device.hpp"
#include "server/domain/history.hpp"
#include "server/storage/blobs/blob_directory.hpp"
#include "server/storage/failure.hpp"
#include "server/storage/sqlite/event_table.hpp"

namespace fuota::server::storage {

/// The one connection that changes the database, and the only one to add and remove blobs, so that
/// "a blob is there" and "a row points at it" never come apart. Every change is one transaction,
/// durable when the call returns; each call blocks for the syncs that this takes. One thread at a
/// time. No exception leaves a call.
class WriteConnection {
 public:
  /// `database` has its schema prepared; `blobs` outlives this object.
  WriteConnection(SQLite::Database database, BlobDirectory& blobs);

  /// Removes the blobs that no row points at: what a crash has left between two steps.
  [[nodiscard]] Result<void> remove_unreferenced_blobs();

  [[nodiscard]] Result<void> put_device(const domain::Device& device);
  [[nodiscard]] Result<void> remove_device(const std::string& id);

  /// Adopts the finished blob and points `name` at it.
  [[nodiscard]] Result<void> publish(const std::string& name, BlobWriter& writer);

  [[nodiscard]] Result<void> put_manifest(const std::string& name, const ContentId& content,
                                          const std::string& manifest);

  [[nodiscard]] Result<void> remove_file(const std::string& name);

  [[nodiscard]] Result<void> record_report(const std::string& id, const domain::Report& report,
                                           domain::Time received);
  [[nodiscard]] Result<void> record_running(const std::string& id,
                                            const domain::RunningImage& image,
                                            domain::Time received);

  [[nodiscard]] Result<void> put_root(std::uint32_t version, const std::string& document);

  /// A transaction that changes nothing, written and synced like any other.
  [[nodiscard]] Result<void> probe();

 private:
  [[nodiscard]] bool is_known(const std::string& id);
  [[nodiscard]] bool is_referenced(const Sha256Digest& digest);
  [[nodiscard]] bool is_in_use(const std::string& name);
  [[nodiscard]] std::vector<Sha256Digest> blobs_of(const std::string& name);
  void point_name_at(const std::string& name, const ContentId& blob);
  void discard_if_unreferenced(const std::vector<Sha256Digest>& digests);

  SQLite::Database database_;
  BlobDirectory& blobs_;
  SQLite::Statement put_device_;
  SQLite::Statement remove_device_;
  SQLite::Statement put_file_;
  SQLite::Statement put_manifest_;
  SQLite::Statement remove_file_;
  SQLite::Statement blob_of_;
  SQLite::Statement referenced_;
  SQLite::Statement in_use_;
  SQLite::Statement known_;
  SQLite::Statement put_running_;
  SQLite::Statement put_root_;
  SQLite::Statement highest_root_;
  SQLite::Statement root_is_;
  EventTable events_;
};

}  // namespace fuota::server::storage
