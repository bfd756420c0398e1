#include "server/storage/sqlite/backup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "server/storage/durable_file.hpp"
#include "server/storage/sqlite/data_files.hpp"
#include "server/storage/sqlite/database_file.hpp"
#include "server/storage/sqlite/examination.hpp"

namespace fuota::server::storage {
namespace {

namespace fs = std::filesystem;

/// A backup holds keys and what passwords hash to.
constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;

/// What a server has in its data directory, as DataDirectory and BlobDirectory make it.
constexpr mode_t kDataFolderMode = 0750;
constexpr mode_t kDataFileMode = 0640;

constexpr char kUploadAgain[] = ": upload the file again, and then make the backup";

Failure unavailable(const std::string& detail) {
  return Failure{StoreError::unavailable, detail};
}

Result<void> make_folder(const fs::path& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0) return failure_from_errno("create " + path.string());
  return {};
}

/// A folder that is filled under another name, and goes when it isn't finished.
class PartialFolder {
 public:
  /// Will be `target`. Removes what an earlier one of this name has left.
  static Result<PartialFolder> create(const fs::path& target, mode_t mode) {
    PartialFolder folder(target);
    if (auto removed = folder.remove_earlier(); !removed) return removed.error();
    if (auto made = make_folder(folder.path_, mode); !made) return made.error();
    folder.exists_ = true;
    return folder;
  }

  PartialFolder(PartialFolder&& other) noexcept
      : target_(std::move(other.target_)),
        path_(std::move(other.path_)),
        exists_(std::exchange(other.exists_, false)) {}
  PartialFolder& operator=(PartialFolder&&) = delete;
  ~PartialFolder() {
    std::error_code ignored;
    if (exists_) fs::remove_all(path_, ignored);
  }

  [[nodiscard]] const fs::path& path() const { return path_; }

  /// Gives it its name, durably; its files are durable.
  Result<void> finish() {
    for (const fs::path& folder : {path_ / kBlobFolder, path_}) {
      if (auto synced = sync_path(folder); !synced) return synced;
    }
    // Replaces an empty folder, and nothing else.
    if (::rename(path_.c_str(), target_.c_str()) != 0) {
      return failure_from_errno("rename to " + target_.string());
    }
    exists_ = false;
    const fs::path parent = target_.parent_path();
    return sync_path(parent.empty() ? "." : parent);
  }

 private:
  explicit PartialFolder(const fs::path& target) : target_(target), path_(target) {
    path_ += ".partial";
  }

  /// A folder in which there is something else isn't ours.
  Result<void> remove_earlier() const {
    constexpr std::array<std::string_view, 4> kOurs = {kDatabaseFile, kBlobFolder, "ca_cert.pem",
                                                       "ca_key.pem"};
    std::error_code error;
    if (!fs::exists(path_, error)) return {};
    for (const fs::directory_entry& entry : fs::directory_iterator(path_, error)) {
      const std::string name = entry.path().filename().string();
      const bool ours = std::any_of(kOurs.begin(), kOurs.end(), [&](std::string_view known) {
        return name.starts_with(known);
      });
      if (!ours) return unavailable(path_.string() + " is in the way: remove it");
    }
    fs::remove_all(path_, error);
    if (error) return unavailable(path_.string() + ": " + error.message());
    return {};
  }

  fs::path target_;
  fs::path path_;
  bool exists_ = false;
};

enum class CopyMode { link_if_possible, copy };

Result<void> link_or_copy(const fs::path& from, const fs::path& to, CopyMode how, mode_t mode) {
  if (how == CopyMode::link_if_possible) {
    if (::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), 0) == 0) return {};
    // Another file system, one without links, or a file of another user's: then a copy.
    if (errno == ENOENT) return Failure{StoreError::not_found, from.string() + " is missing"};
  }
  return copy_file(from, to, mode);
}

