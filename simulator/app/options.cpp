#include "simulator/app/options.hpp"

#include <CLI/CLI.hpp>
#include <charconv>

#include "simulator/app/access_point_option.hpp"

namespace simulator::app {
namespace {

constexpr int kUsageError = 2;
/// What the device reads of NVS as a version; 65535 stands for none there.
constexpr int kKeyVersionMax = 65'534;

constexpr const char* kDescription =
    "A virtual ESP32: runs fuota's sample application and components, unchanged, on a simulated\n"
    "chip whose flash holds a real application image. The image is what is booted, checked and\n"
    "replaced; the code inside it is not executed.";

constexpr const char* kFooter =
    "To try it by hand, with a server on this machine:\n"
    "  US_AUTH_USERNAME=me US_AUTH_PASSWORD=secret fuota-server --listen 127.0.0.1:50000 &\n"
    "  virtual-esp32 --flash board.flash --image esp32-fuota.bin --id 00001 \\\n"
    "    --server 127.0.0.1:50000 --user me --password secret \\\n"
    "    --certificate fuota-data/ca_cert.pem --until idle --speed max\n"
    "  (upload a newer image and assign it to 00001: see the README)\n"
    "  virtual-esp32 --flash board.flash --until updated --speed max\n"
    "\n"
    "Exit status: 0 it ended as --until asks; 1 the time limit came first; 2 the command line is\n"
    "wrong; 3 a file cannot be used, or nothing in the flash can be booted.";

/// "HOST:PORT"
std::optional<net::Endpoint> parse_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  int port = 0;
  const char* begin = text.data() + colon + 1;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(begin, end, port);
  if (error != std::errc{} || stop != end || port < 1 || port > 65535) return std::nullopt;
  return net::Endpoint{text.substr(0, colon), port};
}

std::optional<std::array<std::uint8_t, 6>> parse_mac(const std::string& text) {
  std::array<std::uint8_t, 6> mac{};
  if (text.size() != 17) return std::nullopt;
  for (std::size_t i = 0; i < mac.size(); ++i) {
    const char* byte = text.data() + 3 * i;
    if (i > 0 && byte[-1] != ':') return std::nullopt;
    const auto [stop, error] = std::from_chars(byte, byte + 2, mac[i], 16);
    if (error != std::errc{} || stop != byte + 2) return std::nullopt;
  }
  return mac;
}

std::optional<std::int64_t> parse_seconds(const std::string& text) {
  double seconds = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool valid =
      error == std::errc{} && stop == text.data() + text.size() && seconds > 0 && seconds <= 1e9;
  if (!valid) return std::nullopt;
  return static_cast<std::int64_t>(seconds * 1e6);
}

/// The texts of options that are not plain values.
struct Texts {
  std::string server;
  std::string mac;
  std::string idf{kernel::name_of(Options{}.idf)};
  std::string until;
  std::string speed = "real";
  std::vector<std::string> access_points;
  std::vector<std::string> routes;
  double time_limit_s = 3600;
  unsigned flash_mib = 4;
};

void add_board_options(CLI::App& app, Options& options, Texts& texts) {
  app.add_option("--flash", options.flash, "The board's flash: created with --image, else booted")
      ->type_name("FILE");
  app.add_option("--image", options.image, "Make a new board that runs this application image")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  app.add_option("--partitions", options.partitions,
                 "Partition table of a new board (default: that of the sample application)")
      ->type_name("CSV")
      ->check(CLI::ExistingFile);
  app.add_option("--flash-size", texts.flash_mib, "Flash of a new board, in MiB")
      ->capture_default_str()
      ->check(CLI::IsMember({2, 4, 8, 16}));
  app.add_option("--chip", options.chip, "The chip (default: the one that the image is for)");
  app.add_option("--mac", texts.mac, "Base MAC address, 24:0a:c4:00:00:01 by default")
      ->type_name("MAC");
  app.add_flag("!--no-rollback", options.rollback,
               "A bootloader that gives new images no trial boot");
  std::vector<std::string> versions;
  for (const kernel::IdfVersion version : kernel::all_idf_versions()) {
    versions.emplace_back(kernel::name_of(version));
  }
  app.add_option("--idf-version", texts.idf,
                 "The ESP-IDF whose behaviour bootloader and firmware show (docs/simulator.md)")
      ->capture_default_str()
      ->check(CLI::IsMember(versions));
}

void add_provisioning_options(CLI::App& app, Options& options, Texts& texts) {
  const char* group = "Provisioning (written to NVS before the board starts)";
  Provisioning& values = options.provisioning;
  app.add_option("--id", values.device_id, "Device identifier (default: the MAC address)")
      ->group(group);
  app.add_option("--server", texts.server, "Update server")->type_name("HOST:PORT")->group(group);
  app.add_option("--user", values.username, "Username at the server")->group(group);
  app.add_option("--password", values.password, "Password at the server")
      ->envname("FUOTA_PASSWORD")
      ->group(group);
  app.add_option("--certificate", values.certificate, "The server's certificate, PEM")
      ->type_name("FILE")
      ->check(CLI::ExistingFile)
      ->group(group);
  app.add_option("--fleet-key", values.fleet_key,
                 "With it the board enrols and gets a token of its own, in place of username and "
                 "password")
      ->type_name("KEY")
      ->envname("FUOTA_FLEET_KEY")
      ->group(group);
  app.add_option("--client-certificate", values.client_certificate,
                 "The board's own certificate, PEM, in place of username and password")
      ->type_name("FILE")
      ->check(CLI::ExistingFile)
      ->group(group);
  app.add_option("--client-key", values.client_key, "The key of the board's own certificate, PEM")
      ->type_name("FILE")
      ->check(CLI::ExistingFile)
      ->group(group);
  app.add_option(
         "--trusted-key", values.trusted_keys,
         "A public release key, as \"fuota key public\" prints it. Repeatable. With keys, the "
         "board installs only what they have signed")
      ->type_name("KEY")
      ->group(group);
  app.add_option("--key-threshold", values.key_threshold,
                 "How many of the trusted keys must have signed a release (1)")
      ->type_name("N")
      ->group(group);
  app.add_option("--key-version", values.key_version,
                 "Version of the root document that names the trusted keys (0: none does)")
      ->type_name("N")
      ->check(CLI::Range(0, kKeyVersionMax))
      ->group(group);
  app.add_option("--wifi-ssid", values.ap_ssid, "The AP that the board looks for (fuota_ap)")
      ->group(group);
  app.add_option("--wifi-password", values.ap_password, "Its password (fuota_pw)")->group(group);
}

void add_world_options(CLI::App& app, Texts& texts) {
  const char* group = "The world around the board";
  app.add_option("--ap", texts.access_points,
                 "An access point: SSID[,password=…][,rssi=-50][,channel=6][,hidden][,no-dhcp]"
                 "[,absent]. Repeatable. Default: the one that the board looks for")
      ->group(group);
  app.add_option("--route", texts.routes,
                 "Reach an address of the board's world elsewhere: HOST:PORT=HOST:PORT. Repeatable")
      ->group(group);
}

void add_run_options(CLI::App& app, Options& options, Texts& texts) {
  const char* group = "The run";
  app.add_option("--speed", texts.speed,
                 "real: second by second. max: waits pass at once (virtual time)")
      ->capture_default_str()
      ->check(CLI::IsMember({"real", "max"}))
      ->group(group);
  app.add_option(
         "--until", texts.until,
         "updated: a new firmware is installed, runs, and finds nothing more. idle: a check "
         "is over that installed nothing. A number: so many virtual seconds. Default: until "
         "interrupted")
      ->group(group);
  app.add_option("--time-limit", texts.time_limit_s,
                 "Give up on --until updated or idle after so many virtual seconds")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 1e9))
      ->group(group);
  app.add_option("--seed", options.seed,
                 "Fixes all that is random, so that a run can be repeated. Two boards of one seed "
                 "draw the same tokens. Default: another one in each run")
      ->type_name("N")
      ->group(group);
  app.add_option("--describe", options.describe,
                 "Print chip, version and project of an application image, and end")
      ->type_name("FILE")
      ->check(CLI::ExistingFile)
      ->group(group);
}

