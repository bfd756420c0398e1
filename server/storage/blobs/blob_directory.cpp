#include "server/storage/blobs/blob_directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>

namespace fuota::server::storage {
namespace {

constexpr char kIncoming[] = "incoming";
constexpr mode_t kDirectoryMode = 0750;
constexpr mode_t kFileMode = 0640;

struct CloseDirectory {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

/// Calls `visit` with the name of every entry of the folder, "." and ".." excepted.
template <typename Visit>
Result<void> for_each_entry(int directory_fd, Visit visit) {
  // The stream needs a descriptor of its own, since its position belongs to the open file.
  const int fd = ::openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failure_from_errno("open blob directory");
  const std::unique_ptr<DIR, CloseDirectory> stream(::fdopendir(fd));
  if (!stream) {
    const Failure failure = failure_from_errno("read blob directory");
    ::close(fd);
    return failure;
  }
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    visit(name);
  }
  if (errno != 0) return failure_from_errno("read blob directory");
  return {};
}

/// Removes what a previous process has left behind in the middle of an upload.
Result<void> remove_orphans(int incoming_fd) {
  std::vector<std::string> names;
  auto listed =
      for_each_entry(incoming_fd, [&](const std::string& name) { names.push_back(name); });
  if (!listed) return listed;
  for (const std::string& name : names) {
    // A folder is none of ours: it stays.
    if (::unlinkat(incoming_fd, name.c_str(), 0) != 0 && errno != EISDIR && errno != ENOENT) {
      return failure_from_errno("remove incoming/" + name);
    }
  }
  return {};
}

Result<FileDescriptor> open_directory(int parent_fd, const char* path) {
  if (::mkdirat(parent_fd, path, kDirectoryMode) != 0 && errno != EEXIST) {
    return failure_from_errno(std::string("create ") + path);
  }
  FileDescriptor directory(::openat(parent_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) return failure_from_errno(std::string("open ") + path);
  return directory;
}

}  // namespace

BlobWriter::BlobWriter(int incoming_fd, std::string name, FileDescriptor file)
    : incoming_fd_(incoming_fd), name_(std::move(name)), file_(std::move(file)) {}

BlobWriter::~BlobWriter() {
  // A failure leaves an orphan, which the next start removes.
  if (!adopted_) ::unlinkat(incoming_fd_, name_.c_str(), 0);
}

Result<void> BlobWriter::append(std::string_view data) {
  assert(!finished_);
  hash_.update(data);
  while (!data.empty()) {
    const ssize_t written = ::write(file_.get(), data.data(), data.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return failure_from_errno("write incoming/" + name_);
    }
    data = data.substr(static_cast<std::size_t>(written));
    size_bytes_ += static_cast<std::uint64_t>(written);
  }
  return {};
}

Result<ContentId> BlobWriter::finish() {
  assert(!finished_);
  if (::fsync(file_.get()) != 0) return failure_from_errno("fsync incoming/" + name_);
  finished_ = true;
  id_ = ContentId{hash_.finish(), size_bytes_};
  return id_;
}

BlobDirectory::BlobDirectory(FileDescriptor directory, FileDescriptor incoming)
    : directory_(std::move(directory)), incoming_(std::move(incoming)) {}

Result<std::unique_ptr<BlobDirectory>> BlobDirectory::open(const std::filesystem::path& directory,
                                                           Leftovers leftovers) {
  auto blobs = open_directory(AT_FDCWD, directory.c_str());
  if (!blobs) return blobs.error();
  auto incoming = open_directory(blobs->get(), kIncoming);
  if (!incoming) return incoming.error();
  if (leftovers == Leftovers::remove) {
    if (auto removed = remove_orphans(incoming->get()); !removed) return removed.error();
  }
  if (::fsync(blobs->get()) != 0) return failure_from_errno("fsync " + directory.string());
  return std::unique_ptr<BlobDirectory>(new BlobDirectory(std::move(*blobs), std::move(*incoming)));
}

Result<std::unique_ptr<BlobWriter>> BlobDirectory::begin() {
  // Made before the file: without memory for it, no file would be removed.
  auto writer = std::make_unique<BlobWriter>(
      incoming_.get(), std::to_string(next_incoming_.fetch_add(1)), FileDescriptor());
  writer->file_ =
      FileDescriptor(::openat(incoming_.get(), writer->name_.c_str(),
                              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
  if (!writer->file_.valid()) {
    // What is there by this name, if anything, is another's.
    writer->adopted_ = true;
    return failure_from_errno("create incoming/" + writer->name_);
  }
  return writer;
}

Result<ContentId> BlobDirectory::adopt(BlobWriter& writer) {
  assert(writer.finished_ && !writer.adopted_);
  const std::string name = to_hex(writer.id_.sha256);
  if (::renameat(incoming_.get(), writer.name_.c_str(), directory_.get(), name.c_str()) != 0) {
    return failure_from_errno("rename to blob " + name);
  }
  writer.adopted_ = true;
  if (::fsync(directory_.get()) != 0) return failure_from_errno("fsync blob directory");
  return writer.id_;
}

Result<FileContent> BlobDirectory::open(const ContentId& id) const {
  const std::string name = to_hex(id.sha256);
  FileDescriptor file(
      ::openat(directory_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid()) {
    const bool missing = errno == ENOENT;
    Failure failure = failure_from_errno("open blob " + name);
    if (missing) failure.code = StoreError::not_found;
    return failure;
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failure_from_errno("stat blob " + name);
  if (!S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) != id.size_bytes) {
    return Failure{StoreError::unavailable,
                   "blob " + name + " is damaged: it has not the length that was stored"};
  }
  return FileContent{std::move(file), id.size_bytes, id.sha256};
}

Result<void> BlobDirectory::remove(const Sha256Digest& digest) {
  const std::string name = to_hex(digest);
  if (::unlinkat(directory_.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
    return failure_from_errno("remove blob " + name);
  }
  return {};
}

Result<std::vector<Sha256Digest>> BlobDirectory::list() const {
  std::vector<Sha256Digest> digests;
  auto listed = for_each_entry(directory_.get(), [&](const std::string& name) {
    if (const auto digest = digest_from_hex(name)) digests.push_back(*digest);
  });
  if (!listed) return listed.error();
  return digests;
}

}  // namespace fuota::server::storage
