#include "cli/fleet_command.hpp"

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>

#include "cli/fleet_options.hpp"
#include "cli/fleet_run.hpp"

namespace fuota::cli {
namespace {

constexpr double kSecondsMax = 30.0 * 24 * 3600;
constexpr std::uint64_t kDevicesMax = 10'000'000;
constexpr std::uint64_t kNumberMax = 1'000'000'000'000;
constexpr std::uint64_t kChecksMax = 1'000'000'000'000;
constexpr std::uint64_t kRateBytesMax = 1'000'000'000'000;

constexpr char kDescription[] =
    "Put load on a server: many devices that check, download, or hold connections, over real TLS.\n"
    "The devices need rows on the server, and are answered as any other device.";

constexpr char kFooter[] =
    "Examples:\n"
    "  export FUOTA_PASSWORD=...\n"
    "  to=\"--server updates.example.org:50000 --ca ca_cert.pem --user fuota\"\n"
    "How many checks a second can the server take, if each is a new connection?\n"
    "  fuota simulate fleet $to --devices 1000 --concurrency 64 --duration 30\n"
    "Does it serve 50,000 devices that poll every five minutes, and how quickly?\n"
    "  fuota simulate fleet $to --devices 50000 --interval 300 --duration 600 --mode resumed\n"
    "What if 20,000 devices wake up within a minute?\n"
    "  fuota simulate fleet $to --devices 20000 --checks 20000 --interval 60\n"
    "How long does a rollout to 500 devices take that load at 20 KB a second?\n"
    "  fuota simulate fleet $to --devices 500 --checks 500 --interval 60 --downloads \\\n"
    "    --download-rate 20000\n"
    "What does a connection cost that is only open?\n"
    "  fuota simulate fleet $to --devices 5000 --idle\n"
    "\n"
    "At a given rate, latency counts from the time at which a check was due, so that a server "
    "that\n"
    "stalls can't hide it. SIGINT ends a run early, with its summary. Exit status: 0 when there "
    "was\n"
    "no error of any kind, else 1; 2 for wrong arguments.";

std::map<std::string, FleetMode> modes() {
  return {{"full", FleetMode::full},
          {"resumed", FleetMode::resumed},
          {"keep-alive", FleetMode::keep_alive}};
}

void add_server_options(CLI::App& command, FleetOptions& options) {
  const char* const group = "Server and credentials";
  command.add_option("--server", options.server, "The server; an IPv6 address in brackets")
      ->type_name("HOST:PORT")
      ->required()
      ->group(group);
  command
      .add_option("--ca", options.ca,
                  "PEM certificates that are trusted: the server's own, as devices have it")
      ->type_name("FILE")
      ->required()
      ->group(group);
  command.add_option("--user", options.user, "The user that all devices name")
      ->envname("FUOTA_USER")
      ->type_name("NAME")
      ->group(group);
  command
      .add_option("--password", options.password,
                  "Its password. Other users of this machine can see a flag: use the environment")
      ->envname("FUOTA_PASSWORD")
      ->type_name("PASSWORD")
      ->group(group);
  command
      .add_option("--tokens", options.tokens,
                  "Instead: a file with a line `id,token` for each device")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--tls", options.tls, "Speak this version of TLS alone [the newest of both]")
      ->check(CLI::IsMember({"1.2", "1.3"}))
      ->option_text("1.2|1.3")
      ->group(group);
}

void add_device_options(CLI::App& command, FleetOptions& options) {
  const char* const group = "Devices";
  command.add_option("--devices", options.devices, "How many")
      ->check(CLI::Range(std::uint64_t{1}, kDevicesMax))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  command.add_option("--first", options.first, "The number of the first one")
      ->check(CLI::Range(std::uint64_t{0}, kNumberMax))
      ->type_name("K")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--id-format", options.id_format,
                  "How the id is made of the number: one %0Nd is its N digits")
      ->type_name("TEXT")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--mode", options.mode,
                  "For each check: a full TLS handshake, the session of the check before"
                  " resumed, or one connection kept")
      ->transform(CLI::CheckedTransformer(modes()))
      ->option_text("full|resumed|keep-alive=full")
      ->group(group);
  command
      .add_option("--app-version", options.app_version, "The version that the devices say they run")
      ->type_name("TEXT")
      ->capture_default_str()
      ->group(group);
  command.add_flag("--native", options.native, "Check as devices with release keys do: for offers")
      ->group(group);
  CLI::Option* const downloads =
      command.add_flag("--downloads", options.downloads, "Download the file that is offered")
          ->group(group);
  command.add_option("--file", options.file, "Download this file, instead of checking")
      ->type_name("NAME")
      ->excludes(downloads)
      ->group(group);
  command
      .add_option("--download-rate", options.download_bytes_per_s,
                  "How fast each device downloads [as fast as it can]")
      ->check(CLI::Range(std::uint64_t{100}, kRateBytesMax))
      ->type_name("BYTES_PER_S")
      ->group(group);
  command.add_flag("--idle", options.idle, "Check once each, then hold the connections")
      ->group(group);
  command
      .add_flag("!--ignore-retry-after,--honour-retry-after", options.honour_retry_after,
                "Whether a device stays away for as long as Retry-After says [it does]")
      ->group(group);
}

