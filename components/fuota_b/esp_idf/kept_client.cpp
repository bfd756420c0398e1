#include "kept_client.hpp"

#include <cstdint>

#include "idf_port.hpp"

namespace fuota::update {

#if FUOTA_B_HAS_TLS_SESSIONS
namespace {

esp_http_client_handle_t g_client = nullptr;
std::uint32_t g_server = 0;  ///< the fingerprint of the server that it is for

/// FNV-1a (draft-eastlake-fnv): tells one server from another, nothing more.
class Fingerprint {
 public:
  void add(const char* text) {
    do {
      add_byte(static_cast<std::uint8_t>(*text));
    } while (*text++ != '\0');
  }
  void add_number(std::uintptr_t number) {
    for (unsigned shift = 0; shift < 8 * sizeof number; shift += 8) {
      add_byte(static_cast<std::uint8_t>(number >> shift));
    }
  }
  [[nodiscard]] std::uint32_t value() const { return value_; }

 private:
  void add_byte(std::uint8_t byte) { value_ = (value_ ^ byte) * 16'777'619U; }

  std::uint32_t value_ = 2'166'136'261U;
};

/// The client reads certificates and the key where they are, so the places count too. The
/// credentials are told with each request.
std::uint32_t fingerprint_of(const Server& server) {
  Fingerprint fingerprint;
  fingerprint.add(server.name);
  fingerprint.add_number(server.port);
  for (const char* pem :
       {server.certificate_pem, server.client_certificate_pem, server.client_key_pem}) {
    fingerprint.add_number(reinterpret_cast<std::uintptr_t>(pem));
    if (pem != nullptr) fingerprint.add(pem);
  }
  return fingerprint.value();
}

}  // namespace

void KeptClient::save_session(esp_http_client_config_t& config) {
  config.save_client_session = true;
}

esp_http_client_handle_t KeptClient::take(const Server& server) {
  esp_http_client_handle_t client = g_client;
  g_client = nullptr;
  if (client == nullptr || fingerprint_of(server) == g_server) return client;
  (void)esp_http_client_cleanup(client);
  return nullptr;
}

void KeptClient::give_back(esp_http_client_handle_t client, const Server& server) {
  if (client == nullptr) return;
  g_client = client;
  g_server = fingerprint_of(server);
}
#else
void KeptClient::save_session(esp_http_client_config_t&) {}

esp_http_client_handle_t KeptClient::take(const Server&) {
  return nullptr;
}

void KeptClient::give_back(esp_http_client_handle_t client, const Server&) {
  if (client != nullptr) (void)esp_http_client_cleanup(client);
}
#endif

}  // namespace fuota::update
