#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli/fleet_answer.hpp"
#include "cli/fleet_plan.hpp"
#include "cli/fleet_stream.hpp"
#include "cli/fleet_tally.hpp"

namespace fuota::cli {

/// What the devices of one thread share. Lives longer than they.
struct FleetScope {
  const FleetPlan& plan;
  boost::asio::io_context& context;
  FleetDeadlines& deadlines;
  FleetTally& tally;
};

/// The HTTPS client of one device, as ESP-IDF's behaves: one connection for a contact, the session
/// kept from contact to contact or not, as the plan says.
class FleetClient {
 public:
  using TimePoint = FleetPlan::TimePoint;
  using Asked = boost::system::result<FleetAnswer, FleetFailure>;

  FleetClient(const FleetScope& scope, std::uint64_t device);

  /// Asks for something small, connecting first where there is no connection; the whole of it
  /// within the plan's timeout. A kept connection that the server has closed meanwhile is made
  /// anew, once.
  [[nodiscard]] boost::asio::awaitable<Asked> ask(std::string request);

  /// The same for a download, taken at the plan's rate, in which each read has the whole timeout.
  /// Nothing when the plan's end cut it.
  [[nodiscard]] boost::asio::awaitable<std::optional<Asked>> download(std::string request);

  /// Ends a contact: only a connection that is kept stays.
  void leave();

  /// Holds the connection until the plan's end.
  [[nodiscard]] boost::asio::awaitable<FleetStream::Outcome> hold();
  [[nodiscard]] bool holding() const { return holding_; }

  /// Ends `hold()`.
  void interrupt();

 private:
  struct Transfer {
    std::string request;
    bool download = false;
    TimePoint deadline;
    std::uint64_t received = 0;
    bool cut = false;
  };

  boost::asio::awaitable<Asked> perform(Transfer& transfer);
  boost::asio::awaitable<FleetStream::Outcome> connect(TimePoint deadline);
  boost::asio::awaitable<Asked> exchange(Transfer& transfer);
  boost::asio::awaitable<bool> keep_rate(Transfer& transfer, TimePoint begun);

  FleetScope scope_;
  std::uint64_t device_;
  TlsSession session_;
  std::unique_ptr<FleetStream> stream_;
  bool holding_ = false;
};

}  // namespace fuota::cli
