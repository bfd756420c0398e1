#include "tests/fuzz/memory_stream.hpp"

#include <openssl/ssl.h>

#include <algorithm>

#include "server/http/tls_stream.hpp"

namespace {

MemoryClient* g_client = nullptr;

}  // namespace

void set_memory_client(MemoryClient& client) {
  g_client = &client;
}

namespace fuota::server::http {

using boost::asio::awaitable;

TlsStream::TlsStream(boost::asio::ip::tcp::socket socket, const TlsContext& context,
                     DeadlineSweep& sweep)
    : socket_(std::move(socket)), context_(context) {
  sweep.add(*this);
}

TlsStream::~TlsStream() = default;

awaitable<StreamStatus> TlsStream::handshake(TimePoint) {
  co_return StreamStatus::ok;
}

bool TlsStream::resumed() const {
  return false;
}

std::string TlsStream::client_name() const {
  return {};
}

awaitable<StreamStatus> TlsStream::pause(TimePoint) {
  co_return StreamStatus::ok;
}

bool TlsStream::has_input() const {
  return !g_client->input.empty();
}

awaitable<StreamRead> TlsStream::read_some(std::span<char> destination, TimePoint) {
  StreamRead read;
  read.status = StreamStatus::end;
  const std::size_t bytes =
      std::min({destination.size(), g_client->step_bytes, g_client->input.size()});
  if (bytes == 0) co_return read;
  std::copy_n(g_client->input.data(), bytes, destination.data());
  g_client->input.remove_prefix(bytes);
  read.status = StreamStatus::ok;
  read.bytes = bytes;
  co_return read;
}

awaitable<StreamStatus> TlsStream::write(std::string_view source, TimePoint) {
  g_client->output += source;
  co_return StreamStatus::ok;
}

awaitable<void> TlsStream::close(bool, TimePoint) {
  g_client->closed = true;
  co_return;
}

// The target waits for nothing; a Worker, which is linked and not used, would.
void TlsStream::begin_wait(Wanted, TimePoint) {}
StreamStatus TlsStream::end_wait(const boost::system::error_code&) {
  return StreamStatus::failed;
}
void TlsStream::cancel() {}

void TlsStream::interrupt() {}
void TlsStream::abort() {}
void TlsStream::expire() {}
void TlsStream::Free::operator()(ssl_st*) const {}

}  // namespace fuota::server::http
