#include "http_connection.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "esp_heap_caps.h"
#include "esp_log.h"
#include "esp_timer.h"
#include "esp_tls.h"
#include "idf_port.hpp"
#include "kept_client.hpp"
#include "observation.hpp"
#include "request_url.hpp"
#include "sdkconfig.h"
#include "tls_failure.hpp"

namespace fuota::update {
namespace {

constexpr char kTag[] = "OTA";

/// For the headers of an answer, a line at a time.
constexpr int kReceiveBufferBytes = 1024;
/// The request line and the headers behind it; the URL is the long part, the credentials may be
/// 2 x 128 bytes, in Base64.
constexpr int kSendBufferBytes = static_cast<int>(kUrlBytesMax) + 1024;

/// What is left of an answer's body is read away up to this length; for more, a new connection is
/// cheaper.
constexpr std::int64_t kRestBytesMax = 4096;

/// How many interim answers are read past. Servers send one or two.
constexpr unsigned kInterimAnswersMax = 8;

bool is_interim(int status) {
  return status >= 100 && status <= 199;
}

/// Opens the connection only where the TLS receive buffer (CONFIG_MBEDTLS_SSL_IN_CONTENT_LEN) will
/// find room: a download that begins and fails for want of memory costs more.
bool has_room_for_tls() {
  constexpr std::size_t kNeeded = CONFIG_FUOTA_B_FREE_BLOCK_BYTES_MIN;
  return kNeeded == 0 || heap_caps_get_largest_free_block(MALLOC_CAP_8BIT) >= kNeeded;
}

/// Who hears of the client's events: a client may outlive the connection that it was made for.
HttpConnection* g_current = nullptr;

}  // namespace

HttpConnection::HttpConnection(const Server& server, const Observer& observer)
    : server_(server), observer_(observer), username_(server.username), password_(server.password) {
  g_current = this;
}

HttpConnection::~HttpConnection() {
  finish_answer();
  close();
  KeptClient::give_back(client_, server_);
  g_current = nullptr;
}

bool HttpConnection::is_overdue() const {
  return esp_timer_get_time() > deadline_us_;
}

Code HttpConnection::perform(const HttpRequest& request) {
  finish_answer();
  const bool was_open = is_open_;
  Code code = exchange(request);
  // A server may close a connection between two requests whenever it likes.
  const bool may_be_stale = was_open && status_ == 0 && !is_overdue();
  if (code != Code::updated) close();
  if (code == Code::no_answer && may_be_stale) {
    code = exchange(request);
    if (code != Code::updated) close();
  }
  if (code != Code::updated && is_overdue()) code = Code::too_slow;
  return code;
}

Code HttpConnection::exchange(const HttpRequest& request) {
  report_alive(observer_);
  status_ = 0;
  error_ = ESP_OK;
  headers_ = AnswerHeaders{};
  body_bytes_ = 0;
  failure_ = Code::connect;
  if (is_overdue()) {
    error_ = ESP_ERR_TIMEOUT;
    return Code::too_slow;
  }
  if (!is_open_ && !has_room_for_tls()) {
    error_ = ESP_ERR_NO_MEM;
    return Code::low_memory;
  }
  const Code prepared = prepare(request);
  if (prepared != Code::updated) return prepared;
  const bool was_open = is_open_;
  error_ = esp_http_client_open(client_, static_cast<int>(request.body_bytes));
  if (error_ == ESP_ERR_HTTP_WRITE_DATA) return Code::no_answer;
  if (error_ != ESP_OK) return was_open ? Code::no_answer : failure_;
  is_open_ = true;
  if (!write_body(request)) {
    error_ = ESP_ERR_HTTP_WRITE_DATA;
    return Code::no_answer;
  }
  return fetch_headers();
}

/// Reads the headers of the answer. Interim ones may come before it, unasked (RFC 9110 section
/// 15.2): ESP-IDF's client takes each for the answer, and the answer for that to the next request.
Code HttpConnection::fetch_headers() {
  for (unsigned interim = 0; interim <= kInterimAnswersMax; ++interim) {
    report_alive(observer_);
    const std::int64_t result = esp_http_client_fetch_headers(client_);
    if (result < 0) {
      error_ = result == -ESP_ERR_HTTP_EAGAIN ? ESP_ERR_TIMEOUT : ESP_ERR_HTTP_FETCH_HEADER;
      return Code::no_answer;
    }
    const int status = esp_http_client_get_status_code(client_);
    if (!is_interim(status)) {
      status_ = status;
      has_answer_ = true;
      ESP_LOGI(kTag, "Content length: %" PRId64, headers_.content_length);
      return Code::updated;
    }
    // Against the rule it has a body: where the next answer begins, nobody knows.
    if (headers_.content_length > 0 || is_overdue()) break;
    headers_ = AnswerHeaders{};
  }
  error_ = ESP_ERR_HTTP_FETCH_HEADER;
  return Code::no_answer;
}

Code HttpConnection::make_client(const char* url) {
  if (client_ == nullptr) client_ = KeptClient::take(server_);
  if (client_ != nullptr) {
    error_ = esp_http_client_set_url(client_, url);
    return error_ == ESP_OK ? Code::updated : Code::no_memory;
  }
  esp_http_client_config_t config = {};
  config.url = url;
  config.cert_pem = server_.certificate_pem;
  config.client_cert_pem = server_.client_certificate_pem;
  config.client_key_pem = server_.client_key_pem;
  config.auth_type = HTTP_AUTH_TYPE_BASIC;
  config.event_handler = &on_event;
  config.buffer_size = kReceiveBufferBytes;
  config.buffer_size_tx = kSendBufferBytes;
  // The credentials would follow a redirection to any host.
  config.disable_auto_redirect = true;
  KeptClient::save_session(config);
  client_ = esp_http_client_init(&config);
  error_ = client_ == nullptr ? ESP_ERR_NO_MEM : ESP_OK;
  return client_ == nullptr ? Code::no_memory : Code::updated;
}

/// Makes the client's next request what `request` says; headers of the one before stay otherwise.
Code HttpConnection::prepare(const HttpRequest& request) {
  const Code made = make_client(request.url);
  if (made != Code::updated) return made;
  char range[sizeof "bytes=4294967295-"] = "";
  char tag[2 * protocol::kSha256Bytes + sizeof "\"\""] = "";
  if (request.range_begin > 0) {
    (void)std::snprintf(range, sizeof range, "bytes=%" PRIu32 "-", request.range_begin);
    if (request.if_range != nullptr) {
      tag[0] = '"';
      protocol::format_sha256(*request.if_range, tag + 1);
      tag[sizeof tag - 2] = '"';
    }
  }
  error_ = ESP_ERR_NO_MEM;
  // Without a username, the client sends the Authorization of the request before.
  if (!set_header("Authorization", nullptr) ||
      esp_http_client_set_username(client_, username_) != ESP_OK ||
      esp_http_client_set_password(client_, password_) != ESP_OK ||
      esp_http_client_set_method(
          client_, request.body != nullptr ? HTTP_METHOD_POST : HTTP_METHOD_GET) != ESP_OK ||
      esp_http_client_set_timeout_ms(client_, kTimeoutMs) != ESP_OK ||
      !set_header("Accept", request.accept) || !set_header("Range", range) ||
      !set_header("If-Range", tag) || !set_header("Content-Type", request.content_type)) {
    return Code::no_memory;
  }
  error_ = ESP_OK;
  return Code::updated;
}

/// Null and empty: the request has no such header.
bool HttpConnection::set_header(const char* name, const char* value) {
  if (value != nullptr && value[0] != '\0') {
    return esp_http_client_set_header(client_, name, value) == ESP_OK;
  }
  // Fails when there is none, which is what was wanted.
  (void)esp_http_client_delete_header(client_, name);
  return true;
}

bool HttpConnection::write_body(const HttpRequest& request) {
  std::size_t written = 0;
  while (written < request.body_bytes) {
    report_alive(observer_);
    const int bytes = esp_http_client_write(client_, request.body + written,
                                            static_cast<int>(request.body_bytes - written));
    if (bytes <= 0) return false;
    written += static_cast<std::size_t>(bytes);
  }
  return true;
}

HttpConnection::ReadResult HttpConnection::read(std::uint8_t* out, std::size_t capacity,
                                                std::size_t* bytes) {
  // A body without a length goes on until the server closes; one with a length ends there, even
  // where the client would wait for more.
  if (has_no_body()) return ReadResult::end;
  if (headers_.has_content_length) {
    if (body_bytes_ >= headers_.content_length) return ReadResult::end;
    const std::int64_t left = headers_.content_length - body_bytes_;
    if (static_cast<std::int64_t>(capacity) > left) capacity = static_cast<std::size_t>(left);
  }
  error_ = ESP_ERR_TIMEOUT;
  for (int attempt = 0; attempt < kReadAttemptsMax; ++attempt) {
    report_alive(observer_);
    if (is_overdue()) return ReadResult::lost;
    const int result =
        esp_http_client_read(client_, reinterpret_cast<char*>(out), static_cast<int>(capacity));
    if (result > 0) {
      *bytes = static_cast<std::size_t>(result);
      body_bytes_ += result;
      error_ = ESP_OK;
      return ReadResult::data;
    }
    if (is_body_whole()) {
      error_ = ESP_OK;
      return ReadResult::end;
    }
    // v4.4 says 0 and v5 -ESP_ERR_HTTP_EAGAIN when nothing came in time; 0 is also what a
    // connection that is gone gives, at once.
    if (result < 0 && result != -ESP_ERR_HTTP_EAGAIN) {
      error_ = ESP_FAIL;
      break;
    }
  }
  return ReadResult::lost;
}

Code HttpConnection::code_of_loss() const {
  return is_overdue() ? Code::too_slow : Code::short_read;
}

/// Answers that have none, whatever their header says (RFC 9112 section 6.3). ESP-IDF's client
/// would wait for one.
bool HttpConnection::has_no_body() const {
  return status_ == 204 || status_ == 304;
}

bool HttpConnection::is_body_whole() const {
  if (has_no_body()) return true;
  if (headers_.has_content_length) return body_bytes_ >= headers_.content_length;
  return esp_http_client_is_complete_data_received(client_);
}

/// Makes the connection ready for the next request, or closes it.
void HttpConnection::finish_answer() {
  if (!is_open_) return;
  if (!has_answer_) return close();
  const bool has_end = has_no_body() ? headers_.content_length == 0 : headers_.has_content_length;
  if (headers_.closes || !has_end || headers_.content_length - body_bytes_ > kRestBytesMax) {
    return close();
  }
  std::uint8_t rest[64];
  for (;;) {
    std::size_t bytes = 0;
    const ReadResult result = read(rest, sizeof rest, &bytes);
    if (result == ReadResult::lost) return close();
    if (result == ReadResult::end) break;
  }
  has_answer_ = false;
}

void HttpConnection::close() {
  if (!is_open_) return;
  // The client calls a body complete that it keeps for a read which never came, and takes one
  // behind a 204 too, where a server announces it.
  const bool was_read = has_no_body()
                            ? headers_.content_length == 0
                            : headers_.has_content_length && body_bytes_ >= headers_.content_length;
  // A header that was cut leaves its name in front of the next one's.
  const bool has_leftovers = (has_answer_ && !was_read) || status_ == 0;
  is_open_ = false;
  has_answer_ = false;
  (void)esp_http_client_close(client_);
  if (!has_leftovers) return;
  // What came of a body and was not read, the client would hand out as the beginning of the next
  // one (esp_http_client.c, http_on_body).
  (void)esp_http_client_cleanup(client_);
  client_ = nullptr;
}

esp_err_t HttpConnection::on_event(esp_http_client_event_t* event) {
  if (g_current == nullptr) return ESP_OK;
  HttpConnection& self = *g_current;
  report_alive(self.observer_);
  switch (event->event_id) {
    case HTTP_EVENT_ERROR:
      ESP_LOGE(kTag, "HTTP_EVENT_ERROR");
      self.note_failure(event->data);
      break;
    case HTTP_EVENT_ON_CONNECTED:
      ESP_LOGI(kTag, "HTTP_EVENT_ON_CONNECTED");
      break;
    case HTTP_EVENT_HEADERS_SENT:
      ESP_LOGI(kTag, "HTTP_EVENT_HEADERS_SENT");
      break;
    case HTTP_EVENT_ON_HEADER:
      ESP_LOGI(kTag, "HTTP_EVENT_ON_HEADER, key=%s, value=%s", event->header_key,
               event->header_value);
      self.headers_.note(event->header_key, event->header_value);
      self.shorten_wait_after_deadline();
      break;
    case HTTP_EVENT_ON_DATA:
      self.shorten_wait_after_deadline();
      break;
    case HTTP_EVENT_DISCONNECTED:
      ESP_LOGI(kTag, "HTTP_EVENT_DISCONNECTED - data length: %" PRId64, self.body_bytes_);
      // What is not taken is told again at the next failure.
      self.note_failure(event->data);
      break;
    default:
      // Each version of ESP-IDF knows more events.
      break;
  }
  return ESP_OK;
}

/// ESP-IDF's client loops inside of one call for as long as bytes trickle in; this makes it give up
/// at the next pause.
void HttpConnection::shorten_wait_after_deadline() const {
  if (client_ == nullptr || !is_overdue()) return;
  (void)esp_http_client_set_timeout_ms(client_, 1);
}

/// `error_handle` is what the event brings (esp_transport_get_error_handle), null without a
/// transport. Counts until the next request.
void HttpConnection::note_failure(void* error_handle) {
  if (error_handle == nullptr) return;
  int mbedtls_error = 0;
  int flags = 0;
  const esp_err_t error = esp_tls_get_and_clear_last_error(
      static_cast<esp_tls_error_handle_t>(error_handle), &mbedtls_error, &flags);
  failure_ = code_of_tls_failure(error, mbedtls_error, flags);
}

}  // namespace fuota::update
