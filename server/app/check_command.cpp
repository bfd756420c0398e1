#include "server/app/check_command.hpp"

#include <iostream>

#include "server/app/command_options.hpp"
#include "server/app/data_directory.hpp"
#include "server/storage/sqlite/examination.hpp"
#include "server/storage/sqlite/schema.hpp"

namespace fuota::server::app {
namespace {

std::string version_text(int version) {
  std::string text = "schema version " + std::to_string(version);
  if (version < storage::kSchemaVersion) {
    text += ", which the next start of a server makes " + std::to_string(storage::kSchemaVersion);
  }
  return text;
}

}  // namespace

int run_check(int argc, char** argv) {
  CLI::App app(
      "Looks at all data of a server, also while the server runs: the database's structure, and\n"
      "the digest of every content. Changes nothing. A line for each thing that is damaged, and\n"
      "for each that is left over. Ends with 1 when something is damaged.",
      "fuota-server check");
  std::filesystem::path directory = "fuota-data";
  add_data_directory(app, directory);
  if (const auto status = parse_command(app, argc, argv)) return *status;
  if (const auto status = require_data(directory)) return *status;
  const auto found = storage::examine(directory, DataDirectory::is_held(directory));
  if (!found) return command_failed("the data can't be examined: " + found.error().detail);
  for (const std::string& line : found->damages) std::cout << "damaged: " << line << "\n";
  for (const std::string& line : found->leftovers) std::cout << "left over: " << line << "\n";
  std::cout << version_text(found->schema_version) << ", " << found->blobs << " contents of "
            << found->bytes << " bytes, " << found->damages.size() << " damaged, "
            << found->leftovers.size() << " left over\n";
  return found->damages.empty() ? 0 : 1;
}

}  // namespace fuota::server::app
