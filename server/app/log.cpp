#include "server/app/log.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <string>

namespace fuota::server::app {
namespace {

/// The levels as syslog(3) counts them, in the order of the enumeration.
constexpr std::string_view kPriorities[] = {"<7>", "<6>", "<4>", "<3>"};
static_assert(std::size(kPriorities) == static_cast<std::size_t>(LogLevel::error) + 1);

/// The levels of http::Severity, in its order.
constexpr LogLevel kLevels[] = {LogLevel::debug, LogLevel::warning, LogLevel::error};
static_assert(std::size(kLevels) == static_cast<std::size_t>(http::Severity::error) + 1);

/// systemd.exec(5): JOURNAL_STREAM names device and inode of the journal's end of standard error.
bool is_journal(int fd) {
  const char* const stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || ::fstat(fd, &status) != 0) return false;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

}  // namespace

Log::Log(LogSettings settings, int fd)
    : settings_(settings), fd_(fd), to_journal_(is_journal(fd)) {}

Log::~Log() {
  write_pending();
}

void Log::on_request(const http::AccessRecord& record) {
  LineBuffer line;
  begin(line, LogLevel::info);
  append_request(line, settings_.format, std::chrono::system_clock::now(), record);
  const std::scoped_lock lock(mutex_);
  pending_.append(line.data(), line.data() + line.size());
  if (pending_.size() >= kLogPendingBytesMax) write_pending();
}

void Log::on_turn_end() {
  const std::scoped_lock lock(mutex_);
  write_pending();
}

void Log::on_event(http::Severity severity, std::string_view what) {
  if (severity == http::Severity::debug && !settings_.verbose) return;
  write(kLevels[static_cast<std::size_t>(severity)], what);
}

void Log::begin(LineBuffer& line, LogLevel level) const {
  if (!to_journal_) return;
  const std::string_view priority = kPriorities[static_cast<std::size_t>(level)];
  line.append(priority.data(), priority.data() + priority.size());
}

void Log::write(LogLevel level, std::string_view message) {
  counts_[static_cast<std::size_t>(level)].add();
  LineBuffer line;
  begin(line, level);
  append_message(line, settings_.format, std::chrono::system_clock::now(), level, message);
  const std::scoped_lock lock(mutex_);
  pending_.append(line.data(), line.data() + line.size());
  write_pending();
}

/// What can't be written is lost: there is no place to say so.
void Log::write_pending() {
  std::string_view rest(pending_.data(), pending_.size());
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  pending_.clear();
}

}  // namespace fuota::server::app
