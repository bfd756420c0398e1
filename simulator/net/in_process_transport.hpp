#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "simulator/net/http_stack.hpp"
#include "simulator/net/peer.hpp"

namespace simulator::net {

/// A connection to a peer in the same process, in virtual time: everything that happens to it
/// follows from the peer, the conditions and the link, and can be replayed.
class InProcessTransport final : public Transport, private PeerSide {
 public:
  explicit InProcessTransport(HttpStack& stack);

  ConnectOutcome connect(const ConnectRequest& request) override;
  Io read(char* buffer, std::size_t size, int timeout_ms) override;
  Io write(const char* data, std::size_t size, int timeout_ms) override;
  void close() override;
  std::unique_ptr<SavedSession> save_session() override;
  int take_errno() override;

 private:
  struct Arrival {
    enum class Kind { bytes, close, reset };
    std::int64_t due_us = 0;
    Kind kind = Kind::bytes;
    std::string bytes;
    std::size_t read = 0;  ///< of `bytes`
  };

  void send(std::string_view bytes, std::int64_t after_us) override;
  void close(std::int64_t after_us) override;
  void reset(std::int64_t after_us) override;

  ConnectOutcome outcome_of(const ConnectRequest& request);
  [[nodiscard]] ConnectOutcome shake_hands(const ConnectRequest& request) const;
  /// Whether the peer takes the session of an earlier connection.
  [[nodiscard]] bool resumes(const ConnectRequest& request) const;
  void accept(const Endpoint& endpoint);
  /// Blocks until the link is up or the time is over, which is false.
  bool await_link(std::int64_t until_us);
  void sleep_until(std::int64_t until_us);
  /// Sleeps until the chip hears what comes `duration_us` from now.
  void await_answer(std::int64_t duration_us);
  /// When the chip can read what is next.
  [[nodiscard]] std::int64_t next_heard_us() const;
  [[nodiscard]] bool aborted() const;
  /// Hands what the chip wrote to the peer if it gets through.
  void deliver_written();
  void end(Arrival::Kind kind, std::int64_t after_us);
  /// The faults that lie before the next byte to be sent.
  void meet_faults(std::string& segment);
  Io fail(int error);

  HttpStack& stack_;
  std::unique_ptr<Peer> peer_;
  Endpoint endpoint_;
  Conditions conditions_;
  std::string written_;  ///< by the chip, not yet at the peer
  std::deque<Arrival> arrivals_;
  std::int64_t line_free_us_ = 0;  ///< when the peer's next byte can be sent
  std::size_t sent_bytes_ = 0;     ///< by the peer
  std::size_t next_fault_ = 0;
  bool ended_ = false;  ///< the peer sends nothing any more
  /// When the chip hears that the peer, which has closed, takes no more.
  std::int64_t refused_us_ = INT64_MAX;
  unsigned link_losses_ = 0;
  int errno_ = 0;
};

}  // namespace simulator::net
