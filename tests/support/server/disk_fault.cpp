#include "tests/support/server/disk_fault.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <string>
#include <string_view>

namespace test_support {
namespace {

DiskFaultState own_state;

/// The function of this name that would have been called without this library.
template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

bool is_active() {
  return disk_fault_state.load()->trouble >= 0;
}

DiskTrouble trouble_now() {
  return static_cast<DiskTrouble>(disk_fault_state.load()->trouble.load());
}

bool is_in_directory(std::string_view path) {
  return path.starts_with(disk_fault_state.load()->directory);
}

bool is_open_in_directory(int fd) {
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t bytes = ::readlink(link.c_str(), path.data(), path.size());
  return bytes > 0 && is_in_directory({path.data(), static_cast<std::size_t>(bytes)});
}

/// The error that writing to the file meets; 0 for none.
int error_of_write(int fd) {
  if (!is_active() || !is_open_in_directory(fd)) return 0;
  switch (trouble_now()) {
    case DiskTrouble::full:
      return ENOSPC;
    case DiskTrouble::over_quota:
      return EDQUOT;
    case DiskTrouble::file_too_large:
      return EFBIG;
    case DiskTrouble::read_only:
      return EROFS;
    case DiskTrouble::no_descriptors:
    case DiskTrouble::unreadable:
      break;
  }
  return 0;
}

int error_of_read(int fd) {
  const bool meets =
      is_active() && trouble_now() == DiskTrouble::unreadable && is_open_in_directory(fd);
  return meets ? EIO : 0;
}

int error_of_open(int folder, const char* path, int flags) {
  if (!is_active()) return 0;
  const bool absolute = path[0] == '/';
  if (absolute ? !is_in_directory(path) : !is_open_in_directory(folder)) return 0;
  if (trouble_now() == DiskTrouble::no_descriptors) return EMFILE;
  const bool writes = (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0;
  return trouble_now() == DiskTrouble::read_only && writes ? EROFS : 0;
}

/// Calls the real function unless the call meets an error.
template <typename Function, typename... Arguments>
auto call(int error, const char* name, Arguments... arguments) {
  using Outcome = decltype(next<Function>(name)(arguments...));
  if (error != 0) {
    errno = error;
    return static_cast<Outcome>(-1);
  }
  return next<Function>(name)(arguments...);
}

}  // namespace

std::atomic<DiskFaultState*> disk_fault_state{&own_state};

DiskFault::DiskFault(const std::filesystem::path& directory, DiskTrouble trouble) {
  own_state.begin(directory, trouble);
}

DiskFault::~DiskFault() {
  own_state.end();
}

}  // namespace test_support

extern "C" {

using test_support::call;
using test_support::error_of_open;
using test_support::error_of_read;
using test_support::error_of_write;

ssize_t write(int fd, const void* data, size_t size) {
  return call<ssize_t(int, const void*, size_t)>(error_of_write(fd), "write", fd, data, size);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  return call<ssize_t(int, const void*, size_t, off_t)>(error_of_write(fd), "pwrite", fd, data,
                                                        size, offset);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  return call<ssize_t(int, const void*, size_t, off64_t)>(error_of_write(fd), "pwrite64", fd, data,
                                                          size, offset);
}

ssize_t pread(int fd, void* data, size_t size, off_t offset) {
  return call<ssize_t(int, void*, size_t, off_t)>(error_of_read(fd), "pread", fd, data, size,
                                                  offset);
}

ssize_t pread64(int fd, void* data, size_t size, off64_t offset) {
  return call<ssize_t(int, void*, size_t, off64_t)>(error_of_read(fd), "pread64", fd, data, size,
                                                    offset);
}

int fsync(int fd) {
  return call<int(int)>(error_of_write(fd), "fsync", fd);
}

int fdatasync(int fd) {
  return call<int(int)>(error_of_write(fd), "fdatasync", fd);
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int mode = va_arg(rest, int);
  va_end(rest);
  return call<int(const char*, int, ...)>(error_of_open(AT_FDCWD, path, flags), "open", path, flags,
                                          mode);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int mode = va_arg(rest, int);
  va_end(rest);
  return call<int(const char*, int, ...)>(error_of_open(AT_FDCWD, path, flags), "open64", path,
                                          flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int mode = va_arg(rest, int);
  va_end(rest);
  return call<int(int, const char*, int, ...)>(error_of_open(folder, path, flags), "openat", folder,
                                               path, flags, mode);
}

}  // extern "C"
