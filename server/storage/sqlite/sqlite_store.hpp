#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>

#include "server/storage/failure.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::storage {

/// How the store in a directory works.
struct SqliteStoreSettings {
  /// Threads that will call, at least 1: so many connections answer reads.
  std::size_t readers = 1;

  /// How long a contact stays in memory alone, unless kContactDevicesMax / 4 devices wait before.
  std::chrono::milliseconds contact_interval{5000};

  /// Whether a server may be using the directory at the same time: nothing of uploads in progress
  /// is then touched. What this store changes, the server sees with its next read. Only rows may be
  /// changed through it, not files.
  bool beside_server = false;

  /// How long a change waits for another process that holds the database, before it fails.
  std::chrono::milliseconds busy_timeout{5000};

  /// Is told what fails without a caller: a batch of contacts. Called on a thread of the store's.
  std::function<void(const Failure&)> on_failure = [](const Failure&) {};

  /// Is told that a transaction has made the contacts of so many devices durable, and how long that
  /// took. Likewise.
  std::function<void(std::size_t devices, std::chrono::nanoseconds)> on_contact_batch =
      [](std::size_t, std::chrono::nanoseconds) {};
};

/// Devices whose contacts are remembered until they are durable. With ids, versions and addresses
/// of usual length that is about 20 MB of memory, should a disk stop to take them.
constexpr std::size_t kContactDevicesMax = 65'536;

/// The store in one directory: rows in an SQLite database, contents in a BlobDirectory.
///
///     <directory>/fuota.db    the rows (with SQLite's own fuota.db-wal and fuota.db-shm)
///     <directory>/blobs/      the contents
///
/// Reads are answered inline, on one of `readers` connections: a look-up of one row takes
/// microseconds. Changes are made one after the other on a thread of their own, where those that
/// come at the same time share a transaction, and what arrives in an upload is written by threads
/// of its own, so that no caller's thread ever waits for a sync. Contacts are written in batches.
/// What looks at much, the counts of the fleet and the audit log, has a connection and a thread of
/// its own.
///
/// `directory` exists, and the caller makes sure that no other process changes what is in it,
/// unless through a store that is opened with `beside_server`. Removes what a crash has left
/// behind. Outcomes: the store; a failure whose detail says in one line why it can't be opened.
[[nodiscard]] Result<std::unique_ptr<Store>> open_sqlite_store(
    const std::filesystem::path& directory, SqliteStoreSettings settings);

/// The same with all but `readers` as it is meant to be.
[[nodiscard]] Result<std::unique_ptr<Store>> open_sqlite_store(
    const std::filesystem::path& directory, std::size_t readers);

}  // namespace fuota::server::storage
