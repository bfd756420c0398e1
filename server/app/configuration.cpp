#include "server/app/configuration.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <iostream>
#include <map>
#include <optional>

#include "fuota_protocol/limits.hpp"
#include "server/api/access_token.hpp"
#include "server/app/commands.hpp"

namespace fuota::server::app {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr int kUsageStatus = 2;
constexpr std::uint16_t kDefaultPort = 50000;
constexpr char kDefaultAddress[] = "0.0.0.0";
constexpr char kDefaultAdminListen[] = "127.0.0.1:50001";
constexpr char kFileDelimiter = ':';  // As in PATH.

/// A device waits 10 s for a byte, and bytes come in pieces of 16 KiB.
constexpr std::uint64_t kDownloadBytesPerSecondMin = 4096;

constexpr double kSecondsMax = 86400;

constexpr char kDescription[] =
    "Serves firmware updates to ESP32 devices over HTTPS.\n"
    "\n"
    "Try it:\n"
    "  US_AUTH_USERNAME=me US_AUTH_PASSWORD=secret fuota-server --host 192.168.1.41\n"
    "  curl -u me:secret --cacert fuota-data/ca_cert.pem https://192.168.1.41:50000/devices\n"
    "Then upload a file and say which device gets it, when it runs which version:\n"
    "  curl ... -T app.bin       https://192.168.1.41:50000/files/app.bin.0.1.1\n"
    "  curl ... -X PUT --data '\"00001\",\"0.1.0\",\"app.bin.0.1.1\"' \\\n"
    "                            https://192.168.1.41:50000/devices/00001\n"
    "The devices need the file fuota-data/ca_cert.pem, and nothing else of the server.\n"
    "\n"
    "A flag beats the configuration file, which beats the environment.";

constexpr char kFooter[] =
    "A configuration file has a line NAME = VALUE for each flag, without the dashes:\n"
    "  listen = \"0.0.0.0:50000\"\n"
    "  host = [\"updates.example.org\", \"192.168.1.41\"]\n"
    "\n"
    "Logs go to standard error, one line per request. SIGTERM and SIGINT stop the server after\n"
    "the requests in progress; a second one stops it at once.";

/// Values that need to be understood before they are settings.
struct RawOptions {
  std::string listen;
  std::string admin_listen;
  std::uint16_t port = kDefaultPort;
  std::vector<std::string> certificates;
  std::vector<std::string> keys;
  std::string shared_user{api::name_of(api::SharedUserScope::full)};
};

/// A duration flag: seconds, with decimals.
struct SecondsOption {
  const char* flag;
  const char* environment;
  milliseconds* value;
  const char* help;
};

void add_seconds(CLI::App& app, const SecondsOption& option) {
  const auto set = [value = option.value](const double& seconds) {
    *value = milliseconds(static_cast<std::int64_t>(seconds * 1000));
  };
  app.add_option_function<double>(option.flag, set, option.help)
      ->envname(option.environment)
      ->type_name("SECONDS")
      ->check(CLI::Range(0.001, kSecondsMax))
      ->default_str(CLI::detail::to_string(static_cast<double>(option.value->count()) / 1000))
      ->group("Limits");
}

void add_main_options(CLI::App& app, Configuration& configuration, RawOptions& raw) {
  app.set_version_flag("--version", std::string(FUOTA_VERSION));
  // A misspelled setting must not leave its default in place unseen.
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.set_config("--config", "", "Read settings from this file")->type_name("FILE");
  app.add_option("--listen", raw.listen, "Where to listen, such as 0.0.0.0:50000 or [::]:50000")
      ->envname("FUOTA_LISTEN")
      ->type_name("ADDRESS:PORT");
  app.add_option("--port", raw.port, "Port on all addresses, where --listen is not given")
      ->envname("US_SERVER_PORT")
      ->check(CLI::Range(1, 65535))
      ->type_name("PORT")
      ->capture_default_str();
  app.add_option("--data-dir", configuration.data_directory,
                 "Where files, device rows and the certificate are kept; made if missing")
      ->envname("FUOTA_DATA_DIR")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--threads", configuration.server.threads, "Threads that serve; 0: one per core")
      ->envname("FUOTA_THREADS")
      ->check(CLI::Range(0, 1024))
      ->default_val(0);
}

void add_monitoring_options(CLI::App& app, Configuration& configuration, RawOptions& raw) {
  const char* const group = "Monitoring";
  const std::map<std::string, LogFormat> formats{{"text", LogFormat::text},
                                                 {"json", LogFormat::json}};
  app.add_option("--admin-listen", raw.admin_listen,
                 "Where /metrics, /healthz and /readyz are shown, without credentials; or off "
                 "[127.0.0.1:50001, where that is free]")
      ->envname("FUOTA_ADMIN_LISTEN")
      ->type_name("ADDRESS:PORT")
      ->group(group);
  app.add_option("--log-format", configuration.log.format,
                 "How lines of the log look: text or json")
      ->envname("FUOTA_LOG_FORMAT")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case).description(""))
      ->type_name("FORMAT")
      ->default_str("text")
      ->group(group);
  app.add_flag("--verbose", configuration.log.verbose, "Log failed TLS handshakes too")
      ->envname("FUOTA_VERBOSE")
      ->group(group);
}

