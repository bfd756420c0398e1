#include "server/app/readiness.hpp"

#include <sys/statvfs.h>

#include <utility>

namespace fuota::server::app {
namespace {

using boost::asio::awaitable;
using storage::StoreError;

}  // namespace

std::optional<DiskRoom> disk_room(const std::filesystem::path& directory) {
  struct statvfs figures {};
  if (::statvfs(directory.c_str(), &figures) != 0) return std::nullopt;
  const std::uint64_t block_bytes = figures.f_frsize;
  return DiskRoom{figures.f_bavail * block_bytes, figures.f_blocks * block_bytes};
}

Readiness::Readiness(storage::Store& store, std::filesystem::path directory,
                     std::uint64_t file_bytes_max, http::Observer& log)
    : store_(store), directory_(std::move(directory)), file_bytes_max_(file_bytes_max), log_(log) {}

void Readiness::on_store_call(StoreCall call, std::chrono::nanoseconds,
                              std::optional<StoreError> error) {
  if (info_of(call).effect == StoreEffect::change) note(error);
}

/// A change that was refused for what it was about says nothing about the disk.
void Readiness::note(std::optional<StoreError> error) {
  if (!error) last_change_ = Change::made;
  if (error == StoreError::full) last_change_ = Change::full;
  if (error == StoreError::unavailable) last_change_ = Change::failed;
}

awaitable<bool> Readiness::can_read() {
  const auto read = co_await store_.root(1);
  const bool failed = !read && read.error().code != StoreError::not_found;
  if (failed && !read_failed_) {
    log_.on_event(http::Severity::error, "not ready: " + read.error().detail);
  }
  read_failed_ = failed;
  co_return !failed;
}

awaitable<void> Readiness::probe() {
  // Contacts are written by the store itself: nobody is told by a call that they can't be.
  const std::uint64_t failed_batches = store_.contact_counts().failed_batches;
  if (std::exchange(failed_batches_, failed_batches) != failed_batches) {
    note(StoreError::unavailable);
  }
  if (last_change_ == Change::made || Clock::now() < next_probe_) co_return;
  next_probe_ = Clock::now() + kProbePeriod;
  const auto probed = co_await store_.probe();
  note(probed ? std::nullopt : std::optional(probed.error().code));
  if (!probed && !probe_failed_) {
    log_.on_event(http::Severity::error, "not ready: " + probed.error().detail);
  }
  probe_failed_ = !probed;
}

awaitable<std::vector<std::string>> Readiness::complaints() {
  std::vector<std::string> lines;
  if (stopping_) lines.emplace_back("the server is stopping");
  if (!co_await can_read()) lines.emplace_back("the database can't be read: the log says why");
  co_await probe();
  const Change change = last_change_;
  if (change == Change::full) lines.emplace_back("the last change found the disk full");
  if (change == Change::failed) lines.emplace_back("the last change failed: the log says why");
  const auto room = disk_room(directory_);
  if (room && room->free_bytes < file_bytes_max_) {
    lines.push_back("the disk has " + std::to_string(room->free_bytes) +
                    " bytes left, and a file may have " + std::to_string(file_bytes_max_));
  }
  co_return lines;
}

}  // namespace fuota::server::app
