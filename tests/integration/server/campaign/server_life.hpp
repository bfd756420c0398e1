#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/integration/server/campaign/load_client.hpp"
#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server::campaign {

/// What has come up, for a person.
struct LifeCounts {
  std::uint64_t ends = 0;
  std::uint64_t killed_under_load = 0;
  std::uint64_t killed_while_starting = 0;
  std::uint64_t stopped = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t pending_done = 0;
  std::uint64_t pending_undone = 0;

  void add(const LifeCounts& other);
};
[[nodiscard]] std::string to_text(const LifeCounts& counts);

/// One data directory and the servers that come and go on it. One thread, which starts others.
///
/// What must hold after each end of a server, however it came: the next one starts by itself; all
/// that was acknowledged is there; what was asked and not acknowledged is done as a whole or not at
/// all; every file is whole; no upload and no content without a name is left in the directory; and
/// "fuota-server check" finds nothing damaged. After a stop, contacts are there too.
class ServerLife {
 public:
  explicit ServerLife(std::uint32_t seed);

  /// Starts a server, loads it, lets it end at an instant that the seed chooses, starts another one
  /// and compares. Throws Violation, or another std::exception when the test itself fails.
  void live_once();

  /// Copies the data to where they survive this process: the folder.
  [[nodiscard]] std::string keep_data() const;

  [[nodiscard]] LifeCounts counts() const;

 private:
  /// How a server ends.
  struct End {
    int signal = 0;
    bool while_starting = false;
    std::uint64_t acknowledged = 0;  ///< Not before so many operations were acknowledged ...
    std::uint32_t delay_us = 0;      ///< ... and so much time has passed since then or the start.
  };

  [[nodiscard]] End random_end();
  [[nodiscard]] test_support::ServerOptions options() const;
  void start_and_kill(const End& end);
  void load_and_end(test_support::ServerProcess& server, const End& end);
  void compare(const test_support::ServerProcess& server, bool with_contacts);
  void check_data() const;
  void compare_directory() const;

  std::mt19937 random_;
  test_support::TemporaryDirectory directory_;
  std::vector<LoadClient> clients_;
  LifeCounts counts_;
};

}  // namespace fuota::server::campaign
