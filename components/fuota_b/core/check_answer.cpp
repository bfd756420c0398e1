#include "check_answer.hpp"

#include <cstdint>

namespace fuota::update {
namespace {

struct StatusRow {
  std::uint16_t status;
  Code check;
  Code download;
  const char* phrase;
};

constexpr StatusRow kStatuses[] = {
    {200, Code::updated, Code::updated, "OK"},
    {204, Code::no_update, Code::file_refused, "No Content"},
    {400, Code::request_refused, Code::file_refused, "Bad Request"},
    {401, Code::credentials_refused, Code::credentials_refused, "Unauthorized"},
    {403, Code::credentials_refused, Code::credentials_refused, "Forbidden"},
    {404, Code::unknown_device, Code::file_refused, "Not Found"},
    {500, Code::server_error, Code::server_error, "Internal Server Error"},
    {503, Code::server_error, Code::server_error, "Service Unavailable"},
};

const StatusRow* row_of(int status) {
  for (const StatusRow& row : kStatuses) {
    if (row.status == status) return &row;
  }
  return nullptr;
}

Code code_of_other(int status) {
  return status >= 500 && status <= 599 ? Code::server_error : Code::unexpected_status;
}

struct CodeRow {
  Code code;
  std::uint8_t status;  ///< ota_status_t, which takes four bytes
  const char* description;
};

constexpr CodeRow kCodes[] = {
    {Code::updated, OTA_UPDATED, "updated"},
    {Code::no_update, OTA_NO_UPDATE, "no update available"},
    {Code::unknown_device, OTA_NO_UPDATE, "device not known to the server"},
    {Code::same_image, OTA_NO_UPDATE, "the offered image runs already"},
    {Code::failed_before, OTA_NO_UPDATE, "the offered image failed its trial here"},
    {Code::bad_parameter, OTA_PARAM_ERR, "bad parameter"},
    {Code::request_refused, OTA_PARAM_ERR, "request refused by the server"},
    {Code::credentials_refused, OTA_PARAM_ERR, "username or password refused by the server"},
    {Code::server_error, OTA_SYS_ERR, "error in the server"},
    {Code::unexpected_status, OTA_SYS_ERR, "unexpected HTTP status"},
    {Code::bad_answer, OTA_SYS_ERR, "the answer has no valid file name"},
    {Code::connect, OTA_CONN_ERR, "no connection to the server"},
    {Code::connection_lost, OTA_CONN_ERR, "connection to the server lost"},
    {Code::file_refused, OTA_CONN_ERR, "file not given by the server"},
    {Code::unsigned_release, OTA_SYS_ERR, "the server offers no signed release"},
    {Code::bad_offer, OTA_SYS_ERR, "the offer breaks its rules"},
    {Code::bad_signature, OTA_SYS_ERR, "release not signed by enough trusted keys"},
    {Code::wrong_product, OTA_SYS_ERR, "release of another product"},
    {Code::old_counter, OTA_SYS_ERR, "release with a lower counter than a confirmed one"},
    {Code::no_slot, OTA_SYS_ERR, "no idle app slot"},
    {Code::on_trial, OTA_SYS_ERR, "the running image is still on trial"},
    {Code::not_an_image, OTA_SYS_ERR, "not an application image"},
    {Code::wrong_chip, OTA_SYS_ERR, "image for another chip"},
    {Code::too_big, OTA_SYS_ERR, "image larger than the slot"},
    {Code::corrupt_image, OTA_SYS_ERR, "corrupt or truncated image"},
    {Code::wrong_file, OTA_SYS_ERR, "the file is not the one that was signed"},
    {Code::image_refused, OTA_SYS_ERR, "image refused by ESP-IDF"},
    {Code::flash, OTA_SYS_ERR, "flash error"},
    {Code::no_memory, OTA_SYS_ERR, "not enough memory"},
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

const char* reason_phrase(int http_status) {
  const StatusRow* row = row_of(http_status);
  return row != nullptr ? row->phrase : "";
}

ota_status_t status_of(Code code) {
  return static_cast<ota_status_t>(kCodes[static_cast<int>(code)].status);
}

const char* describe(Code code) {
  return kCodes[static_cast<int>(code)].description;
}

bool is_valid_answer(Code check) {
  return check == Code::updated || check == Code::no_update || check == Code::unknown_device ||
         check == Code::unsigned_release;
}

}  // namespace fuota::update
