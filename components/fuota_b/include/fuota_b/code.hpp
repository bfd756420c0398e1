#pragma once

#include <cstdint>

#include "fuota_b.h"

namespace fuota::update {

/// How a check or an update ended: a closed list, the same in this API, in the log and in the
/// reports to the server (docs/updates.md, "Failure codes"). In the order of `name_of`.
enum class Code : std::uint8_t {
  updated,              ///< installed; it runs after the next restart
  no_update,            ///< 204: the server knows the device and has nothing for this version
  unknown_device,       ///< 404: the server does not know the device, or lacks the file
  same_image,           ///< what the server offers is what runs already
  failed_before,        ///< what the server offers failed its trial on this device
  bad_parameter,        ///< a parameter breaks its rule; nothing was sent
  request_refused,      ///< 400
  credentials_refused,  ///< 401 or 403
  fleet_key_refused,    ///< 401 or 403 to the enrolment, and the device's own token is not taken
  other_token,          ///< 409: the server has another credential of this device, or blocks it
  redirected,           ///< 3xx: not followed, since the credentials would be
  client_error,         ///< any other 4xx
  server_error,         ///< 5xx
  unexpected_status,    ///< any other status
  bad_answer,           ///< the file name in the answer breaks its rules
  dns,                  ///< the server's name could not be resolved
  connect,              ///< no connection: no network, or nobody there
  tls_verify,           ///< the server's certificate is not one that is trusted, or not its name's
  tls_memory,           ///< not enough memory for the TLS connection
  tls,                  ///< the TLS handshake failed otherwise
  no_answer,         ///< the connection broke or fell silent before the answer's header was whole
  short_read,        ///< the same before its body was whole
  too_slow,          ///< the time for a check or a download is over
  file_refused,      ///< the check offered a file that the server then does not give
  bad_range,         ///< the server sends another part of the file than was asked for
  unsigned_release,  ///< the server offers a file without a signed manifest; keys are trusted
  bad_offer,         ///< the offer, or the manifest in it, breaks its rules
  bad_signature,     ///< the release is not signed by enough trusted keys
  bad_root,          ///< a root document is not the successor of the keys that are trusted
  wrong_product,     ///< the release is one of another product
  old_counter,       ///< the release's counter is lower than the highest that was confirmed
  no_slot,           ///< the partition table has no idle app slot
  on_trial,          ///< the running image is not confirmed yet, and would be lost
  self_test,         ///< the application's self-test failed, or has not passed yet
  not_an_image,      ///< the file is not an ESP32 application image
  wrong_chip,        ///< the image is for another chip
  too_big,           ///< the image does not fit the slot
  corrupt_image,     ///< checksum or SHA-256 do not match, or the file ends early
  wrong_file,        ///< the file is not the one that the manifest is about
  image_refused,     ///< ESP-IDF's own verification of the slot refused the image
  flash,             ///< flash could not be erased, written or read
  nvs,               ///< NVS could not be read or written
  low_memory,        ///< too little free memory to begin; nothing was sent
  no_memory,         ///< the buffers could not be allocated, or the crypto library failed
};

/// What ota_update_b returns for `code`.
[[nodiscard]] ota_status_t status_of(Code code);

/// The code as one word for logs and reports, "tls_verify": 1 to 48 of [a-z0-9_]. Each has its own.
/// Static storage.
[[nodiscard]] const char* name_of(Code code);

/// A few words for the log, "image for another chip". Static storage.
[[nodiscard]] const char* describe(Code code);

}  // namespace fuota::update
