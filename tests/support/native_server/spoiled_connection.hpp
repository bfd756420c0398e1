#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "simulator/net/peer.hpp"
#include "tests/support/native_server/answer_fault.hpp"

namespace fuota::test {

/// A right answer and what becomes of it on its way.
struct SpoiledAnswer {
  simulator::net::PeerAnswer answer;
  AnswerFault fault;  ///< of the kinds no_answer, closed, reset, stalled, or none
};

/// The server's end of one connection: speaks HTTP, and lets answers go wrong on their way.
class SpoiledConnection final : public simulator::net::Peer, private simulator::net::PeerSide {
 public:
  using Handler = std::function<SpoiledAnswer(const simulator::net::PeerRequest&)>;

  explicit SpoiledConnection(Handler handler);
  void on_data(simulator::net::PeerSide& connection, std::string_view bytes) override;

 private:
  void send(std::string_view bytes, std::int64_t after_us) override;
  void close(std::int64_t after_us) override;
  void reset(std::int64_t after_us) override;

  Handler handler_;
  simulator::net::HttpPeer http_;
  simulator::net::PeerSide* connection_ = nullptr;  ///< while the chip's bytes are handled
  AnswerFault fault_;                               ///< of the answer that is being sent
};

}  // namespace fuota::test
