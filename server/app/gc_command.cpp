#include "server/app/gc_command.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>

#include "server/app/audit_retention.hpp"
#include "server/app/command_options.hpp"
#include "server/app/data_directory.hpp"
#include "server/app/local_operator.hpp"
#include "server/storage/sqlite/garbage.hpp"

namespace fuota::server::app {
namespace {

/// Removes what the audit log shall not keep, and says so. The status of the command.
int shorten_audit(const std::filesystem::path& directory, std::chrono::days keep) {
  const auto store = open_beside_server(directory);
  if (!store) return command_failed(store.error().line);
  const domain::Change change = local_change();
  std::size_t removed = 0;
  for (std::size_t last = storage::kAuditRemovedMax; last == storage::kAuditRemovedMax;) {
    const auto shortened =
        run_now((*store)->shorten_audit(audit_kept_from(change.at, keep), change));
    if (!shortened) return command_failed(shortened.error().detail);
    last = *shortened;
    removed += last;
  }
  std::cout << "removed " << removed << " entries of the audit log\n";
  return 0;
}

}  // namespace

int run_gc(int argc, char** argv) {
  CLI::App app(
      "Removes from the data of a server that is stopped what belongs to no file: contents and\n"
      "uploads that a crash has left. A server does the same when it starts.",
      "fuota-server gc");
  std::filesystem::path directory = "fuota-data";
  add_data_directory(app, directory);
  int audit_keep_days = 0;
  app.add_option("--audit-keep-days", audit_keep_days,
                 "Remove entries of the audit log that are older, too; 0: none")
      ->envname("FUOTA_AUDIT_KEEP_DAYS")
      ->check(CLI::Range(0, 36'500))
      ->type_name("DAYS")
      ->capture_default_str();
  if (const auto status = parse_command(app, argc, argv)) return *status;
  // A directory that is opened is made; one without data would stay empty.
  if (const auto status = require_data(directory)) return *status;
  const auto held = DataDirectory::open(directory);
  if (!held) return command_failed(held.error().line);
  const auto garbage = storage::remove_garbage(directory);
  if (!garbage) return command_failed(garbage.error().detail);
  for (const std::string& name : garbage->removed) std::cout << "removed " << name << "\n";
  std::cout << "freed " << garbage->bytes << " bytes in " << garbage->removed.size() << " files\n";
  if (audit_keep_days > 0) return shorten_audit(directory, std::chrono::days(audit_keep_days));
  return 0;
}

}  // namespace fuota::server::app