/// `not_found` when one of them isn't there.
Result<void> copy_blobs(const std::vector<ContentId>& blobs, const fs::path& from,
                        const fs::path& to, CopyMode how, mode_t mode) {
  for (const ContentId& blob : blobs) {
    const std::string name = to_hex(blob.sha256);
    std::error_code error;
    // An attempt before has it already.
    if (fs::exists(to / name, error)) continue;
    auto copied = link_or_copy(from / name, to / name, how, mode);
    if (!copied && copied.error().code == StoreError::not_found) {
      return Failure{StoreError::not_found, "blob " + name + " is missing"};
    }
    if (!copied) return copied;
  }
  return {};
}

/// Reads all of them.
Result<void> verify_blobs(const std::vector<ContentId>& blobs, const fs::path& folder) {
  for (const ContentId& blob : blobs) {
    const std::string name = to_hex(blob.sha256);
    const auto found = identify_file(folder / name);
    if (!found) return found.error();
    if (*found != blob) {
      return unavailable("blob " + name + " is damaged" + kUploadAgain);
    }
  }
  return {};
}

/// Removes what an attempt has copied that the last one doesn't need.
void remove_others(const std::vector<ContentId>& blobs, const fs::path& folder) {
  std::error_code ignored;
  std::vector<fs::path> others;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const auto digest = digest_from_hex(entry.path().filename().string());
    const bool needed = std::any_of(blobs.begin(), blobs.end(),
                                    [&](const ContentId& blob) { return digest == blob.sha256; });
    if (!needed) others.push_back(entry.path());
  }
  for (const fs::path& other : others) fs::remove(other, ignored);
}

CopyReport report_of(const std::vector<ContentId>& blobs) {
  CopyReport report;
  report.blobs = blobs.size();
  for (const ContentId& blob : blobs) report.bytes += blob.size_bytes;
  return report;
}

/// One attempt: the contents that the copy of the database speaks of. `not_found` when one of them
/// was there no more when its turn came.
Result<std::vector<ContentId>> copy_once(DatabaseFile& database, const fs::path& directory,
                                         const fs::path& folder) {
  std::error_code ignored;
  fs::remove(folder / kDatabaseFile, ignored);
  if (auto copied = database.copy_to(folder / kDatabaseFile); !copied) return copied.error();
  auto snapshot = DatabaseFile::open(folder / kDatabaseFile);
  if (!snapshot) return snapshot.error();
  auto blobs = snapshot->referenced_blobs();
  if (!blobs) return blobs;
  if (auto copied = copy_blobs(*blobs, directory / kBlobFolder, folder / kBlobFolder,
                               CopyMode::link_if_possible, kFileMode);
      !copied) {
    return copied.error();
  }
  return blobs;
}

/// Database and blobs, as of one instant. For the last attempt, which has little to copy that those
/// before have not, changes are held.
Result<std::vector<ContentId>> copy_consistently(const fs::path& directory,
                                                 const fs::path& folder) {
  const fs::path file = directory / kDatabaseFile;
  auto database = DatabaseFile::open(file);
  if (!database) return database.error();
  for (int attempt = 1; attempt < kBackupAttempts; ++attempt) {
    auto blobs = copy_once(*database, directory, folder);
    if (blobs || blobs.error().code != StoreError::not_found) return blobs;
  }
  const auto held = ChangesHeld::take(file);
  if (!held) {
    return Failure{held.error().code,
                   "files are replaced all the time, and changes can't be held meanwhile: " +
                       held.error().detail};
  }
  auto blobs = copy_once(*database, directory, folder);
  // Nobody has replaced it meanwhile.
  if (!blobs && blobs.error().code == StoreError::not_found) {
    return unavailable(blobs.error().detail + kUploadAgain);
  }
  return blobs;
}

Result<CopyReport> copy_data(const fs::path& directory, const fs::path& folder) {
  const auto blobs = copy_consistently(directory, folder);
  if (!blobs) return blobs.error();
  remove_others(*blobs, folder / kBlobFolder);
  if (auto verified = verify_blobs(*blobs, folder / kBlobFolder); !verified) {
    return verified.error();
  }
  return report_of(*blobs);
}

