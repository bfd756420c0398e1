#include "server/app/command_options.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <iostream>
#include <system_error>

#include "server/storage/sqlite/data_files.hpp"

namespace fuota::server::app {

void add_data_directory(CLI::App& app, std::filesystem::path& directory) {
  app.add_option("--data-dir", directory, "The server's data directory")
      ->envname("FUOTA_DATA_DIR")
      ->type_name("DIR")
      ->capture_default_str();
}

void add_role(CLI::App& app, std::string& role, const std::string& help) {
  app.add_option("--role", role, help)
      ->type_name("ROLE")
      ->check(CLI::IsMember({"viewer", "publisher", "operator", "admin"}))
      ->required();
}

std::optional<int> parse_command(CLI::App& app, int argc, char** argv) {
  constexpr int kUsageStatus = 2;
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::Error& error) {
    std::cerr << app.get_name() << ": " << error.what() << " (" << app.get_name()
              << " --help explains the flags)\n";
    return kUsageStatus;
  }
  return std::nullopt;
}

std::optional<int> require_data(const std::filesystem::path& directory, const std::string& remedy) {
  std::error_code unknown;  // Whoever opens it says why it can't be.
  if (std::filesystem::exists(directory / storage::kDatabaseFile, unknown) || unknown) {
    return std::nullopt;
  }
  return command_failed("there are no data in " + directory.string() + ": " + remedy);
}

int command_failed(const std::string& line) {
  std::cerr << "fuota-server: " << line << "\n";
  return 1;
}

}  // namespace fuota::server::app
