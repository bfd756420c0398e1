#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/domain/audit.hpp"
#include "server/domain/device.hpp"
#include "server/domain/history.hpp"
#include "server/storage/blobs/blob_directory.hpp"
#include "server/storage/contact_buffer.hpp"
#include "server/storage/failure.hpp"
#include "server/storage/sqlite/access_tables.hpp"
#include "server/storage/sqlite/audit_table.hpp"
#include "server/storage/sqlite/event_table.hpp"
#include "server/storage/sqlite/read_lock.hpp"

namespace fuota::server::storage {

/// How many changes a transaction is for.
enum class Changes : std::uint8_t {
  one,   ///< When it fails, the transaction does.
  many,  ///< Each behind a savepoint, for which SQLite copies every page that it changes.
};

/// The one connection that changes the database, and the only one to add and remove blobs, so that
/// "a blob is there" and "a row points at it" never come apart. Changes are made between `begin`
/// and `commit`, which makes them durable together; each of them is made wholly or not at all, and
/// blocks for what it reads from the disk; the syncs are those of `publish` and `commit`. One
/// thread at a time. No exception leaves a call.
class WriteConnection {
 public:
  /// `database` has its schema prepared; `blobs` outlives this object.
  WriteConnection(SQLite::Database database, BlobDirectory& blobs);

  /// Removes the blobs that no row points at: what a crash has left between two steps. Outside of a
  /// transaction.
  [[nodiscard]] Result<void> remove_unreferenced_blobs();

  /// Opens a transaction for `changes`. Waits kBusyTimeoutMs for another process that holds the
  /// database. On a failure there is none.
  [[nodiscard]] Result<void> begin(Changes changes);

  /// Makes what was changed since `begin` durable, or on a failure none of it, and ends the
  /// transaction; then removes the blobs that no row needs any more.
  [[nodiscard]] Result<void> commit();

  /// Whether the reads of this process find the database locked, between two transactions: from now
  /// on, or from the end of the one that is open. Worth it where many read (read_lock.hpp); keeps
  /// other processes from shortening the write-ahead log.
  void lock_for_readers(bool locked) noexcept;

  [[nodiscard]] Result<void> put_device(const domain::Device& device, const domain::Change& change);
  [[nodiscard]] Result<void> remove_device(const std::string& id, const domain::Change& change);

  /// Adopts the finished blob and points `name` at it.
  [[nodiscard]] Result<void> publish(const std::string& name, BlobWriter& writer,
                                     const domain::Change& change);

  [[nodiscard]] Result<void> put_manifest(const std::string& name, const ContentId& content,
                                          const std::string& manifest,
                                          const domain::Change& change);

  [[nodiscard]] Result<void> remove_file(const std::string& name, const domain::Change& change);

  [[nodiscard]] Result<void> record_report(const std::string& id, const domain::Report& report,
                                           domain::Time received);
  [[nodiscard]] Result<void> record_running(const std::string& id,
                                            const domain::RunningImage& image,
                                            domain::Time received);

  [[nodiscard]] Result<void> put_root(std::uint32_t version, const std::string& document,
                                      const domain::Change& change);

  /// Stores the contacts of those devices that are known.
  [[nodiscard]] Result<void> put_contacts(const ContactBuffer::Contacts& contacts);

  /// Runs `change`, which makes one change of accounts, tokens, keys or credentials.
  template <typename AccessChange>
  [[nodiscard]] Result<void> change_access(AccessChange change) {
    return apply([&] { return change(access_); });
  }

  /// Store::shorten_audit; sets `removed`.
  [[nodiscard]] Result<void> shorten_audit(domain::Time kept_from, const domain::Change& change,
                                           std::size_t& removed);

  /// A transaction that changes nothing, written and synced like any other.
  [[nodiscard]] Result<void> probe();

 private:
  /// Runs `change` so that it is made wholly or not at all.
  [[nodiscard]] Result<void> apply(const std::function<Result<void>()>& change);

  [[nodiscard]] bool in_transaction();
  [[nodiscard]] bool is_known(const std::string& id);
  [[nodiscard]] bool is_referenced(const Sha256Digest& digest);
  [[nodiscard]] bool is_in_use(const std::string& name);
  [[nodiscard]] std::vector<Sha256Digest> blobs_of(const std::string& name);
  void point_name_at(const std::string& name, const ContentId& blob);
  void remove_contact(const std::string& id);
  void discard_if_unreferenced();

  SQLite::Database database_;
  ReadLock read_lock_;
  bool locked_for_readers_ = false;
  BlobDirectory& blobs_;

  /// Blobs that may have become superfluous in this transaction, be it made or not.
  std::vector<Sha256Digest> superfluous_;

  /// Why the whole transaction is given up: its only change has failed, a change couldn't be taken
  /// back, or SQLite couldn't keep it (https://sqlite.org/lang_transaction.html, "Response To
  /// Errors Within A Transaction").
  std::optional<StoreError> given_up_;
  Changes changes_ = Changes::one;

  // Prepared, so that to end a transaction takes no memory.
  SQLite::Statement begin_;
  SQLite::Statement commit_;
  SQLite::Statement rollback_;
  SQLite::Statement savepoint_;
  SQLite::Statement rollback_to_;
  SQLite::Statement release_;

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
  SQLite::Statement put_contact_;
  SQLite::Statement remove_contact_;
  EventTable events_;
  AuditTable audit_;
  AccessTables access_;
};

}  // namespace fuota::server::storage
