#pragma once

#include <cstddef>
#include <vector>

#include "simulator/kernel/heap.hpp"

namespace simulator::net {

/// The heap that a TLS connection takes: about 42 KB in ESP-IDF's default configuration, in the
/// steps and the blocks in which esp-tls and mbedTLS ask for it. What a step has taken stays taken
/// when a later one fails, until `give_back`.
class TlsMemory {
 public:
  /// esp_tls_init. False when there is not so much.
  [[nodiscard]] bool take_context();
  /// mbedtls_ssl_setup: a buffer of 16 KiB for what comes in (CONFIG_MBEDTLS_SSL_IN_CONTENT_LEN),
  /// one of 4 KiB for what goes out, each in one piece.
  [[nodiscard]] bool take_buffers();
  /// The handshake: the server's certificates, keys, large numbers. Many small blocks.
  [[nodiscard]] bool take_handshake();
  void give_back() { blocks_.clear(); }

 private:
  bool take(std::size_t bytes, kernel::HeapPieces pieces);

  std::vector<kernel::HeapBlock> blocks_;
};

}  // namespace simulator::net