void add_trust_options(CLI::App& app, Configuration& configuration, RawOptions& raw) {
  const char* const group = "Credentials and certificate";
  app.add_option("--auth-username", configuration.username,
                 "The user that devices and operators name")
      ->envname("US_AUTH_USERNAME")
      ->type_name("NAME")
      ->group(group);
  app.add_option("--auth-password", configuration.password,
                 "The password. Other users of this machine can see a flag: use the environment")
      ->envname("US_AUTH_PASSWORD")
      ->type_name("PASSWORD")
      ->group(group);
  app.add_option("--cert", raw.certificates,
                 "PEM certificate chain; repeatable: a client gets the first one that is for the "
                 "name it calls, with a kind of key it knows [<data-dir>/ca_cert.pem, made if "
                 "missing]")
      ->envname("FUOTA_CERT")
      ->type_name("FILE")
      ->delimiter(kFileDelimiter)
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("--key", raw.keys, "Its PEM private key; as often as --cert, in that order")
      ->envname("FUOTA_KEY")
      ->type_name("FILE")
      ->delimiter(kFileDelimiter)
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("--client-ca", configuration.tls.client_ca,
                 "PEM certificates of the authorities that sign devices' certificates: devices "
                 "may show theirs [devices aren't asked]")
      ->envname("FUOTA_CLIENT_CA")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--host", configuration.hosts,
                 "Name or address that devices use, for the certificate that is made; repeatable "
                 "[localhost, the name of this machine, the address listened on]")
      ->envname("FUOTA_HOST")
      ->type_name("NAME")
      ->delimiter(',')
      ->group(group);
}