void add_load_options(CLI::App& command, FleetOptions& options) {
  const char* const group = "Load";
  CLI::Option* const rate =
      command.add_option("--rate", options.rate_checks_per_s, "Checks of all devices together")
          ->check(CLI::Range(0.001, 1e7))
          ->type_name("CHECKS_PER_S")
          ->group(group);
  CLI::Option* const interval =
      command
          .add_option("--interval", options.interval_s,
                      "Each device checks once in this time, all of them spread over it")
          ->check(CLI::Range(0.001, kSecondsMax))
          ->type_name("SECONDS")
          ->group(group);
  rate->excludes(interval);
  command
      .add_option("--concurrency", options.concurrency,
                  "Without either: as many checks as can be made, this many at a time")
      ->check(CLI::Range(1U, 1'000'000U))
      ->type_name("C")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--duration", options.duration_s,
                  "No check is begun after this time [10, where --checks or --idle isn't given]")
      ->check(CLI::Range(0.001, kSecondsMax))
      ->type_name("SECONDS")
      ->group(group);
  command.add_option("--checks", options.checks, "How many checks all devices make together")
      ->check(CLI::Range(std::uint64_t{1}, kChecksMax))
      ->type_name("N")
      ->group(group);
  command
      .add_option("--timeout", options.timeout_s,
                  "The longest time for a check, connecting included, and for each part of a"
                  " download")
      ->check(CLI::Range(0.1, 3600.0))
      ->type_name("SECONDS")
      ->capture_default_str()
      ->group(group);
}

void add_machine_options(CLI::App& command, FleetOptions& options) {
  const char* const group = "This machine";
  command.add_option("--threads", options.threads, "Threads that the devices share")
      ->check(CLI::Range(1U, 256U))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  command
      .add_flag("--busy-wait", options.busy_wait,
                "Let no thread sleep, so that a server on this machine spends no time on waking it;"
                " takes a core for each thread")
      ->group(group);
  command
      .add_option("--source", options.sources,
                  "Local address to connect from; repeat it for more connections than one address"
                  " has ports")
      ->allow_extra_args(false)
      ->type_name("ADDRESS")
      ->group(group);
  command.add_option("--json", options.json, "Write the result to this file too")
      ->type_name("FILE")
      ->group(group);
  command.add_flag("--quiet", options.quiet, "No progress on standard error")->group(group);
}

}  // namespace

void add_simulate_commands(CLI::App& app, std::function<Result<std::string>()>& action) {
  CLI::App* const group = app.add_subcommand("simulate", "Try a server with simulated devices");
  group->require_subcommand(1);
  CLI::App* const fleet = group->add_subcommand("fleet", kDescription);
  auto options = std::make_shared<FleetOptions>();
  add_server_options(*fleet, *options);
  add_device_options(*fleet, *options);
  add_load_options(*fleet, *options);
  add_machine_options(*fleet, *options);
  fleet->footer(kFooter);
  fleet->callback([&action, options] { action = [=] { return simulate_fleet(*options); }; });
}

}  // namespace fuota::cli
