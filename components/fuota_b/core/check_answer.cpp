#include "check_answer.hpp"

#include <cstdint>

namespace fuota::update {
namespace {

struct StatusRow {
  std::uint16_t status;
  Code check;
  Code download;
  Code enrolment;
  const char* phrase;
};

constexpr StatusRow kStatuses[] = {
    {200, Code::updated, Code::updated, Code::unexpected_status, "OK"},
    {204, Code::no_update, Code::file_refused, Code::updated, "No Content"},
    {400, Code::request_refused, Code::file_refused, Code::request_refused, "Bad Request"},
    {401, Code::credentials_refused, Code::credentials_refused, Code::fleet_key_refused,
     "Unauthorized"},
    {403, Code::credentials_refused, Code::credentials_refused, Code::fleet_key_refused,
     "Forbidden"},
    {404, Code::unknown_device, Code::file_refused, Code::client_error, "Not Found"},
    {409, Code::client_error, Code::client_error, Code::other_token, "Conflict"},
    {500, Code::server_error, Code::server_error, Code::server_error, "Internal Server Error"},
    {503, Code::server_error, Code::server_error, Code::server_error, "Service Unavailable"},
};

const StatusRow* row_of(int status) {
  for (const StatusRow& row : kStatuses) {
    if (row.status == status) return &row;
  }
  return nullptr;
}

Code code_of_other(int status) {
  if (status >= 300 && status <= 399) return Code::redirected;
  if (status >= 400 && status <= 499) return Code::client_error;
  return status >= 500 && status <= 599 ? Code::server_error : Code::unexpected_status;
}

struct CodeRow {
  Code code;
  std::uint8_t status;  ///< ota_status_t, which takes four bytes
  const char* name;
  const char* description;
};

constexpr CodeRow kCodes[] = {
    {Code::updated, OTA_UPDATED, "updated", "updated"},
    {Code::no_update, OTA_NO_UPDATE, "no_update", "no update available"},
    {Code::unknown_device, OTA_NO_UPDATE, "unknown_device", "device not known to the server"},
    {Code::same_image, OTA_NO_UPDATE, "same_image", "the offered image runs already"},
    {Code::failed_before, OTA_NO_UPDATE, "failed_before",
     "the offered image failed its trial here"},
    {Code::bad_parameter, OTA_PARAM_ERR, "parameter", "bad parameter"},
    {Code::request_refused, OTA_PARAM_ERR, "http_400", "request refused by the server"},
    {Code::credentials_refused, OTA_PARAM_ERR, "credentials",
     "username or password refused by the server"},
    {Code::fleet_key_refused, OTA_PARAM_ERR, "fleet_key", "fleet key refused by the server"},
    {Code::other_token, OTA_PARAM_ERR, "other_token",
     "the server has another credential of this device: remove it there"},
    {Code::redirected, OTA_SYS_ERR, "http_3xx", "the server redirects, which is not followed"},
    {Code::client_error, OTA_SYS_ERR, "http_4xx", "request not taken by the server"},
    {Code::server_error, OTA_SYS_ERR, "http_5xx", "error in the server"},
    {Code::unexpected_status, OTA_SYS_ERR, "http_other", "unexpected HTTP status"},
    {Code::bad_answer, OTA_SYS_ERR, "answer", "the answer has no valid file name"},
    {Code::dns, OTA_CONN_ERR, "dns", "the server's name cannot be resolved"},
    {Code::connect, OTA_CONN_ERR, "connect", "no connection to the server"},
    {Code::tls_verify, OTA_CONN_ERR, "tls_verify", "the server's certificate is not trusted"},
    {Code::tls_memory, OTA_CONN_ERR, "tls_memory", "not enough memory for TLS"},
    {Code::tls, OTA_CONN_ERR, "tls", "TLS handshake failed"},
    {Code::no_answer, OTA_CONN_ERR, "no_answer", "no answer from the server"},
    {Code::short_read, OTA_CONN_ERR, "short_read", "connection to the server lost"},
    {Code::too_slow, OTA_CONN_ERR, "too_slow", "not done in its time"},
    {Code::file_refused, OTA_CONN_ERR, "file_refused", "file not given by the server"},
    {Code::bad_range, OTA_CONN_ERR, "range", "another part of the file than was asked for"},
    {Code::unsigned_release, OTA_SYS_ERR, "unsigned", "the server offers no signed release"},
    {Code::bad_offer, OTA_SYS_ERR, "offer", "the offer breaks its rules"},
    {Code::bad_signature, OTA_SYS_ERR, "signature", "release not signed by enough trusted keys"},
    {Code::bad_root, OTA_SYS_ERR, "root", "root document not signed by enough trusted keys"},
    {Code::wrong_product, OTA_SYS_ERR, "product", "release of another product"},
    {Code::old_counter, OTA_SYS_ERR, "counter",
     "release with a lower counter than a confirmed one"},
    {Code::no_slot, OTA_SYS_ERR, "no_slot", "no idle app slot"},
    {Code::on_trial, OTA_SYS_ERR, "on_trial", "the running image is still on trial"},
    {Code::self_test, OTA_SYS_ERR, "self_test", "the self-test has not passed"},
    {Code::not_an_image, OTA_SYS_ERR, "not_an_image", "not an application image"},
    {Code::wrong_chip, OTA_SYS_ERR, "chip", "image for another chip"},
    {Code::too_big, OTA_SYS_ERR, "too_big", "image larger than the slot"},
    {Code::corrupt_image, OTA_SYS_ERR, "corrupt_image", "corrupt or truncated image"},
    {Code::wrong_file, OTA_SYS_ERR, "hash", "the file is not the one that was signed"},
    {Code::image_refused, OTA_SYS_ERR, "image_refused", "image refused by ESP-IDF"},
    {Code::flash, OTA_SYS_ERR, "flash", "flash error"},
    {Code::nvs, OTA_SYS_ERR, "nvs", "NVS error"},
    {Code::low_memory, OTA_SYS_ERR, "low_memory", "too little free memory to begin"},
    {Code::no_memory, OTA_SYS_ERR, "memory", "not enough memory"},
};

constexpr bool is_ordered_by_code() {
  int expected = 0;
  for (const CodeRow& row : kCodes) {
    if (static_cast<int>(row.code) != expected++) return false;
  }
  return expected == static_cast<int>(Code::no_memory) + 1;
}
static_assert(is_ordered_by_code(), "every code has its row, in order");

}  // namespace

Code code_of_check(int http_status) {
  const StatusRow* row = row_of(http_status);
  return row != nullptr ? row->check : code_of_other(http_status);
}

Code code_of_download(int http_status) {
  const StatusRow* row = row_of(http_status);
  return row != nullptr ? row->download : code_of_other(http_status);
}

Code code_of_enrolment(int http_status) {
  const StatusRow* row = row_of(http_status);
  return row != nullptr ? row->enrolment : code_of_other(http_status);
}

const char* reason_phrase(int http_status) {
  const StatusRow* row = row_of(http_status);
  return row != nullptr ? row->phrase : "";
}

ota_status_t status_of(Code code) {
  return static_cast<ota_status_t>(kCodes[static_cast<int>(code)].status);
}

const char* name_of(Code code) {
  return kCodes[static_cast<std::size_t>(code)].name;
}

const char* describe(Code code) {
  return kCodes[static_cast<int>(code)].description;
}

bool is_success(Code code) {
  return status_of(code) == OTA_UPDATED || status_of(code) == OTA_NO_UPDATE;
}

bool is_connection_failure(Code code) {
  switch (code) {
    case Code::dns:
    case Code::connect:
    case Code::tls_verify:
    case Code::tls_memory:
    case Code::tls:
    case Code::no_answer:
    case Code::short_read:
    case Code::server_error:
      return true;
    default:
      return false;
  }
}

bool is_valid_answer(Code check) {
  return check == Code::updated || check == Code::no_update || check == Code::unknown_device ||
         check == Code::unsigned_release;
}

}  // namespace fuota::update
