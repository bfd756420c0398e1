#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>

#include "tests/integration/server/campaign/client_state.hpp"
#include "tests/support/server/http_exchange.hpp"
#include "tests/support/server/server_process.hpp"

namespace fuota::server::campaign {

/// Something that must not happen: the campaign ends with it.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What the clients of one server share while they load it.
struct Load {
  /// Set before the server is killed or stopped: from then on a broken connection is no violation.
  std::atomic<bool> ending{false};
  std::function<void()> acknowledged;  ///< Called after each acknowledged operation; any thread.
  std::function<bool()> enough;        ///< Whether a client is to end by itself; any thread.
};

/// One client: does random operations one after the other, on connections that it keeps for a
/// while, and knows what the server must hold of it. One thread.
class LoadClient {
 public:
  LoadClient(int number, std::uint32_t seed);

  /// Does operations until `load` has enough or the server goes away. The operation whose answer
  /// did not come is pending then: done or not done. Throws Violation at a wrong answer.
  void run(const test_support::ServerProcess& server, Load& load);

  /// Reads what the server has, and throws Violation unless that is all that was acknowledged and
  /// the pending operation as a whole or not at all. `with_contacts` says that contacts must be
  /// there too, since nobody has killed a server meanwhile.
  void settle(const test_support::ServerProcess& server, bool with_contacts);

  [[nodiscard]] const ClientState& state() const { return state_; }

  /// Pending operations that turned out to be done, and not done.
  [[nodiscard]] std::uint64_t pending_done() const { return pending_done_; }
  [[nodiscard]] std::uint64_t pending_undone() const { return pending_undone_; }

 private:
  struct Connection {
    explicit Connection(const test_support::ClientOptions& options) : tls(options), reader(tls) {}
    test_support::TlsClient tls;
    test_support::HttpReader reader;
  };

  void run_until_broken(const test_support::ServerProcess& server, Load& load);
  [[nodiscard]] bool perform(Connection& connection, const Operation& operation);
  [[nodiscard]] ClientState read_back(const test_support::ServerProcess& server) const;
  [[noreturn]] void violate(const std::string& what) const;

  int number_;
  std::mt19937 random_;
  ClientState state_;
  std::optional<ClientState> pending_;  ///< The state if what was asked last was done.
  std::uint64_t pending_done_ = 0;
  std::uint64_t pending_undone_ = 0;
};

}  // namespace fuota::server::campaign
