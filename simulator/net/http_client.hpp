#pragma once

#include <http_parser.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "esp_http_client.h"
#include "esp_tls_errors.h"
#include "simulator/kernel/heap.hpp"
#include "simulator/net/body_cache.hpp"
#include "simulator/net/request_headers.hpp"
#include "simulator/net/tls_memory.hpp"
#include "simulator/net/transport.hpp"

namespace simulator::net {

class HttpStack;

/// One HTTP client as ESP-IDF's (esp_http_client/esp_http_client.c; HttpBehaviour where versions
/// differ), with the ambiguities that an application has to cope with:
///
/// * A Content-Length that is 0 or absent is reported as 0, and the response then counts as
///   chunked; such a body is complete when http-parser says so, or when the peer closes, so that a
///   truncated one looks complete.
/// * `read` loops until the buffer is full, the body ends or an operation times out.
/// * What arrived with the headers is kept for the first `read`, even of the next response.
/// * Credentials are sent without being asked for, and stay when the URL's host changes.
/// * A request line that doesn't fit the buffer fails; a header that doesn't fit ends the request
///   in its middle, and nobody is told.
/// * The return value of http-parser is ignored: garbage leads to a timeout or a closed connection.
///
/// All members are owned by the session, and no function keeps anything that needs a destructor
/// across a point where the chip may stop: in I/O and in the application's event handler.
class HttpClient {
 public:
  explicit HttpClient(HttpStack& stack);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// What the application knows this client by.
  [[nodiscard]] esp_http_client_handle_t handle();

  /// False with a log line when the configuration is not usable.
  bool configure(const esp_http_client_config_t& config);

  esp_err_t open(int write_length);
  int write(const char* data, int size);
  std::int64_t fetch_headers();
  int read(char* buffer, int size);
  int read_response(char* buffer, int size);
  esp_err_t flush_response(int* size);
  esp_err_t close();
  [[nodiscard]] bool is_complete_data_received() const;
  [[nodiscard]] bool is_chunked_response() const { return response_.chunked; }
  [[nodiscard]] int status_code() const { return response_.status_code; }
  [[nodiscard]] std::int64_t content_length() const { return response_.content_length; }

  RequestHeaders& headers() { return headers_; }
  esp_err_t set_url(const char* url);
  esp_err_t set_redirection();
  esp_err_t add_auth();
  void set_username(const char* username);
  void set_password(const char* password);
  void set_method(esp_http_client_method_t method) { method_ = method; }
  void set_timeout_ms(int timeout_ms) { timeout_ms_ = timeout_ms; }
  int take_errno();
  [[nodiscard]] esp_http_client_transport_t transport_type() const;

 private:
  enum class State {
    uninitialized,
    idle,
    connected,
    headers_sent,
    request_sent,
    headers_read,
    body
  };

  struct Url {
    std::string scheme;
    std::string host;
    int port = 0;
    std::string path = "/";
    std::string query;
    bool has_query = false;
  };

  struct Response {
    int status_code = 0;
    std::int64_t content_length = 0;
    std::int64_t processed = 0;  ///< bytes of the body that http-parser has seen
    bool chunked = false;
    bool complete = false;  ///< http-parser has seen the end of the message
    std::string location;
    std::string www_authenticate;
    std::string header_name;  ///< of the header that is being read
    std::string header_value;
    bool has_header = false;
    bool has_value = false;
  };

  void read_settings(const esp_http_client_config_t& config);
  void read_tls_settings(const esp_http_client_config_t& config);

  // Sending.
  esp_err_t connect();
  ConnectOutcome connect_transport();
  /// The transport to connect with.
  esp_http_client_transport_t choose_transport();
  void prepare();
  /// For the next connection.
  void save_session();
  void announce_body(int write_length);
  bool prepare_request_line(int write_length);
  esp_err_t send_request(int write_length);
  bool send_buffer();
  Io send(const char* data, std::size_t size);
  void log_connect(const ConnectOutcome& outcome) const;
  void log_certificate(const ConnectOutcome& outcome) const;

  // What the transport keeps of a failure.
  /// Null before the first attempt to connect.
  esp_tls_error_handle_t error_handle();
  /// Whether esp-tls keeps, and tells of, what is wrong with a certificate.
  [[nodiscard]] bool keeps_flags() const;
  void capture_connect(const ConnectOutcome& outcome);
  void capture_read(const Io& io);
  void capture_write(const Io& io);

  // Receiving.
  Io receive(std::size_t size);
  void parse(std::size_t size);
  int receive_data();
  int end_of_read(const Io& io, int read_before);
  void log_read_failure(const Io& io) const;
  void emit(esp_http_client_event_id_t id, void* data = nullptr, std::size_t size = 0);
  void emit_header();

  // http-parser's callbacks.
  static const http_parser_settings& callbacks();
  static HttpClient& self(http_parser* parser);
  void on_header_name(std::string_view part);
  void on_header_value(std::string_view part);
  void on_status();
  int on_headers_complete();
  void on_body(const char* data, std::size_t size);

  HttpStack& stack_;
  kernel::HeapBlock memory_;  ///< of the client and its buffers
  TlsMemory tls_memory_;      ///< of an open TLS connection
  State state_ = State::uninitialized;
  http_parser parser_{};

  Url url_;
  std::string username_;
  std::string password_ = "(null)";  ///< what newlib prints when an application sets none
  bool has_username_ = false;
  esp_http_client_auth_type_t auth_type_ = HTTP_AUTH_TYPE_NONE;
  esp_http_client_method_t method_ = HTTP_METHOD_GET;
  int timeout_ms_ = 0;
  int max_authorization_retries_ = 0;
  int redirects_ = 0;
  std::size_t receive_size_ = 0;
  std::size_t send_size_ = 0;
  http_event_handle_cb event_handler_ = nullptr;
  esp_http_client_event_t event_{};
  /// That of the last attempt to connect.
  esp_http_client_transport_t chosen_transport_ = HTTP_TRANSPORT_UNKNOWN;
  /// Of the transport without and of the one with TLS, which live as long as the client.
  std::array<esp_tls_last_error_t, 2> errors_{};
  TlsSettings tls_;
  bool saves_session_ = false;
  std::unique_ptr<SavedSession> session_;  ///< of the last connection
  kernel::HeapBlock session_memory_;
  TcpKeepAlive keep_alive_;
  RequestHeaders headers_;

  std::unique_ptr<Transport> transport_;
  ConnectRequest connect_request_;
  std::string send_buffer_;
  std::string receive_buffer_;
  Response response_;
  BodyCache cache_;
  char* destination_ = nullptr;  ///< where `read` wants the body
};

}  // namespace simulator::net
