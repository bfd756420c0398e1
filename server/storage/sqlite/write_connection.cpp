#include "server/storage/sqlite/write_connection.hpp"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "server/storage/sqlite/schema.hpp"
#include "server/storage/sqlite/statement_scope.hpp"

namespace fuota::server::storage {
namespace {

using domain::AuditAction;

/// Runs `change` of the database with exceptions turned into failures.
template <typename Change>
Result<void> guarded(SQLite::Database& database, Change change) noexcept {
  try {
    try {
      return change();
    } catch (const SQLite::Exception& exception) {
      return failure_of_change(exception, database);
    }
  } catch (const std::bad_alloc&) {  // Be it for the failure's own words.
    return out_of_memory();
  }
}

/// Executes a statement without parameters.
void run(SQLite::Statement& statement) {
  const StatementScope scope(statement);
  statement.exec();
}

}  // namespace

WriteConnection::WriteConnection(SQLite::Database database, BlobDirectory& blobs)
    : database_(std::move(database)),
      read_lock_(database_.getFilename()),
      blobs_(blobs),
      begin_(database_, "BEGIN IMMEDIATE"),
      commit_(database_, "COMMIT"),
      rollback_(database_, "ROLLBACK"),
      savepoint_(database_, "SAVEPOINT change"),
      rollback_to_(database_, "ROLLBACK TO change"),
      release_(database_, "RELEASE change"),
      put_device_(database_,
                  "INSERT INTO device (id, version, file, assignment)"
                  " VALUES (?, ?, ?, randomblob(16)) ON CONFLICT (id) DO UPDATE"
                  " SET version = excluded.version, file = excluded.file,"
                  " assignment = excluded.assignment"),
      remove_device_(database_, "DELETE FROM device WHERE id = ?"),
      put_file_(database_,
                "INSERT INTO file (name, blob_sha256, size_bytes) VALUES (?, ?, ?) ON CONFLICT"
                " (name) DO UPDATE SET blob_sha256 = excluded.blob_sha256,"
                " size_bytes = excluded.size_bytes, manifest = CASE"
                " WHEN blob_sha256 = excluded.blob_sha256 THEN manifest END"),
      put_manifest_(database_,
                    "UPDATE file SET manifest = ? WHERE name = ? AND blob_sha256 = ?"
                    " AND size_bytes = ?"),
      remove_file_(database_, "DELETE FROM file WHERE name = ?"),
      blob_of_(database_, "SELECT blob_sha256 FROM file WHERE name = ?"),
      referenced_(database_, "SELECT 1 FROM file WHERE blob_sha256 = ? LIMIT 1"),
      in_use_(database_, "SELECT 1 FROM device WHERE file = ? LIMIT 1"),
      known_(database_, "SELECT 1 FROM device WHERE id = ?"),
      put_running_(database_,
                   "UPDATE device SET running_version = ?2, running_sha256 = ?3,"
                   " running_since = ?4 WHERE id = ?1"
                   " AND (running_version IS NOT ?2 OR running_sha256 IS NOT ?3)"),
      put_root_(database_, "INSERT INTO root (version, document) VALUES (?, ?)"),
      highest_root_(database_, "SELECT coalesce(max(version), 0) FROM root"),
      root_is_(database_, "SELECT document = ? FROM root WHERE version = ?"),
      put_contact_(database_,
                   "INSERT OR REPLACE INTO contact (device, at, version, address)"
                   " SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM device WHERE id = ?1)"),
      remove_contact_(database_, "DELETE FROM contact WHERE device = ?"),
      events_(database_),
      audit_(database_),
      access_(database_, audit_) {}

Result<void> WriteConnection::remove_unreferenced_blobs() {
  auto digests = blobs_.list();
  if (!digests) return digests.error();
  return guarded(database_, [&]() -> Result<void> {
    for (const Sha256Digest& digest : *digests) {
      if (is_referenced(digest)) continue;
      if (auto removed = blobs_.remove(digest); !removed) return removed;
    }
    return {};
  });
}

Result<void> WriteConnection::begin(Changes changes) {
  given_up_.reset();
  changes_ = changes;
  // The write-ahead log can begin anew only with a change, and when nobody reads in it.
  read_lock_.let_go();
  auto begun = guarded(database_, [&]() -> Result<void> {
    // One that couldn't be ended, for want of memory, must not keep all that come after it.
    if (in_transaction()) run(rollback_);
    // What would be written is known late, and a lock that is asked for late may be refused.
    run(begin_);
    return {};
  });
  if (!begun) lock_for_readers(locked_for_readers_);
  return begun;
}

void WriteConnection::lock_for_readers(bool locked) noexcept {
  locked_for_readers_ = locked;
  read_lock_.let_go();
  // Taken anew, of what is committed now.
  if (locked && !in_transaction()) read_lock_.hold();
}

Result<void> WriteConnection::commit() {
  auto committed = guarded(database_, [&]() -> Result<void> {
    if (given_up_) return Failure{*given_up_, "change given up"};
    run(commit_);
    return {};
  });
  // Where this fails, too, `begin` tries again; what was changed is seen by nobody until then.
  if (!committed && in_transaction()) {
    static_cast<void>(guarded(database_, [&]() -> Result<void> {
                        run(rollback_);
                        return {};
                      }).has_value());
  }
  lock_for_readers(locked_for_readers_);
  discard_if_unreferenced();
  return committed;
}

Result<void> WriteConnection::apply(const std::function<Result<void>()>& change) {
  if (given_up_) return Failure{*given_up_, "change given up"};
  if (changes_ == Changes::one) {
    auto made = guarded(database_, change);
    if (!made) given_up_ = made.error().code;
    return made;
  }
  auto begun = guarded(database_, [&]() -> Result<void> {
    run(savepoint_);
    return {};
  });
  if (!begun) return begun;
  auto made = guarded(database_, change);
  if (!made && !in_transaction()) {
    given_up_ = made.error().code;
    return made;
  }
  auto ended = guarded(database_, [&]() -> Result<void> {
    if (!made) run(rollback_to_);
    run(release_);
    return {};
  });
  // Half of the change may still be there.
  if (!ended) given_up_ = ended.error().code;
  return made ? std::move(ended) : std::move(made);
}

bool WriteConnection::in_transaction() {
  return sqlite3_get_autocommit(database_.getHandle()) == 0;
}

Result<void> WriteConnection::put_device(const domain::Device& device,
                                         const domain::Change& change) {
  return apply([&]() -> Result<void> {
    {
      const StatementScope scope(put_device_);
      put_device_.bindNoCopy(1, device.id);
      put_device_.bindNoCopy(2, device.version);
      put_device_.bindNoCopy(3, device.file);
      put_device_.exec();
    }
    audit_.add(change, AuditAction::device_put, device.id, audit_detail(device));
    return {};
  });
}

Result<void> WriteConnection::remove_device(const std::string& id, const domain::Change& change) {
  return apply([&]() -> Result<void> {
    {
      const StatementScope scope(remove_device_);
      remove_device_.bindNoCopy(1, id);
      if (remove_device_.exec() == 0) return Failure{StoreError::not_found, "no such device"};
    }
    events_.remove_all(id);
    remove_contact(id);
    audit_.add(change, AuditAction::device_remove, id);
    return {};
  });
}

Result<void> WriteConnection::publish(const std::string& name, BlobWriter& writer,
                                      const domain::Change& change) {
  return apply([&]() -> Result<void> {
    auto blob = blobs_.adopt(writer);
    if (!blob) return blob.error();
    superfluous_.push_back(blob->sha256);
    for (const Sha256Digest& replaced : blobs_of(name)) superfluous_.push_back(replaced);
    point_name_at(name, *blob);
    audit_.add(change, AuditAction::file_put, name, audit_detail(*blob));
    return {};
  });
}

Result<void> WriteConnection::put_manifest(const std::string& name, const ContentId& content,
                                           const std::string& manifest,
                                           const domain::Change& change) {
  return apply([&]() -> Result<void> {
    if (blobs_of(name).empty()) return Failure{StoreError::not_found, "no such file"};
    {
      const StatementScope scope(put_manifest_);
      put_manifest_.bindNoCopy(1, manifest);
      put_manifest_.bindNoCopy(2, name);
      bind_digest(put_manifest_, 3, content.sha256);
      put_manifest_.bind(4, static_cast<std::int64_t>(content.size_bytes));
      if (put_manifest_.exec() == 0) {
        return Failure{StoreError::other_content, "the file has another content"};
      }
    }
    audit_.add(change, AuditAction::manifest_put, name, audit_detail(content));
    return {};
  });
}

Result<void> WriteConnection::remove_file(const std::string& name, const domain::Change& change) {
  return apply([&]() -> Result<void> {
    const std::vector<Sha256Digest> blobs = blobs_of(name);
    if (blobs.empty()) return Failure{StoreError::not_found, "no such file"};
    if (is_in_use(name)) return Failure{StoreError::in_use, "a device row points at the file"};
    {
      const StatementScope scope(remove_file_);
      remove_file_.bindNoCopy(1, name);
      remove_file_.exec();
    }
    audit_.add(change, AuditAction::file_remove, name);
    superfluous_.insert(superfluous_.end(), blobs.begin(), blobs.end());
    return {};
  });
}

Result<void> WriteConnection::record_report(const std::string& id, const domain::Report& report,
                                            domain::Time received) {
  return apply([&]() -> Result<void> {
    if (!is_known(id)) return Failure{StoreError::not_found, "no such device"};
    static_cast<void>(events_.add(id, report, received));
    return {};
  });
}

Result<void> WriteConnection::record_running(const std::string& id,
                                             const domain::RunningImage& image,
                                             domain::Time received) {
  return apply([&]() -> Result<void> {
    if (!is_known(id)) return Failure{StoreError::not_found, "no such device"};
    {
      const StatementScope scope(put_running_);
      put_running_.bindNoCopy(1, id);
      put_running_.bindNoCopy(2, image.version);
      bind_digest(put_running_, 3, image.sha256);
      bind_time(put_running_, 4, received);
      if (put_running_.exec() == 0) return {};
    }
    events_.add(id, image, received);
    return {};
  });
}

Result<void> WriteConnection::put_root(std::uint32_t version, const std::string& document,
                                       const domain::Change& change) {
  return apply([&]() -> Result<void> {
    {
      const StatementScope scope(root_is_);
      root_is_.bindNoCopy(1, document);
      root_is_.bind(2, std::int64_t{version});
      if (root_is_.executeStep()) {
        if (root_is_.getColumn(0).getInt() != 0) return {};
        return Failure{StoreError::other_content, "there is another root document"};
      }
    }
    {
      const StatementScope scope(highest_root_);
      highest_root_.executeStep();
      if (version != highest_root_.getColumn(0).getInt64() + 1) {
        return Failure{StoreError::out_of_order, "the root document before it is missing"};
      }
    }
    {
      const StatementScope scope(put_root_);
      put_root_.bind(1, std::int64_t{version});
      put_root_.bindNoCopy(2, document);
      put_root_.exec();
    }
    audit_.add(change, AuditAction::root_put, std::to_string(version));
    return {};
  });
}

Result<void> WriteConnection::put_contacts(const ContactBuffer::Contacts& contacts) {
  return apply([&]() -> Result<void> {
    // In the order of the table, so that each page is come across once.
    std::vector<const domain::Contact*> in_order;
    in_order.reserve(contacts.size());
    for (const auto& [device, contact] : contacts) in_order.push_back(&contact);
    std::sort(in_order.begin(), in_order.end(),
              [](const auto* a, const auto* b) { return a->device < b->device; });
    for (const domain::Contact* contact : in_order) {
      const StatementScope scope(put_contact_);
      put_contact_.bindNoCopy(1, contact->device);
      bind_time(put_contact_, 2, contact->at);
      put_contact_.bindNoCopy(3, contact->version);
      put_contact_.bindNoCopy(4, contact->address);
      put_contact_.exec();
    }
    return {};
  });
}

Result<void> WriteConnection::shorten_audit(domain::Time kept_from, const domain::Change& change,
                                            std::size_t& removed) {
  return apply([&]() -> Result<void> {
    removed = audit_.shorten(kept_from, change);
    return {};
  });
}

Result<void> WriteConnection::probe() {
  return guarded(database_, [&]() -> Result<void> {
    // SQLite writes the page, though the number stays the same.
    database_.exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
    return {};
  });
}

bool WriteConnection::is_known(const std::string& id) {
  const StatementScope scope(known_);
  known_.bindNoCopy(1, id);
  return known_.executeStep();
}

bool WriteConnection::is_referenced(const Sha256Digest& digest) {
  const StatementScope scope(referenced_);
  bind_digest(referenced_, 1, digest);
  return referenced_.executeStep();
}

bool WriteConnection::is_in_use(const std::string& name) {
  const StatementScope scope(in_use_);
  in_use_.bindNoCopy(1, name);
  return in_use_.executeStep();
}

std::vector<Sha256Digest> WriteConnection::blobs_of(const std::string& name) {
  const StatementScope scope(blob_of_);
  blob_of_.bindNoCopy(1, name);
  std::vector<Sha256Digest> digests;
  while (blob_of_.executeStep()) digests.push_back(digest_column(blob_of_, 0));
  return digests;
}

void WriteConnection::point_name_at(const std::string& name, const ContentId& blob) {
  const StatementScope scope(put_file_);
  put_file_.bindNoCopy(1, name);
  bind_digest(put_file_, 2, blob.sha256);
  put_file_.bind(3, static_cast<std::int64_t>(blob.size_bytes));
  put_file_.exec();
}

void WriteConnection::remove_contact(const std::string& id) {
  const StatementScope scope(remove_contact_);
  remove_contact_.bindNoCopy(1, id);
  remove_contact_.exec();
}

void WriteConnection::discard_if_unreferenced() {
  // A blob that stays by mistake costs room until the next start, which removes it; a blob removed
  // by mistake would be lost. So any doubt leaves it where it is.
  try {
    for (const Sha256Digest& digest : std::exchange(superfluous_, {})) {
      if (!is_referenced(digest)) static_cast<void>(blobs_.remove(digest).has_value());
    }
  } catch (const std::exception&) {
  }
}

}  // namespace fuota::server::storage
