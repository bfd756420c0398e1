#include "server/app/local_operator.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <iostream>
#include <string>
#include <system_error>

#include "server/storage/sqlite/sqlite_store.hpp"

namespace fuota::server::app {
namespace {

constexpr mode_t kDirectoryMode = 0750;

/// The user of this machine, by name, or by number where there is no name.
std::string user_name() {
  std::array<char, 4096> space{};
  passwd entry{};
  passwd* found = nullptr;
  const uid_t user = ::geteuid();
  if (::getpwuid_r(user, &entry, space.data(), space.size(), &found) == 0 && found != nullptr) {
    return entry.pw_name;
  }
  return std::to_string(user);
}

}  // namespace

domain::Change local_change() {
  domain::Change change;
  change.by = "local:" + user_name();
  change.from = "local";
  change.at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return change;
}

Result<std::unique_ptr<storage::Store>> open_beside_server(const std::filesystem::path& directory) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(directory, error);
  std::filesystem::create_directories(absolute.parent_path(), error);
  if (::mkdir(absolute.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
    return StartFailure{"the data directory " + directory.string() +
                        " can't be made: " + std::generic_category().message(errno)};
  }
  storage::SqliteStoreSettings settings;
  settings.beside_server = true;
  auto store = storage::open_sqlite_store(directory, std::move(settings));
  if (!store) return StartFailure{"the data can't be opened: " + store.error().detail};
  return std::move(*store);
}

int fail(const StartFailure& failure) {
  std::cerr << "fuota-server: " << failure.line << "\n";
  return 1;
}

int fail(const storage::Failure& failure, std::string_view missing) {
  if (failure.code == storage::StoreError::not_found)
    return fail(StartFailure{std::string(missing)});
  return fail(StartFailure{"the data can't be changed: " + failure.detail});
}

}  // namespace fuota::server::app
