#include "cli/fleet_client.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <vector>

namespace fuota::cli {
namespace {

namespace asio = boost::asio;
using asio::awaitable;

constexpr std::size_t kReadBytes = std::size_t{16} * 1024;
/// A device that keeps to a rate reads as often as this.
constexpr std::uint64_t kReadsPerSecond = 10;

std::size_t read_bytes(const FleetOptions& options, bool download) {
  if (!download || !options.download_bytes_per_s) return kReadBytes;
  return std::clamp<std::size_t>(*options.download_bytes_per_s / kReadsPerSecond, 1, kReadBytes);
}

}  // namespace

FleetClient::FleetClient(const FleetScope& scope, std::uint64_t device)
    : scope_(scope), device_(device) {}

awaitable<FleetClient::Asked> FleetClient::ask(std::string request) {
  Transfer transfer;
  transfer.request = std::move(request);
  transfer.deadline = FleetPlan::Clock::now() + scope_.plan.timeout();
  co_return co_await perform(transfer);
}

awaitable<std::optional<FleetClient::Asked>> FleetClient::download(std::string request) {
  Transfer transfer;
  transfer.request = std::move(request);
  transfer.download = true;
  transfer.deadline = FleetPlan::Clock::now() + scope_.plan.timeout();
  Asked asked = co_await perform(transfer);
  if (transfer.cut) co_return std::nullopt;
  co_return asked;
}

void FleetClient::leave() {
  const FleetOptions& options = scope_.plan.options();
  if (!stream_ || options.idle || options.mode == FleetMode::keep_alive) return;
  stream_->close();
  stream_.reset();
}

awaitable<FleetStream::Outcome> FleetClient::hold() {
  if (!stream_) co_return FleetFailure{FleetError::lost, "the server keeps no connection open"};
  holding_ = true;
  auto outcome = co_await stream_->hold(scope_.plan.end());
  holding_ = false;
  if (!outcome) stream_->close();
  stream_.reset();
  co_return outcome;
}

void FleetClient::interrupt() {
  if (holding_) stream_->interrupt();
}

awaitable<FleetClient::Asked> FleetClient::perform(Transfer& transfer) {
  for (;;) {
    const bool kept = stream_ != nullptr;
    if (!kept) {
      if (auto failure = co_await connect(transfer.deadline)) {
        stream_.reset();
        co_return *failure;
      }
    }
    Asked asked = co_await exchange(transfer);
    if (asked && asked->keep_alive && !transfer.cut) co_return asked;
    if (asked && !transfer.cut) stream_->close();
    stream_.reset();
    const bool closed_meanwhile =
        kept && !asked && transfer.received == 0 && asked.error().error == FleetError::lost;
    if (!closed_meanwhile) co_return asked;
    ++scope_.tally.reconnects;
  }
}

awaitable<FleetStream::Outcome> FleetClient::connect(TimePoint deadline) {
  stream_ = std::make_unique<FleetStream>(scope_.context, scope_.deadlines);
  if (auto failure = co_await stream_->connect(scope_.plan.route(device_), deadline)) {
    co_return failure;
  }
  const bool resume = scope_.plan.options().mode == FleetMode::resumed;
  if (auto failure = co_await stream_->handshake(scope_.plan.tls(), session_, resume, deadline)) {
    co_return failure;
  }
  ++(stream_->resumed() ? scope_.tally.handshakes_resumed : scope_.tally.handshakes_full);
  co_return std::nullopt;
}

awaitable<FleetClient::Asked> FleetClient::exchange(Transfer& transfer) {
  if (auto failure = co_await stream_->write(transfer.request, transfer.deadline)) {
    co_return *failure;
  }
  scope_.tally.bytes_sent += transfer.request.size();
  const std::size_t step = read_bytes(scope_.plan.options(), transfer.download);
  std::vector<char> buffer(kReadBytes);
  std::size_t pending = 0;
  AnswerReader reader;
  const TimePoint begun = FleetPlan::Clock::now();
  for (;;) {
    if (pending == buffer.size()) {
      co_return FleetFailure{FleetError::malformed, "the answer's header is too long"};
    }
    const std::span<char> room(buffer.data() + pending, std::min(step, buffer.size() - pending));
    std::size_t bytes = 0;
    if (auto failure = co_await stream_->read_some(room, bytes, transfer.deadline)) {
      co_return *failure;
    }
    transfer.received += bytes;
    scope_.tally.bytes_received += bytes;
    pending += bytes;
    std::size_t used = 0;
    const auto state = bytes == 0 ? reader.end() : reader.take({buffer.data(), pending}, used);
    if (state == AnswerReader::State::complete) co_return std::move(reader.answer());
    if (state == AnswerReader::State::malformed) {
      co_return FleetFailure{FleetError::malformed, "the answer is not HTTP"};
    }
    if (bytes == 0) co_return FleetFailure{FleetError::lost, "the answer ended too early"};
    std::copy(buffer.data() + used, buffer.data() + pending, buffer.data());
    pending -= used;
    if (transfer.download && !co_await keep_rate(transfer, begun)) {
      co_return std::move(reader.answer());
    }
  }
}

/// Lets the time pass that what was received takes. False when the plan's end cuts the download.
awaitable<bool> FleetClient::keep_rate(Transfer& transfer, TimePoint begun) {
  const auto rate = scope_.plan.options().download_bytes_per_s;
  if (rate) {
    const std::chrono::duration<double> taken(static_cast<double>(transfer.received) /
                                              static_cast<double>(*rate));
    asio::steady_timer timer(scope_.context,
                             begun + std::chrono::duration_cast<FleetPlan::Clock::duration>(taken));
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  const TimePoint now = FleetPlan::Clock::now();
  transfer.deadline = now + scope_.plan.timeout();
  transfer.cut = now >= scope_.plan.cut();
  co_return !transfer.cut;
}

}  // namespace fuota::cli
