#pragma once

/// ESP-IDF's HTTP client as of v5.5.5, restricted to what v4.4.4 and v6.0.2 have too: the calls
/// open, write, fetch_headers, read, close. Behaviour: simulator/net/http_client.hpp.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DEFAULT_HTTP_BUF_SIZE (512)

typedef struct esp_http_client* esp_http_client_handle_t;
typedef struct esp_http_client_event* esp_http_client_event_handle_t;

/// Later versions insert further values: never rely on the numbers, and ignore what is unknown.
typedef enum {
  HTTP_EVENT_ERROR = 0,
  HTTP_EVENT_ON_CONNECTED,
  HTTP_EVENT_HEADERS_SENT,
  HTTP_EVENT_HEADER_SENT = HTTP_EVENT_HEADERS_SENT,
  HTTP_EVENT_ON_HEADER,
  HTTP_EVENT_ON_DATA,
  HTTP_EVENT_ON_FINISH,
  HTTP_EVENT_DISCONNECTED,
} esp_http_client_event_id_t;

typedef struct esp_http_client_event {
  esp_http_client_event_id_t event_id;
  esp_http_client_handle_t client;
  void* data;
  int data_len;
  void* user_data;
  char* header_key;    ///< of HTTP_EVENT_ON_HEADER, in the server's case
  char* header_value;  ///< of HTTP_EVENT_ON_HEADER
} esp_http_client_event_t;

typedef enum {
  HTTP_TRANSPORT_UNKNOWN = 0x0,
  HTTP_TRANSPORT_OVER_TCP,
  HTTP_TRANSPORT_OVER_SSL,
} esp_http_client_transport_t;

typedef esp_err_t (*http_event_handle_cb)(esp_http_client_event_t* evt);

typedef enum {
  HTTP_METHOD_GET = 0,
  HTTP_METHOD_POST,
  HTTP_METHOD_PUT,
  HTTP_METHOD_PATCH,
  HTTP_METHOD_DELETE,
  HTTP_METHOD_HEAD,
  HTTP_METHOD_NOTIFY,
  HTTP_METHOD_SUBSCRIBE,
  HTTP_METHOD_UNSUBSCRIBE,
  HTTP_METHOD_OPTIONS,
} esp_http_client_method_t;

typedef enum {
  HTTP_AUTH_TYPE_NONE = 0,
  HTTP_AUTH_TYPE_BASIC,
} esp_http_client_auth_type_t;

/// Strings are copied by `esp_http_client_init`, certificates and keys are not: they must live as
/// long as the client.
typedef struct {
  const char* url;  ///< wins over host, port, path, query, unless both host and path are given
  const char* host;
  int port;  ///< 0: 80 or 443
  const char* username;
  const char* password;
  esp_http_client_auth_type_t auth_type;
  const char* path;
  const char* query;
  const char* cert_pem;  ///< one or more CA certificates that the server's chain must end in
  size_t cert_len;       ///< 0: `cert_pem` is NUL-terminated; else its length, the NUL included
  const char* client_cert_pem;
  size_t client_cert_len;
  const char* client_key_pem;
  size_t client_key_len;
  const char* user_agent;  ///< NULL: "ESP32 HTTP Client/1.0"
  esp_http_client_method_t method;
  int timeout_ms;  ///< of each socket operation, not of the transfer; 0: 5000
  bool disable_auto_redirect;
  int max_redirection_count;
  int max_authorization_retries;  ///< 0: 10; -1: none
  http_event_handle_cb event_handler;
  esp_http_client_transport_t transport_type;  ///< only without url
  int buffer_size;                             ///< 0: 512
  int buffer_size_tx;                          ///< 0: 512; the request line must fit
  void* user_data;
  bool use_global_ca_store;
  bool skip_cert_common_name_check;
  esp_err_t (*crt_bundle_attach)(void* conf);
  bool keep_alive_enable;   ///< of TCP
  int keep_alive_idle;      ///< seconds, 0: 5
  int keep_alive_interval;  ///< seconds, 0: 5
  int keep_alive_count;     ///< 0: 3
  /// Keeps the TLS session of each connection for the client's next one, which then shakes hands
  /// in less time. On the chip since v5.3, and only with CONFIG_ESP_TLS_CLIENT_SESSION_TICKETS; as
  /// v4.4 the simulator ignores it.
  bool save_client_session;
} esp_http_client_config_t;

