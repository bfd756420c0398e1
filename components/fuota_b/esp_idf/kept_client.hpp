#pragma once

#include "esp_http_client.h"
#include "fuota_b/update.hpp"

namespace fuota::update {

/// ESP-IDF's HTTP client between two checks. Where ESP-IDF resumes TLS sessions, the session is the
/// client's, and a handshake that resumes one costs about half of a full one: so the client is
/// kept, with no connection. Elsewhere there is nothing to keep, and it is freed.
class KeptClient {
 public:
  /// Asks `config` for a client that saves its TLS session, where ESP-IDF can.
  static void save_session(esp_http_client_config_t& config);

  /// The client that was kept for this very server and these certificates, or null. One that
  /// was kept for another is freed.
  [[nodiscard]] static esp_http_client_handle_t take(const Server& server);

  /// Keeps `client`, which has no connection, or frees it. Null: nothing.
  static void give_back(esp_http_client_handle_t client, const Server& server);
};

}  // namespace fuota::update
