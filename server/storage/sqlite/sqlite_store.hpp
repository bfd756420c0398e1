#pragma once

#include <filesystem>
#include <memory>

#include "server/storage/failure.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::storage {

/// The store in one directory: rows in an SQLite database, contents in a BlobDirectory.
///
///     <directory>/fuota.db    the rows (with SQLite's own fuota.db-wal and fuota.db-shm)
///     <directory>/blobs/      the contents
///
/// Reads are answered inline, on one of `readers` connections: a look-up of one row takes
/// microseconds. Changes are made one after the other on a thread of their own, and what arrives in
/// an upload is written by threads of its own, so that no caller's thread ever waits for a sync.
///
/// `directory` exists, and the caller makes sure that no other process uses it. `readers` is the
/// number of threads that will call, at least 1. Removes what a crash has left behind. Outcomes:
/// the store; a failure whose detail says in one line why it can't be opened.
[[nodiscard]] Result<std::unique_ptr<Store>> open_sqlite_store(
    const std::filesystem::path& directory, std::size_t readers);

}  // namespace fuota::server::storage
