#include "server/app/restore_command.hpp"

#include <iostream>

#include "server/app/certificate.hpp"
#include "server/app/command_options.hpp"
#include "server/storage/sqlite/backup.hpp"

namespace fuota::server::app {

int run_restore(int argc, char** argv) {
  CLI::App app(
      "Makes a data directory from what \"fuota-server backup\" has made. The directory must be\n"
      "empty, or not be there; it appears when all of it is complete and verified, and belongs to\n"
      "whom the empty one belonged.",
      "fuota-server restore");
  std::filesystem::path directory = "fuota-data";
  std::filesystem::path backup;
  add_data_directory(app, directory);
  app.add_option("--from", backup, "The folder of the backup")->required()->type_name("DIR");
  if (const auto status = parse_command(app, argc, argv)) return *status;
  if (const auto status = require_data(backup, "name the folder of a backup with --from")) {
    return *status;
  }
  const auto report = storage::restore(backup, directory, certificate_file_names());
  if (!report) return command_failed("nothing was restored: " + report.error().detail);
  std::cout << "restored " << report->blobs << " contents of " << report->bytes << " bytes to "
            << directory.string() << "\n";
  return 0;
}

}  // namespace fuota::server::app
