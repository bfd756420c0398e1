#include "server/app/user_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <utility>

#include "server/api/account_name.hpp"
#include "server/api/password_hash.hpp"
#include "server/api/time_text.hpp"
#include "server/app/local_command.hpp"
#include "server/app/local_operator.hpp"
#include "server/app/secret_input.hpp"

namespace fuota::server::app {
namespace {

constexpr std::string_view kNoAccount = "there is no account of this name";

struct UserOptions {
  std::filesystem::path directory = "fuota-data";
  std::string name;
  std::string role;
};

int fail_as_present() {
  return fail({"there is an account of this name: use set-password or set-role to change it"});
}

/// Makes an account, or says that it is there already.
int add(storage::Store& store, const UserOptions& options) {
  if (!api::is_account_name(options.name)) {
    return fail({"the name can't be an account's: use " + std::string(api::account_name_rule())});
  }
  const auto present = run_now(store.account(options.name));
  if (present) return fail_as_present();
  if (present.error().code != storage::StoreError::not_found) {
    return fail(present.error(), kNoAccount);
  }
  const auto password = read_new_password();
  if (!password) return fail(password.error());
  domain::Account account;
  account.name = options.name;
  account.role = *domain::parse_role(options.role);
  account.password_hash = api::hash_password(*password);
  const domain::Change change = local_change();
  account.created = change.at;
  const auto stored = run_now(store.create_account(std::move(account), change));
  if (!stored && stored.error().code == storage::StoreError::in_use) return fail_as_present();
  return stored ? 0 : fail(stored.error(), kNoAccount);
}

int change(storage::Store& store, const UserOptions& options, domain::AccountChange wanted) {
  const auto stored =
      run_now(store.change_account(options.name, std::move(wanted), local_change()));
  return stored ? 0 : fail(stored.error(), kNoAccount);
}

int set_password(storage::Store& store, const UserOptions& options) {
  // Nobody is asked for a password in vain.
  const auto present = run_now(store.account(options.name));
  if (!present) return fail(present.error(), kNoAccount);
  const auto password = read_new_password();
  if (!password) return fail(password.error());
  domain::AccountChange wanted;
  wanted.password_hash = api::hash_password(*password);
  return change(store, options, std::move(wanted));
}

int set_role(storage::Store& store, const UserOptions& options) {
  domain::AccountChange wanted;
  wanted.role = domain::parse_role(options.role);
  return change(store, options, std::move(wanted));
}

int remove(storage::Store& store, const UserOptions& options) {
  const auto removed = run_now(store.remove_account(options.name, local_change()));
  return removed ? 0 : fail(removed.error(), kNoAccount);
}

int list(storage::Store& store, const UserOptions&) {
  const auto accounts = run_now(store.accounts());
  if (!accounts) return fail(accounts.error(), kNoAccount);
  for (const domain::Account& account : *accounts) {
    std::cout << account.name << "\t" << domain::name_of(account.role) << "\t"
              << api::to_text(account.created) << "\n";
  }
  return 0;
}

void add_name(CLI::App& command, UserOptions& options) {
  command.add_option("NAME", options.name, "The account")->required();
}

void add_name_and_role(CLI::App& command, UserOptions& options) {
  add_name(command, options);
  add_role(command, options.role, "viewer, publisher, operator or admin");
}

constexpr LocalCommand<UserOptions> kCommands[] = {
    {"add", "Make an account; the password is asked for, or read from standard input",
     add_name_and_role, add, true},
    {"set-password", "Give an account another password", add_name, set_password},
    {"set-role", "Give an account another role", add_name_and_role, set_role},
    {"remove", "Remove an account and its API tokens", add_name, remove},
    {"list", "List the accounts: name, role, since when", [](CLI::App&, UserOptions&) {}, list},
};

}  // namespace

int run_user_command(int argc, char** argv) {
  CLI::App app("Accounts of operators, in the data of a server that may be running.",
               "fuota-server user");
  return run_local_command<UserOptions>(kCommands, app, argc, argv);
}

}  // namespace fuota::server::app
