#include "server/app/token_command.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "fuota_protocol/names.hpp"
#include "server/api/access_token.hpp"
#include "server/api/time_text.hpp"
#include "server/api/token_endpoints.hpp"
#include "server/app/local_command.hpp"
#include "server/app/local_operator.hpp"

namespace fuota::server::app {
namespace {

constexpr std::uint64_t kDaysMax = api::kExpiresInSMax / 86'400;

struct TokenOptions {
  std::filesystem::path directory = "fuota-data";
  std::string owner;
  std::string label;
  std::string role;
  std::string id;
  std::optional<std::uint64_t> expires_in_days;
  std::optional<std::uint64_t> enrolments_max;
};

std::optional<domain::Time> expiry(const TokenOptions& options, domain::Time now) {
  if (!options.expires_in_days) return std::nullopt;
  return now + std::chrono::days(*options.expires_in_days);
}

std::string text_of(const std::optional<domain::Time>& time) {
  return time ? api::to_text(*time) : "never";
}

/// Why the label can't be one; nothing when it can.
std::optional<StartFailure> check_label(const std::string& label) {
  if (label.size() <= api::kLabelBytesMax &&
      protocol::check_version(label) == protocol::NameError::none) {
    return std::nullopt;
  }
  return StartFailure{
      "the label can't be one: use 1 to 64 bytes, without control characters, /, \\ and \""};
}

int add_token(storage::Store& store, const TokenOptions& options) {
  if (const auto problem = check_label(options.label)) return fail(*problem);
  const std::string secret = api::make_token(api::TokenKind::api);
  const domain::Change change = local_change();
  domain::ApiToken token;
  token.id = api::make_id();
  token.owner = options.owner;
  token.label = options.label;
  token.role = *domain::parse_role(options.role);
  token.digest = api::digest_of(secret);
  token.created = change.at;
  token.expires = expiry(options, change.at);
  const auto stored = run_now(store.put_api_token(std::move(token), change));
  if (!stored) return fail(stored.error(), "there is no account of this name");
  std::cout << secret << "\n";
  return 0;
}

int remove_token(storage::Store& store, const TokenOptions& options) {
  const auto removed = run_now(store.remove_api_token(options.id, local_change()));
  return removed ? 0 : fail(removed.error(), "there is no token of this id");
}

int list_tokens(storage::Store& store, const TokenOptions&) {
  const auto tokens = run_now(store.api_tokens(""));
  if (!tokens) return fail(tokens.error(), "");
  for (const domain::ApiToken& token : *tokens) {
    std::cout << token.id << "\t" << token.owner << "\t" << token.label << "\t"
              << domain::name_of(token.role) << "\t" << text_of(token.expires) << "\n";
  }
  return 0;
}

int add_fleet_key(storage::Store& store, const TokenOptions& options) {
  if (const auto problem = check_label(options.label)) return fail(*problem);
  const std::string secret = api::make_token(api::TokenKind::fleet);
  const domain::Change change = local_change();
  domain::FleetKey key;
  key.id = api::make_id();
  key.label = options.label;
  key.digest = api::digest_of(secret);
  key.created = change.at;
  key.expires = expiry(options, change.at);
  key.enrolments_max = options.enrolments_max;
  const auto stored = run_now(store.put_fleet_key(std::move(key), change));
  if (!stored) return fail(stored.error(), "");
  std::cout << secret << "\n";
  return 0;
}

int remove_fleet_key(storage::Store& store, const TokenOptions& options) {
  const auto removed = run_now(store.remove_fleet_key(options.id, local_change()));
  return removed ? 0 : fail(removed.error(), "there is no fleet key of this id");
}

int list_fleet_keys(storage::Store& store, const TokenOptions&) {
  const auto keys = run_now(store.fleet_keys());
  if (!keys) return fail(keys.error(), "");
  for (const domain::FleetKey& key : *keys) {
    std::cout << key.id << "\t" << key.label << "\t" << key.enrolments << "/"
              << (key.enrolments_max ? std::to_string(*key.enrolments_max) : "any") << "\t"
              << text_of(key.expires) << "\n";
  }
  return 0;
}

void add_expiry_option(CLI::App& app, TokenOptions& options) {
  app.add_option("--expires-in-days", options.expires_in_days, "From then on it is worth nothing")
      ->type_name("DAYS")
      ->check(CLI::Range(std::uint64_t{1}, kDaysMax));
}

void add_id_option(CLI::App& app, TokenOptions& options) {
  app.add_option("ID", options.id, "As the list has it")->required();
}

void add_new_token_options(CLI::App& app, TokenOptions& options) {
  app.add_option("OWNER", options.owner, "The account that it belongs to")->required();
  app.add_option("LABEL", options.label, "What it is called")->required();
  add_role(app, options.role, "viewer, publisher, operator or admin; never more than the owner's");
  add_expiry_option(app, options);
}

void add_new_key_options(CLI::App& app, TokenOptions& options) {
  app.add_option("LABEL", options.label, "What it is called")->required();
  app.add_option("--enrolments-max", options.enrolments_max, "How many devices may enrol with it")
      ->type_name("COUNT")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
  add_expiry_option(app, options);
}

void add_no_options(CLI::App&, TokenOptions&) {}

constexpr LocalCommand<TokenOptions> kTokenCommands[] = {
    {"add", "Make a token; it is printed this once", add_new_token_options, add_token},
    {"remove", "Remove a token", add_id_option, remove_token},
    {"list", "List the tokens: id, owner, label, role, until when", add_no_options, list_tokens},
};

constexpr LocalCommand<TokenOptions> kFleetKeyCommands[] = {
    {"add", "Make a fleet key; it is printed this once", add_new_key_options, add_fleet_key, true},
    {"remove", "Remove a fleet key; devices that have enrolled stay", add_id_option,
     remove_fleet_key},
    {"list", "List the fleet keys: id, label, enrolments, until when", add_no_options,
     list_fleet_keys},
};

}  // namespace

int run_token_command(int argc, char** argv) {
  CLI::App app("API tokens of accounts, in the data of a server that may be running.",
               "fuota-server token");
  return run_local_command<TokenOptions>(kTokenCommands, app, argc, argv);
}

int run_fleet_key_command(int argc, char** argv) {
  CLI::App app("What devices enrol with, in the data of a server that may be running.",
               "fuota-server fleet-key");
  return run_local_command<TokenOptions>(kFleetKeyCommands, app, argc, argv);
}

}  // namespace fuota::server::app
