#include "server/app/commands.hpp"

#include <algorithm>
#include <array>

#include "server/app/backup_command.hpp"
#include "server/app/check_command.hpp"
#include "server/app/gc_command.hpp"
#include "server/app/restore_command.hpp"
#include "server/app/token_command.hpp"
#include "server/app/user_command.hpp"

namespace fuota::server::app {
namespace {

constexpr std::array kCommands{
    Command{"user", "Accounts of operators", run_user_command},
    Command{"token", "API tokens of accounts", run_token_command},
    Command{"fleet-key", "What devices enrol with", run_fleet_key_command},
    Command{"backup", "Copies all data into a new folder, also while the server runs", run_backup},
    Command{"restore", "Makes a data directory from a backup", run_restore},
    Command{"check", "Looks for damage in the data, also while the server runs", run_check},
    Command{"gc", "Removes what crashes have left in the data", run_gc},
};

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

const Command* find_command(std::span<const Command> table, int argc, char* const* argv) {
  if (argc < 2) return nullptr;
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Command& command) { return command.name == argv[1]; });
  return found == table.end() ? nullptr : &*found;
}

std::string describe(std::span<const Command> table) {
  std::size_t width = 0;
  for (const Command& command : table) width = std::max(width, command.name.size());
  std::string text;
  for (const Command& command : table) {
    text += "  " + std::string(command.name) + std::string(width - command.name.size() + 2, ' ') +
            std::string(command.help) + "\n";
  }
  return text;
}

}  // namespace fuota::server::app
