#include "server/app/gc_command.hpp"

#include <iostream>

#include "server/app/command_options.hpp"
#include "server/app/data_directory.hpp"
#include "server/storage/sqlite/data_files.hpp"
#include "server/storage/sqlite/garbage.hpp"

namespace fuota::server::app {

int run_gc(int argc, char** argv) {
  CLI::App app(
      "Removes from the data of a server that is stopped what belongs to no file: contents and\n"
      "uploads that a crash has left. A server does the same when it starts.",
      "fuota-server gc");
  std::filesystem::path directory = "fuota-data";
  add_data_directory(app, directory);
  if (const auto status = parse_command(app, argc, argv)) return *status;
  // A directory that is opened is made; one without data would stay empty.
  std::error_code error;
  if (!std::filesystem::exists(directory / storage::kDatabaseFile, error)) {
    return command_failed("there are no data in " + directory.string() +
                          ": name the server's directory with --data-dir");
  }
  const auto held = DataDirectory::open(directory);
  if (!held) return command_failed(held.error().line);
  const auto garbage = storage::remove_garbage(directory);
  if (!garbage) return command_failed(garbage.error().detail);
  for (const std::string& name : garbage->removed) std::cout << "removed " << name << "\n";
  std::cout << "freed " << garbage->bytes << " bytes in " << garbage->removed.size() << " files\n";
  return 0;
}

}  // namespace fuota::server::app
