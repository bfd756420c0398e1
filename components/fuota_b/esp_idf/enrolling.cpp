#include "enrolling.hpp"

#include "check_answer.hpp"
#include "esp_log.h"
#include "esp_random.h"
#include "token_store.hpp"

namespace fuota::update {
namespace {

constexpr char kTag[] = "OTA";

void write_text(Workspace& work) {
  protocol::format_device_token(work.token.secret, work.token_text);
  work.token_text[protocol::kDeviceTokenBytes] = '\0';
}

}  // namespace

esp_err_t draw_token(Workspace& work) {
  esp_fill_random(work.token.secret.data(), work.token.secret.size());
  work.token.state = TokenState::made;
  write_text(work);
  return save_token(work.token);
}

esp_err_t find_token(Workspace& work) {
  const esp_err_t error = load_token(work.token);
  if (error == ESP_OK) write_text(work);
  return error;
}

Code enrol(HttpConnection& connection, const Server& server, const Identity& identity,
           Workspace& work) {
  if (!write_device_url(server.name, server.port, identity.device_id, "/enrolment", work.url)) {
    return Code::bad_parameter;
  }
  HttpRequest request;
  request.url = work.url;
  request.content_type = "text/plain";
  request.body = work.token_text;
  request.body_bytes = protocol::kDeviceTokenBytes;
  connection.use_credentials(identity.device_id, server.fleet_key);
  Code code = connection.perform(request);
  connection.use_credentials(identity.device_id, work.token_text);
  if (code == Code::updated) code = code_of_enrolment(connection.status());
  if (code == Code::updated) ESP_LOGI(kTag, "Enrolled with a token of its own");
  return code;
}

void note_accepted(Workspace& work) {
  if (work.token.state != TokenState::made) return;
  work.token.state = TokenState::accepted;
  (void)save_token(work.token);
}

}  // namespace fuota::update
