#include "server/app/data_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace fuota::server::app {
namespace {

constexpr mode_t kDirectoryMode = 0750;
constexpr mode_t kLockMode = 0640;

StartFailure cannot_use(const std::filesystem::path& path) {
  return StartFailure{"the data directory " + path.string() +
                      " can't be used: " + std::generic_category().message(errno) +
                      "; name one that this user may write with --data-dir"};
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  std::filesystem::create_directories(absolute.parent_path(), error);
  if (::mkdir(absolute.c_str(), kDirectoryMode) != 0 && errno != EEXIST) return cannot_use(path);
  storage::FileDescriptor lock(
      ::open((absolute / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kLockMode));
  if (!lock.valid()) return cannot_use(path);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return cannot_use(path);
    return StartFailure{"the data directory " + path.string() +
                        " is held by another fuota-server: stop that one, or name another "
                        "directory with --data-dir"};
  }
  return DataDirectory(path, std::move(lock));
}

bool DataDirectory::is_held(const std::filesystem::path& path) {
  const storage::FileDescriptor lock(::open((path / "lock").c_str(), O_RDONLY | O_CLOEXEC));
  // The lock that is taken here goes with the descriptor.
  return lock.valid() && ::flock(lock.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

}  // namespace fuota::server::app