#define ESP_ERR_HTTP_BASE (0x7000)
#define ESP_ERR_HTTP_MAX_REDIRECT (ESP_ERR_HTTP_BASE + 1)
#define ESP_ERR_HTTP_CONNECT (ESP_ERR_HTTP_BASE + 2)
#define ESP_ERR_HTTP_WRITE_DATA (ESP_ERR_HTTP_BASE + 3)
#define ESP_ERR_HTTP_FETCH_HEADER (ESP_ERR_HTTP_BASE + 4)
#define ESP_ERR_HTTP_INVALID_TRANSPORT (ESP_ERR_HTTP_BASE + 5)
#define ESP_ERR_HTTP_CONNECTING (ESP_ERR_HTTP_BASE + 6)
#define ESP_ERR_HTTP_EAGAIN (ESP_ERR_HTTP_BASE + 7)
#define ESP_ERR_HTTP_CONNECTION_CLOSED (ESP_ERR_HTTP_BASE + 8)

/// NULL with a log line when the configuration has no valid URL nor host and path. Every client
/// must end in `esp_http_client_cleanup`, whatever fails in between.
esp_http_client_handle_t esp_http_client_init(const esp_http_client_config_t* config);

/// Connects unless connected, and sends the request line and headers. `write_len` is the length of
/// the body that `esp_http_client_write` will send; -1: chunked, by the caller.
/// ESP_ERR_HTTP_CONNECT, ESP_ERR_HTTP_WRITE_DATA, ESP_ERR_HTTP_INVALID_TRANSPORT, or ESP_FAIL (-1)
/// when the request line doesn't fit `buffer_size_tx`.
esp_err_t esp_http_client_open(esp_http_client_handle_t client, int write_len);
/// Bytes written; 0 or less on a timeout or an error, whatever was written before.
int esp_http_client_write(esp_http_client_handle_t client, const char* buffer, int len);
/// The Content-Length; 0 when it is 0 or absent (and the response then counts as chunked);
/// -ESP_ERR_HTTP_EAGAIN on a timeout (v4.4: ESP_FAIL); ESP_FAIL. `int` in v4.4.
int64_t esp_http_client_fetch_headers(esp_http_client_handle_t client);
bool esp_http_client_is_chunked_response(esp_http_client_handle_t client);
/// Loops until `len` bytes, the end of the body, or a timeout: bytes read, may be fewer than
/// `len`; 0 at the end; -ESP_ERR_HTTP_EAGAIN (v4.4: 0) on a timeout with nothing read; ESP_FAIL.
int esp_http_client_read(esp_http_client_handle_t client, char* buffer, int len);
int esp_http_client_read_response(esp_http_client_handle_t client, char* buffer, int len);
int esp_http_client_get_status_code(esp_http_client_handle_t client);
int64_t esp_http_client_get_content_length(esp_http_client_handle_t client);
/// For a body without Content-Length also true when the peer merely closed.
bool esp_http_client_is_complete_data_received(esp_http_client_handle_t client);
esp_err_t esp_http_client_flush_response(esp_http_client_handle_t client, int* len);
esp_err_t esp_http_client_close(esp_http_client_handle_t client);
esp_err_t esp_http_client_cleanup(esp_http_client_handle_t client);

/// Headers of the request; they stay for the following requests of the client.
esp_err_t esp_http_client_set_header(esp_http_client_handle_t client, const char* key,
                                     const char* value);
esp_err_t esp_http_client_get_header(esp_http_client_handle_t client, const char* key,
                                     char** value);
esp_err_t esp_http_client_delete_header(esp_http_client_handle_t client, const char* key);

/// Another host or port closes the connection. The credentials stay, whatever the host.
esp_err_t esp_http_client_set_url(esp_http_client_handle_t client, const char* url);
/// Copied; NULL: requests carry no credentials of their own, but an Authorization that was set for
/// an earlier one stays among the headers. The same for the password.
esp_err_t esp_http_client_set_username(esp_http_client_handle_t client, const char* username);
esp_err_t esp_http_client_set_password(esp_http_client_handle_t client, const char* password);
esp_err_t esp_http_client_set_method(esp_http_client_handle_t client,
                                     esp_http_client_method_t method);
esp_err_t esp_http_client_set_timeout_ms(esp_http_client_handle_t client, int timeout_ms);
/// Makes the last response's Location the URL. ESP_ERR_INVALID_ARG without one.
esp_err_t esp_http_client_set_redirection(esp_http_client_handle_t client);
/// Answers a 401: ESP_ERR_NOT_SUPPORTED with ESP-IDF's default configuration. `void` in v4.4.
esp_err_t esp_http_client_add_auth(esp_http_client_handle_t client);

/// errno of the last socket error, then 0; -1 before the first connection.
int esp_http_client_get_errno(esp_http_client_handle_t client);
esp_http_client_transport_t esp_http_client_get_transport_type(esp_http_client_handle_t client);

#ifdef __cplusplus
}
#endif
