#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/api/shared_user.hpp"
#include "server/app/log.hpp"
#include "server/app/overload.hpp"
#include "server/http/server.hpp"

namespace fuota::server::app {

/// Who is let in beside devices and accounts with credentials of their own.
struct AccountSettings {
  api::SharedUserScope shared_user = api::SharedUserScope::full;
};

/// Where metrics and health are shown.
struct AdminSettings {
  std::optional<boost::asio::ip::tcp::endpoint> listen;  ///< Nothing: nowhere.
  bool by_default = true;  ///< Nobody has asked for this address: the server may do without it.
};

/// All that can be set, with its defaults.
struct Configuration {
  http::ServerSettings server;  ///< `threads` 0 stands for one per core.
  std::filesystem::path data_directory = "fuota-data";

  /// Certificates and their keys; none: the one in the data directory, made if missing.
  http::TlsFiles tls;
  std::vector<std::string> hosts;  ///< Names and addresses for a certificate that is made.
  std::string username;
  std::string password;
  AccountSettings accounts;
  std::uint64_t file_bytes_max = 0;
  OverloadSettings overload;
  std::chrono::days audit_keep{0};  ///< 0: for ever.
  std::chrono::milliseconds shutdown_grace{30'000};
  AdminSettings admin;
  LogSettings log;
};

/// The program shall end now, with this status: help was printed (0), or the options are wrong and
/// standard error says how (2).
struct Exit {
  int status = 0;
};

/// Reads the command line, the configuration file that it names and the environment; in this order
/// the earlier wins. Prints help and complaints.
[[nodiscard]] std::variant<Configuration, Exit> read_configuration(int argc, char** argv);

}  // namespace fuota::server::app