void add_account_options(CLI::App& app, Configuration& configuration, RawOptions& raw) {
  app.add_option_function<int>(
         "--audit-keep-days",
         [&configuration](const int& days) { configuration.audit_keep = std::chrono::days(days); },
         "How long entries of the audit log are kept; 0: for ever")
      ->envname("FUOTA_AUDIT_KEEP_DAYS")
      ->check(CLI::Range(0, 36'500))
      ->type_name("DAYS")
      ->default_str("0")
      ->group("Credentials and certificate");
  app.add_option("--shared-user", raw.shared_user,
                 "What the user of US_AUTH_USERNAME may do: full: everything; devices: what a "
                 "device may, for any; off: nothing")
      ->envname("FUOTA_SHARED_USER")
      ->type_name("SCOPE")
      ->check(CLI::IsMember({"full", "devices", "off"}))
      ->capture_default_str()
      ->group("Credentials and certificate");
}

void add_limits(CLI::App& app, Configuration& configuration) {
  http::Limits& limits = configuration.server.limits;
  const char* const group = "Limits";
  app.add_option("--file-bytes-max", configuration.file_bytes_max, "Greatest file to be uploaded")
      ->envname("FUOTA_FILE_BYTES_MAX")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40))
      ->type_name("BYTES")
      ->capture_default_str()
      ->group(group);
  app.add_option("--header-bytes-max", limits.header_bytes_max, "Greatest header of a request")
      ->envname("FUOTA_HEADER_BYTES_MAX")
      ->check(CLI::Range(1024, 1024 * 1024))
      ->type_name("BYTES")
      ->capture_default_str()
      ->group(group);
  app.add_option("--connections-max", limits.connections_max,
                 "Connections at a time; beyond that, new ones wait")
      ->envname("FUOTA_CONNECTIONS_MAX")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str()
      ->group(group);
  for (const SecondsOption& option : {
           SecondsOption{"--handshake-deadline", "FUOTA_HANDSHAKE_DEADLINE",
                         &limits.handshake_deadline, "For a TLS handshake"},
           SecondsOption{"--header-deadline", "FUOTA_HEADER_DEADLINE", &limits.header_deadline,
                         "For the header of a request to arrive"},
           SecondsOption{"--idle-deadline", "FUOTA_IDLE_DEADLINE", &limits.idle_deadline,
                         "Between two requests of a connection"},
           SecondsOption{"--body-deadline", "FUOTA_BODY_DEADLINE", &limits.body_deadline,
                         "For each 16 KiB of a body to arrive"},
           SecondsOption{"--write-deadline", "FUOTA_WRITE_DEADLINE", &limits.write_deadline,
                         "For each 16 KiB of an answer to be taken"},
           SecondsOption{"--shutdown-grace", "FUOTA_SHUTDOWN_GRACE", &configuration.shutdown_grace,
                         "For requests in progress to end when the server stops"},
       }) {
    add_seconds(app, option);
  }
}

void add_overload_options(CLI::App& app, Configuration& configuration) {
  const char* const group = "Overload";
  OverloadSettings& overload = configuration.overload;
  app.add_option("--checks-per-second", overload.polls.checks_per_second,
                 "Checks of all devices beyond which they are told to come later; 0: never")
      ->envname("FUOTA_CHECKS_PER_SECOND")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str()
      ->group(group);
  app.add_option_function<std::uint32_t>(
         "--poll-interval",
         [&overload](const std::uint32_t& seconds) {
           overload.polls.poll_interval = std::chrono::seconds(seconds);
         },
         "What devices are told to wait between two checks; 0: as they like")
      ->envname("FUOTA_POLL_INTERVAL")
      ->check(CLI::Range(std::uint32_t{0}, api::kRetryAfterSMax))
      ->type_name("SECONDS")
      ->default_str("0")
      ->group(group);
  app.add_option("--downloads-max", overload.downloads_max,
                 "Downloads at a time; others are told when to come back; 0: as many as come, or "
                 "with --download-rate as many as get 16 KiB/s each")
      ->envname("FUOTA_DOWNLOADS_MAX")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str()
      ->group(group);
  app.add_option("--download-rate", configuration.server.limits.file_bytes_per_second,
                 "Bytes of all downloads together in a second; 0: as fast as it goes")
      ->envname("FUOTA_DOWNLOAD_RATE")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1} << 40))
      ->type_name("BYTES")
      ->capture_default_str()
      ->group(group);
}

/// Lets no more download at a time than get so much each that none of them takes the server for
/// dead. What can't be, is said.
std::optional<std::string> fit_downloads_to_rate(Configuration& configuration) {
  const std::uint64_t rate = configuration.server.limits.file_bytes_per_second;
  std::size_t& downloads_max = configuration.overload.downloads_max;
  if (rate == 0) return std::nullopt;
  if (downloads_max == 0) downloads_max = std::max<std::size_t>(1, rate / http::kProgressBytes);
  if (rate / downloads_max >= kDownloadBytesPerSecondMin) return std::nullopt;
  return "--download-rate " + std::to_string(rate) + " is too little for --downloads-max " +
         std::to_string(downloads_max) + ": each needs " +
         std::to_string(kDownloadBytesPerSecondMin) + " bytes/s, or devices give up on it";
}

