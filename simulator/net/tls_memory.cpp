#include "simulator/net/tls_memory.hpp"

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

}  // namespace

bool TlsMemory::take(std::size_t bytes, kernel::HeapPieces pieces) {
  kernel::HeapBlock block(kernel::Scheduler::current().heap(), bytes, pieces);
  if (!block.ok()) return false;
  blocks_.push_back(std::move(block));
  return true;
}

bool TlsMemory::take_context() {
  return take(kContextBytes, kernel::HeapPieces::one);
}

bool TlsMemory::take_buffers() {
  return take(kInBufferBytes, kernel::HeapPieces::one) &&
         take(kOutBufferBytes, kernel::HeapPieces::one);
}

bool TlsMemory::take_handshake() {
  return take(kHandshakeBytes, kernel::HeapPieces::many);
}

}  // namespace simulator::net
