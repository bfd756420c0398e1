// The C functions of esp_http_client.h, on the current HTTP stack. A NULL client is an error where
// ESP-IDF checks for it, and ends the process where the chip would crash.

#include "esp_http_client.h"

#include "esp_log.h"
#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "simulator/net/http_client.hpp"
#include "simulator/net/http_stack.hpp"

using simulator::kernel::Scheduler;
using simulator::net::HttpClient;
using simulator::net::HttpStack;

namespace {

HttpClient& client_of(esp_http_client_handle_t handle, const char* function) {
  Scheduler::current().kernel_call();
  return HttpStack::current().client(handle, function);
}

}  // namespace

extern "C" {

esp_http_client_handle_t esp_http_client_init(const esp_http_client_config_t* config) {
  Scheduler::current().kernel_call();
  if (config == nullptr) simulator::kernel::misuse(__func__, "no configuration");
  HttpStack& stack = HttpStack::current();
  HttpClient& client = stack.create_client();
  if (client.configure(*config)) return client.handle();
  stack.destroy_client(client);
  return nullptr;
}

esp_err_t esp_http_client_open(esp_http_client_handle_t client, int write_len) {
  return client_of(client, __func__).open(write_len);
}

int esp_http_client_write(esp_http_client_handle_t client, const char* buffer, int len) {
  return client_of(client, __func__).write(buffer, len);
}

int64_t esp_http_client_fetch_headers(esp_http_client_handle_t client) {
  return client_of(client, __func__).fetch_headers();
}

bool esp_http_client_is_chunked_response(esp_http_client_handle_t client) {
  return client_of(client, __func__).is_chunked_response();
}

int esp_http_client_read(esp_http_client_handle_t client, char* buffer, int len) {
  return client_of(client, __func__).read(buffer, len);
}

int esp_http_client_read_response(esp_http_client_handle_t client, char* buffer, int len) {
  return client_of(client, __func__).read_response(buffer, len);
}

int esp_http_client_get_status_code(esp_http_client_handle_t client) {
  return client_of(client, __func__).status_code();
}

int64_t esp_http_client_get_content_length(esp_http_client_handle_t client) {
  return client_of(client, __func__).content_length();
}

bool esp_http_client_is_complete_data_received(esp_http_client_handle_t client) {
  return client_of(client, __func__).is_complete_data_received();
}

esp_err_t esp_http_client_flush_response(esp_http_client_handle_t client, int* len) {
  if (client == nullptr) return ESP_ERR_INVALID_ARG;
  return client_of(client, __func__).flush_response(len);
}

esp_err_t esp_http_client_close(esp_http_client_handle_t client) {
  return client_of(client, __func__).close();
}

esp_err_t esp_http_client_cleanup(esp_http_client_handle_t client) {
  if (client == nullptr) return ESP_FAIL;
  client_of(client, __func__).close();
  HttpStack& stack = HttpStack::current();
  stack.destroy_client(stack.client(client, __func__));
  return ESP_OK;
}

esp_err_t esp_http_client_set_header(esp_http_client_handle_t client, const char* key,
                                     const char* value) {
  if (client == nullptr || key == nullptr) return ESP_ERR_INVALID_ARG;
  auto& headers = client_of(client, __func__).headers();
  if (value == nullptr) return headers.remove(key) ? ESP_OK : ESP_ERR_NOT_FOUND;
  headers.set(key, value);
  return ESP_OK;
}

esp_err_t esp_http_client_get_header(esp_http_client_handle_t client, const char* key,
                                     char** value) {
  if (client == nullptr || key == nullptr) return ESP_ERR_INVALID_ARG;
  *value = client_of(client, __func__).headers().value(key);
  return ESP_OK;
}

esp_err_t esp_http_client_delete_header(esp_http_client_handle_t client, const char* key) {
  if (client == nullptr || key == nullptr) return ESP_ERR_INVALID_ARG;
  return client_of(client, __func__).headers().remove(key) ? ESP_OK : ESP_ERR_NOT_FOUND;
}

esp_err_t esp_http_client_set_url(esp_http_client_handle_t client, const char* url) {
  if (client == nullptr || url == nullptr) {
    ESP_LOGE("HTTP_CLIENT", "client or url must not NULL");
    return ESP_ERR_INVALID_ARG;
  }
  return client_of(client, __func__).set_url(url);
}

esp_err_t esp_http_client_set_username(esp_http_client_handle_t client, const char* username) {
  if (client == nullptr) {
    ESP_LOGE("HTTP_CLIENT", "client must not be NULL");
    return ESP_ERR_INVALID_ARG;
  }
  client_of(client, __func__).set_username(username);
  return ESP_OK;
}

esp_err_t esp_http_client_set_password(esp_http_client_handle_t client, const char* password) {
  if (client == nullptr) {
    ESP_LOGE("HTTP_CLIENT", "client must not be NULL");
    return ESP_ERR_INVALID_ARG;
  }
  client_of(client, __func__).set_password(password);
  return ESP_OK;
}

esp_err_t esp_http_client_set_method(esp_http_client_handle_t client,
                                     esp_http_client_method_t method) {
  client_of(client, __func__).set_method(method);
  return ESP_OK;
}

esp_err_t esp_http_client_set_timeout_ms(esp_http_client_handle_t client, int timeout_ms) {
  if (client == nullptr) return ESP_ERR_INVALID_ARG;
  client_of(client, __func__).set_timeout_ms(timeout_ms);
  return ESP_OK;
}

esp_err_t esp_http_client_set_redirection(esp_http_client_handle_t client) {
  if (client == nullptr) return ESP_ERR_INVALID_ARG;
  return client_of(client, __func__).set_redirection();
}

esp_err_t esp_http_client_add_auth(esp_http_client_handle_t client) {
  if (client == nullptr) return ESP_ERR_INVALID_ARG;
  return client_of(client, __func__).add_auth();
}

int esp_http_client_get_errno(esp_http_client_handle_t client) {
  if (client == nullptr) {
    ESP_LOGE("HTTP_CLIENT", "Invalid client handle");
    return -1;
  }
  return client_of(client, __func__).take_errno();
}

esp_http_client_transport_t esp_http_client_get_transport_type(esp_http_client_handle_t client) {
  return client_of(client, __func__).transport_type();
}

}  // extern "C"
