#pragma once

#include <utility>

namespace fuota::server::storage {

/// Owns one file descriptor of the operating system and closes it. Movable, not copyable.
class FileDescriptor {
 public:
  FileDescriptor() = default;

  /// Takes over `fd`, which may be -1 for "none".
  explicit FileDescriptor(int fd) : fd_(fd) {}

  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  [[nodiscard]] int get() const { return fd_; }

  /// Gives the descriptor to the caller, who closes it from now on; -1 if there was none.
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

}  // namespace fuota::server::storage