std::string apply_until(const std::string& text, Options& options) {
  if (text.empty()) return {};
  if (text == "idle" || text == "updated") {
    options.until = text == "idle" ? Until::idle : Until::updated;
    return {};
  }
  const auto duration_us = parse_seconds(text);
  if (!duration_us) return "--until: updated, idle, or a number of seconds";
  options.until = Until::time;
  options.until_us = *duration_us;
  return {};
}

std::string apply_server(const std::string& text, Provisioning& provisioning) {
  if (text.empty()) return {};
  const auto server = parse_endpoint(text);
  if (!server) return "--server: HOST:PORT, such as 192.168.1.41:50000";
  provisioning.server_name = server->host;
  provisioning.server_port = static_cast<std::uint16_t>(server->port);
  return {};
}

std::string apply_access_points(const std::vector<std::string>& texts, Options& options) {
  for (const std::string& text : texts) {
    auto parsed = parse_access_point(text);
    if (auto* problem = std::get_if<std::string>(&parsed)) return "--ap: " + *problem;
    options.access_points.push_back(std::get<radio::AccessPoint>(parsed));
    // No two access points have the same address.
    options.access_points.back().bssid[5] = static_cast<std::uint8_t>(options.access_points.size());
  }
  return {};
}

std::string apply_routes(const std::vector<std::string>& texts, Options& options) {
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    const auto from = parse_endpoint(text.substr(0, equals));
    const auto to =
        equals == std::string::npos ? std::nullopt : parse_endpoint(text.substr(equals + 1));
    if (!from || !to) return "--route: HOST:PORT=HOST:PORT";
    options.routes.emplace_back(*from, *to);
  }
  return {};
}

