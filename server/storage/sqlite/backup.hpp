#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "server/storage/failure.hpp"

namespace fuota::server::storage {

/// Files beside database and blobs that belong to the data: certificate and key. One that isn't
/// there is left out.
using FurtherFiles = std::vector<std::string>;

/// How much a copy holds.
struct CopyReport {
  std::uint64_t blobs = 0;
  std::uint64_t bytes = 0;  ///< Of the blobs.
};

/// Copies all data in `directory`, as of one instant, into the new folder `target`, also while a
/// server works on it: first the database, then each content that a file of it has, as a hard link
/// where the file system can do that, and the further files with mode 0600. Every content is read
/// and compared with its digest. The folder appears whole and durable, under "<target>.partial" it
/// is made; what an earlier call left there is removed. Blocks for as long as the disk takes. When
/// a server removes a content before its turn has come, it begins again, and the last of
/// kBackupAttempts times it lets nobody change the database meanwhile.
///
/// Outcomes: the report; `in_use` when `target` exists; `not_found` without data; `full`;
/// `unavailable`, also when a content is damaged or missing. On a failure nothing of it stays.
[[nodiscard]] Result<CopyReport> back_up(const std::filesystem::path& directory,
                                         const std::filesystem::path& target,
                                         const FurtherFiles& further);

constexpr int kBackupAttempts = 4;

/// Makes the data directory `directory` from what `back_up` has made, all of it read and compared
/// before; it appears whole and durable. Its files belong to whom an empty `directory` belonged.
/// The schema stays the one of the backup: the next start of a server brings it forward.
///
/// Outcomes: the report; `in_use` when there is something in `directory`; `not_found` without a
/// backup; `full`; `unavailable`, also when the backup is damaged or of a later version. On a
/// failure nothing of it stays, and the backup never changes.
[[nodiscard]] Result<CopyReport> restore(const std::filesystem::path& backup,
                                         const std::filesystem::path& directory,
                                         const FurtherFiles& further);

}  // namespace fuota::server::storage
