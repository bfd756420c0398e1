#include "server/app/backup_command.hpp"

#include <iostream>

#include "server/app/certificate.hpp"
#include "server/app/command_options.hpp"
#include "server/storage/sqlite/backup.hpp"

namespace fuota::server::app {

int run_backup(int argc, char** argv) {
  CLI::App app(
      "Copies all data of a server into a new folder, also while the server runs: devices, files,\n"
      "histories, accounts, the audit log, and the certificate with its key. The folder appears\n"
      "when it is complete and verified. Contents that lie on the same disk are shared with it:\n"
      "copy the folder to another machine.",
      "fuota-server backup");
  std::filesystem::path directory = "fuota-data";
  std::filesystem::path target;
  add_data_directory(app, directory);
  app.add_option("--to", target, "The new folder")->required()->type_name("DIR");
  if (const auto status = parse_command(app, argc, argv)) return *status;
  if (const auto status = require_data(directory)) return *status;
  const auto report = storage::back_up(directory, target, certificate_file_names());
  if (!report) return command_failed("there is no backup: " + report.error().detail);
  std::cout << "backed up " << report->blobs << " contents of " << report->bytes << " bytes to "
            << target.string() << "\n";
  return 0;
}

}  // namespace fuota::server::app
