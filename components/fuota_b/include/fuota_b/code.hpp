#pragma once

#include <cstdint>

#include "fuota_b.h"

namespace fuota::update {

/// How a check or an update ended.
enum class Code : std::uint8_t {
  updated,              ///< installed; it runs after the next restart
  no_update,            ///< 204: the server knows the device and has nothing for this version
  unknown_device,       ///< 404: the server does not know the device, or lacks the file
  same_image,           ///< what the server offers is what runs already
  failed_before,        ///< what the server offers failed its trial on this device
  bad_parameter,        ///< a parameter breaks its rule; nothing was sent
  request_refused,      ///< 400
  credentials_refused,  ///< 401 or 403
  server_error,         ///< 5xx
  unexpected_status,    ///< any other status
  bad_answer,           ///< the file name in the answer breaks its rules
  connect,              ///< no connection: name, network, TLS, or nobody there
  connection_lost,      ///< the connection broke or fell silent before the answer was whole
  file_refused,         ///< the check offered a file that the server then does not give
  unsigned_release,     ///< the server offers a file without a signed manifest; keys are trusted
  bad_offer,            ///< the offer, or the manifest in it, breaks its rules
  bad_signature,        ///< the release is not signed by enough trusted keys
  wrong_product,        ///< the release is one of another product
  old_counter,          ///< the release's counter is lower than the highest that was confirmed
  no_slot,              ///< the partition table has no idle app slot
  on_trial,             ///< the running image is not confirmed yet, and would be lost
  not_an_image,         ///< the file is not an ESP32 application image
  wrong_chip,           ///< the image is for another chip
  too_big,              ///< the image does not fit the slot
  corrupt_image,        ///< checksum or SHA-256 do not match, or the file ends early
  wrong_file,           ///< the file is not the one that the manifest is about
  image_refused,        ///< ESP-IDF's own verification of the slot refused the image
  flash,                ///< flash could not be erased, written or read
  no_memory,            ///< the buffers could not be allocated
};

/// What ota_update_b returns for `code`.
[[nodiscard]] ota_status_t status_of(Code code);

/// A few words for the log, "image for another chip". Static storage.
[[nodiscard]] const char* describe(Code code);

}  // namespace fuota::update
