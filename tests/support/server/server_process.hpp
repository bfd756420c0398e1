#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/server/http_exchange.hpp"
#include "tests/support/server/tls_client.hpp"

namespace test_support {

/// The credentials of a server that a test starts.
inline constexpr char kUsername[] = "server_username";
inline constexpr char kPassword[] = "server_password";

/// How a server is started.
struct ServerOptions {
  std::filesystem::path data_directory;
  std::vector<std::string> arguments;  ///< Beside --listen 127.0.0.1:0 and --data-dir.
  /// The whole environment beside PATH, and FUOTA_ADMIN_LISTEN=off where that isn't named.
  std::map<std::string, std::string> environment = {{"US_AUTH_USERNAME", kUsername},
                                                    {"US_AUTH_PASSWORD", kPassword}};
  bool default_listen = true;  ///< Whether --listen 127.0.0.1:0 is given.
  std::string limits;  ///< A command of sh that comes first, such as "ulimit -n 64"; or empty.
  std::function<void(pid_t)> started;  ///< Called before the wait until it listens, if set.
};

/// A request for `ServerProcess::exchange`.
struct HttpRequest {
  std::string method = "GET";
  std::string target;
  std::string body;  ///< Sent with Content-Length when not empty, or when the method is PUT.
  std::vector<std::string> fields;  ///< Beside Host, Authorization and Connection: close.
  /// The value of Authorization; empty for none. Unless it is said, the server's credentials.
  std::optional<std::string> authorization = std::nullopt;
};

/// A fuota-server of its own process, killed at the end of the test if it still runs.
class ServerProcess {
 public:
  /// Starts the program and waits until it listens or has ended.
  explicit ServerProcess(const ServerOptions& options);
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  /// The port on 127.0.0.1; 0 when the server ended instead of listening.
  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// The port of the admin address on 127.0.0.1; 0 when there is none.
  [[nodiscard]] std::uint16_t admin_port() const { return admin_port_; }

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::filesystem::path certificate() const;

  /// What a client needs to connect.
  [[nodiscard]] ClientOptions client() const;

  /// One request on a connection of its own.
  [[nodiscard]] HttpResponse exchange(const HttpRequest& request) const;

  /// A GET to the admin address, on a connection of its own.
  [[nodiscard]] HttpResponse ask_admin(const std::string& target) const;

  /// The request's bytes, with the server's credentials.
  [[nodiscard]] static std::string to_text(const HttpRequest& request);

  void signal(int number) const;

  /// Waits until the process has ended: its exit status, or minus the signal that ended it. One
  /// that has not ended after a minute is killed.
  [[nodiscard]] int wait();

  /// All that it has written to standard error so far.
  [[nodiscard]] std::string log() const;

  /// Waits until `text` stands in the log. False when it doesn't come.
  [[nodiscard]] bool wait_for_log(std::string_view text) const;

 private:
  void spawn(const ServerOptions& options);
  void read_log(int fd);

  std::filesystem::path data_directory_;
  pid_t pid_ = -1;
  bool ended_ = false;
  int status_ = 0;
  std::uint16_t port_ = 0;
  std::uint16_t admin_port_ = 0;
  std::thread reader_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::string log_;
  bool log_ended_ = false;
};

}  // namespace test_support