/// "ADDRESS:PORT", with brackets around an IPv6 address.
std::optional<asio::ip::tcp::endpoint> parse_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  std::string host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, port);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error) return std::nullopt;
  return asio::ip::tcp::endpoint(address, port);
}

/// What is wrong with the user that all share. Nothing when all is well, or there is none.
std::optional<std::string> check_shared_user(const Configuration& configuration) {
  if (configuration.accounts.shared_user == api::SharedUserScope::off) return std::nullopt;
  if (configuration.username.empty() || configuration.password.empty()) {
    return "there is no " + std::string(configuration.username.empty() ? "user" : "password") +
           ": set US_AUTH_USERNAME and US_AUTH_PASSWORD in the environment, or --shared-user off";
  }
  if (configuration.username.find(':') != std::string::npos) {
    return "the user's name has a colon, which HTTP Basic can't carry: choose another one";
  }
  if (api::token_kind(configuration.password)) {
    return "the password has the form of a token, and would be taken for one: choose another one";
  }
  return std::nullopt;
}

/// Nothing when all is well.
std::optional<std::string> complete_admin(AdminSettings& admin, const std::string& text) {
  admin.by_default = text.empty();
  if (text == "off") return std::nullopt;
  admin.listen = parse_endpoint(admin.by_default ? kDefaultAdminListen : text);
  if (admin.listen) return std::nullopt;
  return "--admin-listen " + text +
         " is neither ADDRESS:PORT nor off: use an address of this machine, such as " +
         kDefaultAdminListen;
}

/// What can't be checked by looking at one option. Nothing when all is well.
std::optional<std::string> complete(Configuration& configuration, const RawOptions& raw) {
  if (raw.listen.empty()) {
    configuration.server.listen = {asio::ip::make_address(kDefaultAddress), raw.port};
  } else if (const auto endpoint = parse_endpoint(raw.listen)) {
    configuration.server.listen = *endpoint;
  } else {
    return "--listen " + raw.listen +
           " is not ADDRESS:PORT: use an address of this machine, such as 0.0.0.0:50000";
  }
  if (auto complaint = complete_admin(configuration.admin, raw.admin_listen)) return complaint;
  if (raw.certificates.size() != raw.keys.size()) {
    return "--cert and --key go in pairs: give a key for each certificate, in the same order";
  }
  for (std::size_t i = 0; i < raw.keys.size(); ++i) {
    configuration.tls.certificates.push_back({raw.certificates[i], raw.keys[i]});
  }
  if (auto complaint = fit_downloads_to_rate(configuration)) return complaint;
  configuration.accounts.shared_user = *api::parse_shared_user_scope(raw.shared_user);
  return check_shared_user(configuration);
}

}  // namespace

std::variant<Configuration, Exit> read_configuration(int argc, char** argv) {
  Configuration configuration;
  configuration.server.threads = 0;
  configuration.file_bytes_max = protocol::kFileBytesMax;
  RawOptions raw;
  CLI::App app(kDescription, "fuota-server");
  const std::string other = describe(commands());
  app.footer(other.empty() ? kFooter
                           : "Other things that it does (fuota-server NAME --help tells more):\n" +
                                 other + "\n" + kFooter);
  try {
    add_main_options(app, configuration, raw);
    add_monitoring_options(app, configuration, raw);
    add_trust_options(app, configuration, raw);
    add_account_options(app, configuration, raw);
    add_limits(app, configuration);
    add_overload_options(app, configuration);
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return Exit{app.exit(success)};
  } catch (const CLI::Error& error) {
    std::cerr << "fuota-server: " << error.what() << " (fuota-server --help explains the flags)\n";
    return Exit{kUsageStatus};
  }
  if (const auto complaint = complete(configuration, raw)) {
    std::cerr << "fuota-server: " << *complaint << "\n";
    return Exit{kUsageStatus};
  }
  return configuration;
}

}  // namespace fuota::server::app
