#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/failure.hpp"
#include "server/storage/file_descriptor.hpp"
#include "server/storage/sha256.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::storage {

/// A blob that is being written, in a file of its own that carries no name of a blob. The file is
/// removed with this object unless `BlobDirectory::adopt` has taken it. Used by one thread at a
/// time; destroyed before its directory.
class BlobWriter {
 public:
  BlobWriter(int incoming_fd, std::string name, FileDescriptor file);
  BlobWriter(const BlobWriter&) = delete;
  BlobWriter& operator=(const BlobWriter&) = delete;
  ~BlobWriter();

  /// Adds `data` at the end. Blocks while the disk takes it.
  [[nodiscard]] Result<void> append(std::string_view data);

  /// Makes the content durable (fsync) and gives its identity. Blocks while the disk works.
  /// Nothing is appended afterwards.
  [[nodiscard]] Result<ContentId> finish();

 private:
  friend class BlobDirectory;

  int incoming_fd_;
  std::string name_;
  FileDescriptor file_;
  Sha256 hash_;
  std::uint64_t size_bytes_ = 0;
  ContentId id_;
  bool finished_ = false;
  bool adopted_ = false;
};

/// What becomes of uploads that nobody goes on with.
enum class Leftovers : std::uint8_t { remove, keep };

/// A folder of immutable files, each named by the SHA-256 of its content:
///
///     <directory>/<64 hexadecimal digits>    a blob
///     <directory>/incoming/<number>          one that is still arriving
///
/// A blob appears under its name at one instant, whole and durable. `begin`, `open` and the
/// writers may be used from any thread; `adopt`, `remove` and `list` from one at a time.
class BlobDirectory {
 public:
  /// Opens `directory`, creates what is missing, and removes what a previous process left in
  /// `incoming`. The caller makes sure that no other process uses the folder; unless `leftovers` is
  /// `keep`: then another one may, and nothing of its uploads is touched.
  [[nodiscard]] static Result<std::unique_ptr<BlobDirectory>> open(
      const std::filesystem::path& directory, Leftovers leftovers = Leftovers::remove);

  /// Begins a blob.
  [[nodiscard]] Result<std::unique_ptr<BlobWriter>> begin();

  /// Puts a finished blob under its name, durably. A blob of the same name is replaced: what was
  /// just written and hashed is known to be good, what lies on the disk is not.
  [[nodiscard]] Result<ContentId> adopt(BlobWriter& writer);

  /// Opens a blob for reading. Outcomes: the content; `not_found`; `unavailable`, also when the
  /// file is not a regular one or not as long as `id` says.
  [[nodiscard]] Result<FileContent> open(const ContentId& id) const;

  /// Removes a blob. Who has it open reads on. Success also when there is none.
  [[nodiscard]] Result<void> remove(const Sha256Digest& digest);

  /// All blobs. Files whose names are not those of blobs are not ours: they are left out.
  [[nodiscard]] Result<std::vector<Sha256Digest>> list() const;

 private:
  BlobDirectory(FileDescriptor directory, FileDescriptor incoming);

  FileDescriptor directory_;
  FileDescriptor incoming_;
  std::atomic<std::uint64_t> next_incoming_{0};
};

}  // namespace fuota::server::storage
