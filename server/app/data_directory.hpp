#pragma once

#include <filesystem>

#include "server/app/failure.hpp"
#include "server/storage/file_descriptor.hpp"

namespace fuota::server::app {

/// The server's directory, held by this process alone as long as this object lives.
class DataDirectory {
 public:
  /// Makes the directory if it is missing, and takes hold of it. Fails when it can't be written, or
  /// when another server holds it; a server that died holds nothing.
  [[nodiscard]] static Result<DataDirectory> open(const std::filesystem::path& path);

  /// Whether a server holds the directory now.
  [[nodiscard]] static bool is_held(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  DataDirectory(std::filesystem::path path, storage::FileDescriptor lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  storage::FileDescriptor lock_;
};

}  // namespace fuota::server::app
