// A library to be preloaded into the server (LD_PRELOAD): writes down in which order it brings
// files to the disk and renames them. One line for each call that succeeded, in the file that
// FUOTA_SYNC_RECORD names:
//
//     sync <path>
//     rename <path of the folder> <old name> <path of the folder> <new name>

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

/// The function of this name that would have been called without this library.
template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// The path of an open file or folder.
std::string path_of(int fd) {
  if (fd == AT_FDCWD) return ".";
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t bytes = ::readlink(link.c_str(), path.data(), path.size());
  return bytes < 0 ? "?" : std::string(path.data(), static_cast<std::size_t>(bytes));
}

/// Appends a line with one write, which keeps the lines of several threads apart. Leaves `errno` as
/// it was.
void record(const std::string& line) {
  const int error = errno;
  if (const char* file = std::getenv("FUOTA_SYNC_RECORD")) {
    const int fd = ::open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const std::string text = line + "\n";
    if (fd < 0 || ::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
      std::abort();
    }
    ::close(fd);
  }
  errno = error;
}

int recorded_sync(int result, int fd) {
  if (result == 0) record("sync " + path_of(fd));
  return result;
}

int recorded_rename(int result, int from_fd, const char* from, int to_fd, const char* to) {
  if (result == 0) {
    record("rename " + path_of(from_fd) + " " + from + " " + path_of(to_fd) + " " + to);
  }
  return result;
}

}  // namespace

extern "C" {

int fsync(int fd) {
  return recorded_sync(next<int(int)>("fsync")(fd), fd);
}

int fdatasync(int fd) {
  return recorded_sync(next<int(int)>("fdatasync")(fd), fd);
}

int rename(const char* from, const char* to) noexcept {
  const auto call = next<int(const char*, const char*)>("rename");
  return recorded_rename(call(from, to), AT_FDCWD, from, AT_FDCWD, to);
}

int renameat(int from_fd, const char* from, int to_fd, const char* to) noexcept {
  const auto call = next<int(int, const char*, int, const char*)>("renameat");
  return recorded_rename(call(from_fd, from, to_fd, to), from_fd, from, to_fd, to);
}

int renameat2(int from_fd, const char* from, int to_fd, const char* to,
              unsigned int flags) noexcept {
  const auto call = next<int(int, const char*, int, const char*, unsigned int)>("renameat2");
  return recorded_rename(call(from_fd, from, to_fd, to, flags), from_fd, from, to_fd, to);
}

}  // extern "C"
