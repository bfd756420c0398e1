#include "cli/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace fuota::cli {
namespace {

constexpr mode_t kSecretMode = 0600;
constexpr mode_t kPublicMode = 0644;

/// Owns a descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Failure failed(const char* what, const std::filesystem::path& path, int error) {
  return Failure{std::string(what) + " " + path.string() + ": " +
                 std::generic_category().message(error)};
}

/// False with errno set when not all could be written and brought to the disk.
bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t bytes = ::write(fd, content.data(), content.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(bytes));
  }
  return ::fsync(fd) == 0;
}

/// Creates `path` and writes it; what was begun is removed when that fails.
Result<void> write_new(const std::filesystem::path& path, std::string_view content, mode_t mode) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file.valid()) return failed("can't create", path, errno);
  if (write_all(file.get(), content)) return {};
  const int error = errno;
  ::unlink(path.c_str());
  return failed("can't write", path, error);
}

Result<void> sync_folder_of(const std::filesystem::path& path) {
  const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : ".";
  const Descriptor folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.valid() && ::fsync(folder.get()) == 0) return {};
  return failed("can't sync the folder of", path, errno);
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return failed("can't open", path, errno);
  std::string content(bytes_max + 1, '\0');
  std::size_t used = 0;
  while (used < content.size()) {
    const ssize_t bytes = ::read(file.get(), content.data() + used, content.size() - used);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return failed("can't read", path, errno);
    if (bytes == 0) break;
    used += static_cast<std::size_t>(bytes);
  }
  if (used > bytes_max) {
    return Failure{path.string() + " is longer than " + std::to_string(bytes_max) +
                   " bytes: it is not the file that was meant"};
  }
  content.resize(used);
  return Result<std::string>(boost::system::in_place_value, std::move(content));
}

Result<void> write_new_secret(const std::filesystem::path& path, std::string_view content) {
  if (auto written = write_new(path, content, kSecretMode); !written) return written;
  return sync_folder_of(path);
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::path incoming = path;
  incoming += ".incoming-" + std::to_string(::getpid());
  if (auto written = write_new(incoming, content, kPublicMode); !written) return written;
  if (::rename(incoming.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(incoming.c_str());
    return failed("can't write", path, error);
  }
  return sync_folder_of(path);
}

}  // namespace fuota::cli
