#include "simulator/net/tls_memory.hpp"

#include <algorithm>
#include <utility>

#include "simulator/kernel/scheduler.hpp"

namespace simulator::net {

namespace {

constexpr std::size_t kContextBytes = 3'000;  // esp_tls_t, most of it mbedTLS's contexts
// mbedtls/ssl_internal.h of 2.28, MBEDTLS_SSL_IN_BUFFER_LEN and MBEDTLS_SSL_OUT_BUFFER_LEN: the
// content and 333 bytes for a record's header and what encryption adds.
constexpr std::size_t kInBufferBytes = 16'384 + 333;
constexpr std::size_t kOutBufferBytes = 4'096 + 333;
constexpr std::size_t kHandshakeBytes = 17'854;
constexpr std::size_t kHandshakeBlockBytes = 2'048;

}  // namespace

bool TlsMemory::take(std::size_t bytes) {
  kernel::HeapBlock block(kernel::Scheduler::current().heap(), bytes);
  if (!block.ok()) return false;
  blocks_.push_back(std::move(block));
  return true;
}

bool TlsMemory::take_context() {
  return take(kContextBytes);
}

bool TlsMemory::take_buffers() {
  return take(kInBufferBytes) && take(kOutBufferBytes);
}

bool TlsMemory::take_handshake() {
  for (std::size_t taken = 0; taken < kHandshakeBytes;) {
    const std::size_t bytes = std::min(kHandshakeBlockBytes, kHandshakeBytes - taken);
    if (!take(bytes)) return false;
    taken += bytes;
  }
  return true;
}

}  // namespace simulator::net