/// What CLI11 can't check by itself; says what is wrong, or nothing.
std::string complete(const Texts& texts, Options& options) {
  options.speed = texts.speed == "max" ? kernel::Speed::max : kernel::Speed::real;
  options.time_limit_us = static_cast<std::int64_t>(texts.time_limit_s * 1e6);
  options.idf = kernel::find_idf_version(texts.idf).value_or(options.idf);
  options.flash_bytes = std::size_t{texts.flash_mib} << 20;
  if (!texts.mac.empty()) {
    options.mac = parse_mac(texts.mac);
    if (!options.mac) return "--mac: six bytes such as 24:0a:c4:00:00:01";
  }
  std::string problem = apply_until(texts.until, options);
  if (problem.empty()) problem = apply_server(texts.server, options.provisioning);
  if (problem.empty()) problem = apply_access_points(texts.access_points, options);
  if (problem.empty()) problem = apply_routes(texts.routes, options);
  if (!problem.empty()) return problem;
  if (options.describe.empty() && options.flash.empty()) {
    return "--flash is required: the file that is the board's flash (see --help)";
  }
  return {};
}

}  // namespace

std::variant<Options, int> parse_options(int argument_count, char** arguments) {
  CLI::App app(kDescription, "virtual-esp32");
  app.footer(kFooter);
  Options options;
  Texts texts;
  add_board_options(app, options, texts);
  add_provisioning_options(app, options, texts);
  add_world_options(app, texts);
  add_run_options(app, options, texts);
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  if (const std::string problem = complete(texts, options); !problem.empty()) {
    std::fprintf(stderr, "virtual-esp32: %s\n", problem.c_str());
    return kUsageError;
  }
  return options;
}

}  // namespace simulator::app
