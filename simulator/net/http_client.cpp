#include "simulator/net/http_client.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "esp_log.h"
#include "simulator/kernel/scheduler.hpp"
#include "simulator/net/base64.hpp"
#include "simulator/net/http_stack.hpp"
#include "simulator/net/ignoring_case.hpp"

namespace simulator::net {

namespace {

constexpr char kTag[] = "HTTP_CLIENT";
constexpr char kUserAgent[] = "ESP32 HTTP Client/1.0";
constexpr int kHttpPort = 80;
constexpr int kHttpsPort = 443;
constexpr int kTimeoutMs = 5000;
constexpr int kAuthorizationRetries = 10;
/// v5.5.5 only, therefore not in the header: an https URL is redirected to another scheme.
constexpr esp_err_t kRedirectDowngrade = ESP_ERR_HTTP_BASE + 13;

constexpr std::size_t kClientBytes = 1'500;
/// esp_tls_client_session_t with a server's ticket (about 200 bytes) and a copy of its certificate
/// (MBEDTLS_SSL_KEEP_PEER_CERTIFICATE), parsed, with a key of P-256.
constexpr std::size_t kSessionBytes = 2'000;

constexpr const char* kMethods[] = {"GET",  "POST",   "PUT",       "PATCH",       "DELETE",
                                    "HEAD", "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE", "OPTIONS"};

/// The value of the Host header.
std::string host_header(const std::string& host, int port) {
  const bool ipv6 = host.find(':') != std::string::npos && host.front() != '[';
  std::string name = ipv6 ? "[" + host + "]" : host;
  if (port == kHttpPort || port == kHttpsPort) return name;
  return name + ":" + std::to_string(port);
}

}  // namespace

HttpClient::HttpClient(HttpStack& stack) : stack_(stack) {
  parser_.data = this;
  event_.client = handle();
}

HttpClient::~HttpClient() = default;

esp_http_client_handle_t HttpClient::handle() {
  return reinterpret_cast<esp_http_client_handle_t>(this);
}

void HttpClient::emit(esp_http_client_event_id_t id, void* data, std::size_t size) {
  if (event_handler_ == nullptr) return;
  event_.event_id = id;
  event_.data = data;
  event_.data_len = static_cast<int>(size);
  event_handler_(&event_);
}

// Configuration.

bool HttpClient::configure(const esp_http_client_config_t& config) {
  read_settings(config);
  read_tls_settings(config);
  memory_ = {kernel::Scheduler::current().heap(), kClientBytes + receive_size_ + send_size_,
             kernel::HeapPieces::many};
  if (!memory_.ok()) {
    ESP_LOGE(kTag, "Error allocate memory");
    return false;
  }
  const bool by_parts = config.host != nullptr && config.path != nullptr;
  if (!by_parts && config.url == nullptr) {
    ESP_LOGE(kTag, "config should have either URL or host & path");
    return false;
  }
  if (!by_parts && set_url(config.url) != ESP_OK) {
    ESP_LOGE(kTag, "Failed to set URL");
    return false;
  }
  if (url_.host.empty()) {
    ESP_LOGE(kTag, "invalid host");
    return false;
  }
  headers_.set("User-Agent", config.user_agent != nullptr ? config.user_agent : kUserAgent);
  headers_.set("Host", host_header(url_.host, url_.port));
  state_ = State::idle;
  return true;
}

void HttpClient::read_settings(const esp_http_client_config_t& config) {
  const bool secure = config.transport_type == HTTP_TRANSPORT_OVER_SSL;
  url_.scheme = secure ? "https" : "http";
  url_.port = config.port != 0 ? config.port : (secure ? kHttpsPort : kHttpPort);
  if (config.host != nullptr) url_.host = config.host;
  if (config.path != nullptr) url_.path = config.path;
  url_.has_query = config.query != nullptr;
  if (url_.has_query) url_.query = config.query;
  has_username_ = config.username != nullptr;
  if (has_username_) username_ = config.username;
  if (config.password != nullptr) password_ = config.password;
  auth_type_ = config.auth_type;
  method_ = config.method;
  timeout_ms_ = config.timeout_ms != 0 ? config.timeout_ms : kTimeoutMs;
  max_authorization_retries_ = config.max_authorization_retries;
  if (config.max_authorization_retries == 0) max_authorization_retries_ = kAuthorizationRetries;
  if (config.max_authorization_retries == -1) max_authorization_retries_ = 0;
  event_handler_ = config.event_handler;
  event_.user_data = config.user_data;
  const auto size_of = [](int size) {
    return static_cast<std::size_t>(size != 0 ? size : DEFAULT_HTTP_BUF_SIZE);
  };
  receive_size_ = size_of(config.buffer_size);
  send_size_ = size_of(config.buffer_size_tx);
  receive_buffer_.resize(receive_size_);
}

void HttpClient::read_tls_settings(const esp_http_client_config_t& config) {
  const auto bytes_of = [](const char* pem, std::size_t bytes) {
    return pem == nullptr || bytes != 0 ? bytes : std::strlen(pem) + 1;
  };
  tls_.ca_pem = config.cert_pem;
  tls_.ca_bytes = bytes_of(config.cert_pem, config.cert_len);
  tls_.client_certificate_pem = config.client_cert_pem;
  tls_.client_certificate_bytes = bytes_of(config.client_cert_pem, config.client_cert_len);
  tls_.client_key_pem = config.client_key_pem;
  tls_.client_key_bytes = bytes_of(config.client_key_pem, config.client_key_len);
  tls_.attach_bundle = config.crt_bundle_attach;
  tls_.use_global_ca_store = config.use_global_ca_store;
  tls_.skip_name_check = config.skip_cert_common_name_check;
  saves_session_ = config.save_client_session && stack_.behaviour().saves_sessions;
  keep_alive_.enabled = config.keep_alive_enable;
  if (config.keep_alive_idle != 0) keep_alive_.idle_s = config.keep_alive_idle;
  if (config.keep_alive_interval != 0) keep_alive_.interval_s = config.keep_alive_interval;
  if (config.keep_alive_count != 0) keep_alive_.count = config.keep_alive_count;
}

// Sending.

void HttpClient::prepare() {
  response_.processed = 0;
  response_.location.clear();
  response_.www_authenticate.clear();
  http_parser_init(&parser_, HTTP_RESPONSE);
  if (has_username_ && auth_type_ == HTTP_AUTH_TYPE_BASIC) {
    headers_.set("Authorization", "Basic " + base64(username_ + ":" + password_));
  }
}

esp_err_t HttpClient::connect() {
  if (state_ == State::uninitialized) return ESP_ERR_INVALID_STATE;
  prepare();
  if (state_ >= State::connected) return ESP_OK;
  const esp_http_client_transport_t type = choose_transport();
  if (type == HTTP_TRANSPORT_UNKNOWN) {
    ESP_LOGE(kTag, "No transport found");
    return ESP_ERR_HTTP_INVALID_TRANSPORT;
  }
  connect_request_.endpoint = {url_.host, url_.port};
  connect_request_.tls.reset();
  if (type == HTTP_TRANSPORT_OVER_SSL) connect_request_.tls = tls_;
  connect_request_.session = session_.get();
  connect_request_.keep_alive = keep_alive_;
  connect_request_.timeout_ms = timeout_ms_;
  transport_ = stack_.make_transport(connect_request_.endpoint);
  const ConnectOutcome outcome = connect_transport();
  const bool connected = outcome.kind == ConnectOutcome::Kind::connected;
  stack_.count_connection(outcome);
  capture_connect(outcome);
  log_connect(outcome);
  if (!connected) {
    ESP_LOGE(kTag, "Connection failed, sock < 0");
    return ESP_ERR_HTTP_CONNECT;
  }
  state_ = State::connected;
  emit(HTTP_EVENT_ON_CONNECTED);
  if (saves_session_) save_session();
  return ESP_OK;
}

void HttpClient::save_session() {
  if (!connect_request_.tls) {
    ESP_LOGE("esp-tls-mbedtls", "esp_tls session context cannot be NULL");
    return;
  }
  session_.reset();
  session_memory_ = {};
  session_memory_ = {kernel::Scheduler::current().heap(), kSessionBytes, kernel::HeapPieces::many};
  if (!session_memory_.ok()) {
    ESP_LOGE("esp-tls-mbedtls", "Failed to allocate memory for client session ctx");
    return;
  }
  session_ = transport_->save_session();
}

esp_http_client_transport_t HttpClient::choose_transport() {
  const bool first = chosen_transport_ == HTTP_TRANSPORT_UNKNOWN;
  if (first || !stack_.behaviour().keeps_first_transport) chosen_transport_ = transport_type();
  return chosen_transport_;
}

ConnectOutcome HttpClient::connect_transport() {
  tls_memory_.give_back();
  if (connect_request_.tls) {
    connect_request_.tls_memory = &tls_memory_;
    if (!tls_memory_.take_context()) return {ConnectOutcome::Kind::no_memory};
  }
  const ConnectOutcome outcome = transport_->connect(connect_request_);
  if (outcome.kind != ConnectOutcome::Kind::connected) tls_memory_.give_back();
  return outcome;
}

void HttpClient::announce_body(int write_length) {
  if (stack_.behaviour().always_sends_content_length) {
    if (write_length < 0) {
      headers_.set("Transfer-Encoding", "chunked");
    } else {
      headers_.set("Content-Length", std::to_string(write_length));
    }
    return;
  }
  headers_.remove("Transfer-Encoding");
  const bool needs_length =
      method_ != HTTP_METHOD_GET && method_ != HTTP_METHOD_HEAD && method_ != HTTP_METHOD_DELETE;
  if (write_length < 0) {
    headers_.set("Transfer-Encoding", "chunked");
    headers_.remove("Content-Length");
  } else if (write_length > 0 || needs_length) {
    headers_.set("Content-Length", std::to_string(write_length));
  } else {
    headers_.remove("Content-Length");
  }
}

bool HttpClient::prepare_request_line(int write_length) {
  announce_body(write_length);
  send_buffer_ = kMethods[method_];
  send_buffer_ += " " + url_.path;
  if (url_.has_query) send_buffer_ += "?" + url_.query;
  send_buffer_ += " HTTP/1.1\r\n";
  if (send_buffer_.size() < send_size_) return true;
  ESP_LOGE(kTag, "Out of buffer");
  return false;
}

esp_err_t HttpClient::send_request(int write_length) {
  if (!prepare_request_line(write_length)) return ESP_FAIL;
  std::size_t next = 0;
  while (true) {
    const RequestHeaders::Portion portion =
        headers_.append_to(send_buffer_, next, send_size_ - send_buffer_.size());
    if (portion.truncated) ESP_LOGE("HTTP_HEADER", "Buffer length is small to fit all the headers");
    // No progress: the chip sends nothing more, and believes that it has sent everything.
    if (portion.next == 0 || portion.next == next) break;
    next = portion.next;
    if (!send_buffer()) {
      ESP_LOGE(kTag, "Error write request");
      close();
      return ESP_ERR_HTTP_WRITE_DATA;
    }
  }
  state_ = State::headers_sent;
  emit(HTTP_EVENT_HEADERS_SENT);
  return ESP_OK;
}

bool HttpClient::send_buffer() {
  std::size_t sent = 0;
  while (sent < send_buffer_.size()) {
    const Io io = send(send_buffer_.data() + sent, send_buffer_.size() - sent);
    if (io.status != Io::Status::done) return false;
    sent += io.bytes;
  }
  send_buffer_.clear();
  return true;
}

Io HttpClient::send(const char* data, std::size_t size) {
  const Io io = transport_->write(data, size, timeout_ms_);
  capture_write(io);
  return io;
}

esp_err_t HttpClient::open(int write_length) {
  esp_err_t error = connect();
  if (error == ESP_OK) error = send_request(write_length);
  if (error != ESP_OK) emit(HTTP_EVENT_ERROR, error_handle());
  return error;
}

int HttpClient::write(const char* data, int size) {
  if (state_ < State::headers_sent) return ESP_FAIL;
  int written = 0;
  while (written < size) {
    const Io io = send(data + written, static_cast<std::size_t>(size - written));
    if (io.status == Io::Status::timeout) return 0;
    if (io.status != Io::Status::done) return ESP_FAIL;
    written += static_cast<int>(io.bytes);
  }
  return written;
}

esp_err_t HttpClient::close() {
  const State quiet =
      stack_.behaviour().disconnected_at_every_close ? State::uninitialized : State::idle;
  if (state_ > quiet) emit(HTTP_EVENT_DISCONNECTED, error_handle());
  if (state_ <= State::idle) return ESP_OK;
  state_ = State::idle;
  transport_->close();
  tls_memory_.give_back();
  return ESP_OK;
}

int HttpClient::take_errno() {
  return transport_ != nullptr ? transport_->take_errno() : -1;
}

esp_http_client_transport_t HttpClient::transport_type() const {
  if (equals_ignoring_case(url_.scheme, "https")) return HTTP_TRANSPORT_OVER_SSL;
  if (equals_ignoring_case(url_.scheme, "http")) return HTTP_TRANSPORT_OVER_TCP;
  return HTTP_TRANSPORT_UNKNOWN;
}

// URL, redirection, authorization.

esp_err_t HttpClient::set_url(const char* url) {
  const std::string_view text = url;
  http_parser_url parts;
  http_parser_url_init(&parts);
  if (http_parser_parse_url(text.data(), text.size(), 0, &parts) != 0) {
    ESP_LOGE(kTag, "Error parse url %s", url);
    return ESP_ERR_INVALID_ARG;
  }
  const auto part = [&](http_parser_url_fields field) {
    return text.substr(parts.field_data[field].off, parts.field_data[field].len);
  };
  const int old_port = url_.port;
  bool other_peer = false;
  if (!part(UF_HOST).empty()) {
    const bool other_host = !url_.host.empty() && !equals_ignoring_case(url_.host, part(UF_HOST));
    url_.host = part(UF_HOST);
    // Without the port, whatever it is: the chip writes it so.
    if (other_host) headers_.set("Host", url_.host);
    other_peer = other_host;
  }
  if (!part(UF_SCHEMA).empty()) {
    url_.scheme = part(UF_SCHEMA);
    if (equals_ignoring_case(url_.scheme, "http")) url_.port = kHttpPort;
    if (equals_ignoring_case(url_.scheme, "https")) url_.port = kHttpsPort;
  }
  if (!part(UF_PORT).empty()) url_.port = parts.port;
  if (const std::string_view user = part(UF_USERINFO); !user.empty()) {
    const std::size_t colon = user.find(':');
    has_username_ = true;
    username_ = user.substr(0, colon);
    if (colon != std::string_view::npos) password_ = user.substr(colon + 1);
  }
  url_.path = part(UF_PATH).empty() ? "/" : part(UF_PATH);
  url_.query = part(UF_QUERY);
  url_.has_query = !url_.query.empty();
  if (other_peer || old_port != url_.port) {
    cache_.clear();
    if (state_ != State::uninitialized) close();
  }
  return ESP_OK;
}

void HttpClient::set_username(const char* username) {
  has_username_ = username != nullptr;
  username_ = has_username_ ? username : "";
}

void HttpClient::set_password(const char* password) {
  password_ = password != nullptr ? password : "";
}

esp_err_t HttpClient::set_redirection() {
  if (response_.location.empty()) return ESP_ERR_INVALID_ARG;
  const std::string_view location = response_.location;
  constexpr std::string_view kHttps = "https://";
  if (stack_.behaviour().refuses_downgrade && transport_type() == HTTP_TRANSPORT_OVER_SSL &&
      !equals_ignoring_case(location.substr(0, kHttps.size()), kHttps)) {
    ESP_LOGE(kTag, "HTTPS origin can only redirect to https:// targets (got %s)",
             response_.location.c_str());
    return kRedirectDowngrade;
  }
  const esp_err_t error = set_url(response_.location.c_str());
  if (error == ESP_OK && stack_.behaviour().counts_redirections) ++redirects_;
  return error;
}

esp_err_t HttpClient::add_auth() {
  if (state_ != State::body) return ESP_OK;
  if (redirects_ >= max_authorization_retries_) {
    ESP_LOGE(kTag, "Error, reached max_authorization_retries count=%d", redirects_);
    return ESP_FAIL;
  }
  // Neither CONFIG_ESP_HTTP_CLIENT_ENABLE_BASIC_AUTH nor …_DIGEST_AUTH is on by default.
  auth_type_ = HTTP_AUTH_TYPE_NONE;
  if (response_.www_authenticate.empty()) {
    ESP_LOGW(kTag,
             "This request requires authentication, but does not provide header information for "
             "that");
  } else {
    ++redirects_;
    ESP_LOGE(kTag, "This authentication method is not supported: %s",
             response_.www_authenticate.c_str());
  }
  return ESP_ERR_NOT_SUPPORTED;
}

}  // namespace simulator::net
