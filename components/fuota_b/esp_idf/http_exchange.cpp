#include "http_exchange.hpp"

#include <strings.h>

#include <cinttypes>
#include <cstdlib>
#include <cstring>

#include "esp_log.h"
#include "esp_timer.h"
#include "fuota_protocol/offer.hpp"
#include "observation.hpp"
#include "request_url.hpp"

namespace fuota::update {
namespace {

constexpr char kTag[] = "OTA";

/// For the headers of an answer, a line at a time.
constexpr int kReceiveBufferBytes = 1024;
/// The request line and the headers behind it; the URL is the long part, the credentials may be
/// 2 x 128 bytes, in Base64.
constexpr int kSendBufferBytes = static_cast<int>(kUrlBytesMax) + 1024;

/// Media types are compared without regard to case (RFC 9110 section 8.3.1); what is behind the ';'
/// are parameters, of which this one has none.
bool is_offer_type(const char* value) {
  constexpr std::size_t kBytes = protocol::kOfferMediaType.size();
  if (strncasecmp(value, protocol::kOfferMediaType.data(), kBytes) != 0) return false;
  return value[kBytes] == '\0' || std::strchr("; \t", value[kBytes]) != nullptr;
}

}  // namespace

HttpExchange::~HttpExchange() {
  if (client_ == nullptr) return;
  (void)esp_http_client_close(client_);
  (void)esp_http_client_cleanup(client_);
}

Code HttpExchange::get(const Server& server, const char* url, const char* accept) {
  report_alive(observer_);
  esp_http_client_config_t config = {};
  config.url = url;
  config.cert_pem = server.certificate_pem;
  config.username = server.username;
  config.password = server.password;
  config.auth_type = HTTP_AUTH_TYPE_BASIC;
  config.timeout_ms = kTimeoutMs;
  config.event_handler = &on_event;
  config.user_data = this;
  config.buffer_size = kReceiveBufferBytes;
  config.buffer_size_tx = kSendBufferBytes;
  // The credentials would follow a redirection to any host.
  config.disable_auto_redirect = true;

  client_ = esp_http_client_init(&config);
  if (client_ == nullptr) {
    error_ = ESP_ERR_NO_MEM;
    return Code::no_memory;
  }
  if (accept != nullptr) {
    error_ = esp_http_client_set_header(client_, "Accept", accept);
    if (error_ != ESP_OK) return Code::no_memory;
  }
  error_ = esp_http_client_open(client_, 0);
  if (error_ != ESP_OK) return Code::connect;
  const std::int64_t headers = esp_http_client_fetch_headers(client_);
  if (headers < 0) {
    error_ = headers == -ESP_ERR_HTTP_EAGAIN ? ESP_ERR_TIMEOUT : ESP_ERR_HTTP_FETCH_HEADER;
    return Code::connection_lost;
  }
  status_ = esp_http_client_get_status_code(client_);
  ESP_LOGI(kTag, "Content length: %" PRId64, content_length_);
  return Code::updated;
}

HttpExchange::ReadResult HttpExchange::read(std::uint8_t* out, std::size_t capacity,
                                            std::size_t* bytes) {
  // A body without a length goes on until the server closes; one with a length ends there, even
  // where the client would wait for more.
  if (has_content_length_) {
    if (body_bytes_ >= content_length_) return ReadResult::end;
    const std::int64_t left = content_length_ - body_bytes_;
    if (static_cast<std::int64_t>(capacity) > left) capacity = static_cast<std::size_t>(left);
  }
  error_ = ESP_ERR_TIMEOUT;
  for (int attempt = 0; attempt < kReadAttemptsMax; ++attempt) {
    report_alive(observer_);
    if (esp_timer_get_time() > deadline_us_) return ReadResult::lost;
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

bool HttpExchange::is_body_whole() const {
  if (has_content_length_) return body_bytes_ >= content_length_;
  return esp_http_client_is_complete_data_received(client_);
}

esp_err_t HttpExchange::on_event(esp_http_client_event_t* event) {
  auto& self = *static_cast<HttpExchange*>(event->user_data);
  report_alive(self.observer_);
  switch (event->event_id) {
    case HTTP_EVENT_ERROR:
      ESP_LOGE(kTag, "HTTP_EVENT_ERROR");
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
      self.note_header(event->header_key, event->header_value);
      self.shorten_wait_after_deadline();
      break;
    case HTTP_EVENT_ON_DATA:
      self.shorten_wait_after_deadline();
      break;
    case HTTP_EVENT_DISCONNECTED:
      ESP_LOGI(kTag, "HTTP_EVENT_DISCONNECTED - data length: %" PRId64, self.body_bytes_);
      break;
    default:
      // Each version of ESP-IDF knows more events.
      break;
  }
  return ESP_OK;
}

/// ESP-IDF's client loops inside of one call for as long as bytes trickle in; this makes it give up
/// at the next pause.
void HttpExchange::shorten_wait_after_deadline() const {
  if (client_ == nullptr || esp_timer_get_time() <= deadline_us_) return;
  (void)esp_http_client_set_timeout_ms(client_, 1);
}

void HttpExchange::note_header(const char* key, const char* value) {
  if (strcasecmp(key, "Content-Type") == 0) is_offer_ = is_offer_type(value);
  if (strcasecmp(key, "Content-Length") != 0) return;
  char* end = nullptr;
  const long long length = std::strtoll(value, &end, 10);
  if (end == value || *end != '\0' || length < 0) return;
  has_content_length_ = true;
  content_length_ = length;
}

}  // namespace fuota::update