Result<void> copy_further(const fs::path& from, const fs::path& to, const FurtherFiles& further) {
  for (const std::string& name : further) {
    auto copied = copy_file(from / name, to / name, kFileMode);
    if (!copied && copied.error().code != StoreError::not_found) return copied;
  }
  return {};
}

bool is_there_and_not_empty(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error) && !(fs::is_directory(path, error) && fs::is_empty(path, error));
}

/// Gives all in the folder, itself included, to the owner of `like`.
Result<void> give_to_owner_of(const fs::path& like, const fs::path& folder) {
  struct stat owner {};
  if (::stat(like.c_str(), &owner) != 0) return {};
  std::vector<fs::path> paths{folder};
  std::error_code error;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder, error)) {
    paths.push_back(entry.path());
  }
  for (const fs::path& path : paths) {
    if (::lchown(path.c_str(), owner.st_uid, owner.st_gid) != 0) {
      return failure_from_errno("give " + path.string() + " to the owner of " + like.string());
    }
  }
  return {};
}

/// The first thing that is wrong with what was restored.
Result<void> verify(const fs::path& folder) {
  const auto examination = examine(folder, false);
  if (!examination) return examination.error();
  if (!examination->damages.empty()) {
    return unavailable("the backup is damaged: " + examination->damages.front());
  }
  return {};
}

}  // namespace

Result<CopyReport> back_up(const fs::path& directory, const fs::path& target,
                           const FurtherFiles& further) {
  std::error_code error;
  if (fs::exists(target, error)) {
    return Failure{StoreError::in_use, target.string() + " exists: name a new folder"};
  }
  auto partial = PartialFolder::create(target, kFolderMode);
  if (!partial) return partial.error();
  const fs::path& folder = partial->path();
  if (auto made = make_folder(folder / kBlobFolder, kFolderMode); !made) return made.error();
  auto report = copy_data(directory, folder);
  if (!report) return report;
  if (auto copied = copy_further(directory, folder, further); !copied) return copied.error();
  if (auto finished = partial->finish(); !finished) return finished.error();
  return report;
}

Result<CopyReport> restore(const fs::path& backup, const fs::path& directory,
                           const FurtherFiles& further) {
  if (is_there_and_not_empty(directory)) {
    return Failure{StoreError::in_use,
                   directory.string() + " is not empty: move it away, or name another directory"};
  }
  auto database = DatabaseFile::open(backup / kDatabaseFile);
  if (!database) return database.error();
  const auto blobs = database->referenced_blobs();
  if (!blobs) return blobs.error();
  auto partial = PartialFolder::create(directory, kDataFolderMode);
  if (!partial) return partial.error();
  const fs::path& folder = partial->path();
  for (const fs::path& made : {folder / kBlobFolder, folder / kBlobFolder / kIncomingFolder}) {
    if (auto done = make_folder(made, kDataFolderMode); !done) return done.error();
  }
  if (auto copied = copy_file(backup / kDatabaseFile, folder / kDatabaseFile, kDataFileMode);
      !copied) {
    return copied.error();
  }
  // Contents of a backup and of the data must not be the same file: the one is there for when the
  // other is damaged.
  if (auto copied = copy_blobs(*blobs, backup / kBlobFolder, folder / kBlobFolder, CopyMode::copy,
                               kDataFileMode);
      !copied) {
    if (copied.error().code != StoreError::not_found) return copied.error();
    return unavailable("the backup is damaged: " + copied.error().detail);
  }
  if (auto done = copy_further(backup, folder, further); !done) return done.error();
  if (auto verified = verify(folder); !verified) return verified.error();
  if (auto given = give_to_owner_of(directory, folder); !given) return given.error();
  if (auto finished = partial->finish(); !finished) return finished.error();
  return report_of(*blobs);
}

}  // namespace fuota::server::storage
