#include "server/storage/durable_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

namespace fuota::server::storage {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;

Failure failure_of(const std::string& what) {
  const bool missing = errno == ENOENT;
  Failure failure = failure_from_errno(what);
  if (missing) failure.code = StoreError::not_found;
  return failure;
}

Result<FileDescriptor> open_regular(const std::filesystem::path& path) {
  // A pipe in place of a file must not keep us.
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid()) return failure_of("open " + path.string());
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failure_of("stat " + path.string());
  if (!S_ISREG(status.st_mode)) {
    return Failure{StoreError::unavailable, path.string() + " is not a regular file"};
  }
  return file;
}

/// Gives `visit` the content piece by piece, until it returns a failure.
template <typename Visit>
Result<void> for_each_piece(const FileDescriptor& file, const std::filesystem::path& path,
                            Visit visit) {
  const auto piece = std::make_unique_for_overwrite<char[]>(kPieceBytes);
  for (;;) {
    const ssize_t count = ::read(file.get(), piece.get(), kPieceBytes);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure_of("read " + path.string());
    if (count == 0) return {};
    auto visited = visit(std::string_view(piece.get(), static_cast<std::size_t>(count)));
    if (!visited) return visited;
  }
}

Result<void> write_all(const FileDescriptor& file, const std::filesystem::path& path,
                       std::string_view data) {
  while (!data.empty()) {
    const ssize_t written = ::write(file.get(), data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure_of("write " + path.string());
    data.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<ContentId> identify_file(const std::filesystem::path& file) {
  const auto opened = open_regular(file);
  if (!opened) return opened.error();
  Sha256 hash;
  ContentId id;
  const auto read = for_each_piece(*opened, file, [&](std::string_view piece) -> Result<void> {
    hash.update(piece);
    id.size_bytes += piece.size();
    return {};
  });
  if (!read) return read.error();
  id.sha256 = hash.finish();
  return id;
}

Result<void> copy_file(const std::filesystem::path& from, const std::filesystem::path& to,
                       mode_t mode) {
  const auto source = open_regular(from);
  if (!source) return source.error();
  const FileDescriptor target(
      ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!target.valid()) return failure_of("create " + to.string());
  auto copied = for_each_piece(
      *source, from, [&](std::string_view piece) { return write_all(target, to, piece); });
  if (!copied) return copied;
  if (::fsync(target.get()) != 0) return failure_of("fsync " + to.string());
  return {};
}

Result<void> sync_path(const std::filesystem::path& path) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) return failure_of("fsync " + path.string());
  return {};
}

}  // namespace fuota::server::storage
