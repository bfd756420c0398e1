#include "tests/support/native_server/spoiled_connection.hpp"

#include <algorithm>
#include <utility>

namespace fuota::test {

using simulator::net::PeerAnswer;
using simulator::net::PeerRequest;
using simulator::net::PeerSide;

SpoiledConnection::SpoiledConnection(Handler handler)
    : handler_(std::move(handler)), http_([this](const PeerRequest& request) {
        SpoiledAnswer spoiled = handler_(request);
        fault_ = std::move(spoiled.fault);
        return std::move(spoiled.answer);
      }) {}

void SpoiledConnection::on_data(PeerSide& connection, std::string_view bytes) {
  connection_ = &connection;
  http_.on_data(*this, bytes);
  connection_ = nullptr;
}

void SpoiledConnection::send(std::string_view bytes, std::int64_t after_us) {
  using Kind = AnswerFault::Kind;
  const AnswerFault fault = std::exchange(fault_, {});
  if (fault.kind == Kind::no_answer) return;
  const bool is_cut = fault.kind != Kind::none;
  const std::size_t before =
      is_cut ? static_cast<std::size_t>(std::min<std::uint64_t>(fault.number, bytes.size()))
             : bytes.size();
  connection_->send(bytes.substr(0, before), after_us);
  if (fault.kind == Kind::closed) connection_->close(0);
  if (fault.kind == Kind::reset) connection_->reset(0);
  // Counted from now, like the first part's way.
  if (fault.kind == Kind::stalled) {
    connection_->send(bytes.substr(before), after_us + fault.pause_us);
  }
}

void SpoiledConnection::close(std::int64_t after_us) {
  connection_->close(after_us);
}

void SpoiledConnection::reset(std::int64_t after_us) {
  connection_->reset(after_us);
}

}  // namespace fuota::test
