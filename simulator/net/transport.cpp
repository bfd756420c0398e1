#include "simulator/net/transport.hpp"

#include "esp_tls_errors.h"

namespace simulator::net {

ConnectOutcome no_memory_for_buffers(const HttpBehaviour& behaviour) {
  ConnectOutcome outcome{ConnectOutcome::Kind::tls_setup, behaviour.no_memory_for_buffers,
                         ESP_ERR_MBEDTLS_SSL_SETUP_FAILED};
  outcome.detail = "mbedtls_ssl_setup returned";
  return outcome;
}

ConnectOutcome no_memory_for_handshake(const HttpBehaviour& behaviour) {
  return {ConnectOutcome::Kind::tls_handshake, behaviour.no_memory_for_handshake};
}

}  // namespace simulator::net
