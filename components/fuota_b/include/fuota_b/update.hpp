#pragma once

#include <cstddef>
#include <cstdint>

#include "esp_err.h"
#include "fuota_b/code.hpp"
#include "fuota_b/release_policy.hpp"
#include "sdkconfig.h"

/// Firmware update over the air, blocking: the C++ API. Needs, bounds and string rules are those
/// of ota_update_b (fuota_b.h).
namespace fuota::update {

struct Server {
  const char* name = nullptr;
  std::uint16_t port = 0;
  const char* certificate_pem = nullptr;
  /// For HTTP Basic authentication. Both may be null with a client certificate, and are ignored
  /// with a fleet key.
  const char* username = nullptr;
  const char* password = nullptr;

  /// 1 to 128 bytes; null: none. With it the device makes a token of its own, has the server take
  /// it, once, and authenticates with its id and that token from then on (docs/protocol.md,
  /// "Enrolment"). The id has no ':' then. The token is random as far as esp_fill_random() is,
  /// which needs Wi-Fi or Bluetooth to be on during the first check (esp_random.h), or
  /// bootloader_random_enable().
  const char* fleet_key = nullptr;

  /// The certificate and the key, in PEM, that the device authenticates with in the TLS handshake;
  /// null: none. Both or neither.
  const char* client_certificate_pem = nullptr;
  const char* client_key_pem = nullptr;
};

/// Who asks, and what it runs.
struct Identity {
  const char* device_id = nullptr;
  const char* app_version = nullptr;
  /// How strong the access point is heard, for the reports to the server; 0: not known.
  std::int8_t rssi_dbm = 0;
};

/// What the application's own test of a new image says.
enum class SelfTest : std::uint8_t {
  passed,
  not_yet,  ///< it can't be said yet: ask again at the next check
  failed,   ///< this image is no good: back to the one before
};

struct Report {
  Code code = Code::no_update;
  /// The status of the last HTTP answer; 0 when there was none.
  int http_status = 0;
  /// What the ESP-IDF call that failed returned; ESP_OK when none failed.
  esp_err_t error = ESP_OK;
  /// How long the server asked this device to stay away, in seconds, at most a day; 0: it did not.
  std::uint32_t retry_after_s = 0;
};

/// What the application hears of while an update goes on, and is asked. The functions are called in
/// the task that called check_and_update, with `context`; those that are null are not. They return
/// soon, and don't call this component.
struct Observer {
  /// There is an update, and its first byte is about to be asked for: time to free memory, to stop
  /// other tasks, to switch the power save of Wi-Fi off.
  void (*download_begins)(void* context) = nullptr;
  /// The download that began is over, whatever its result; after `updated` the boot slot is
  /// switched.
  void (*download_ended)(void* context) = nullptr;
  /// The work goes on: time to feed a watchdog. Called at each step on the network and for each
  /// sector of flash, within kAliveGapMsMax of the call before and of the begin and the end.
  void (*alive)(void* context) = nullptr;
  /// The running image is on trial, and the server has answered it: is it good? Only after `passed`
  /// is it confirmed. After `failed`, the chip restarts into the image before, from within
  /// check_and_update. Null: it passes.
  SelfTest (*self_test)(void* context) = nullptr;
  void* context = nullptr;
};

/// The longest time between two calls of `Observer::alive`: three waits for the network (to
/// connect, and for both of the server's parts of the TLS handshake), and the look-up of a host
/// name by ESP-IDF's resolver (lwip/dns.c: three servers, 7 s each). To verify an image in flash
/// takes less. A peer that sends single bytes, within one record of TLS or one header line, makes
/// it longer: there ESP-IDF offers no bound, and a watchdog is what ends it.
constexpr std::uint32_t kAliveGapMsMax = 3 * CONFIG_FUOTA_B_NETWORK_TIMEOUT_MS + 21'000;

/// One check, and the update where there is one. A valid answer confirms the running image
/// (fuota_b/trial.hpp), once `Observer::self_test` has passed. Whatever file the server names is
/// installed, if it is an image that this chip can run.
[[nodiscard]] Report check_and_update(const Server& server, const Identity& identity,
                                      const Observer& observer = {});

/// The same; with a policy that has keys, the native check is made (docs/protocol.md, layer 2), and
/// nothing is installed but releases that are signed by as many of the keys as the policy asks for.
/// Before anything is erased: the signatures, the product (that of the running image's descriptor),
/// the chip, the size against the slot, and the security counter, which is not lower than the
/// highest that was confirmed. Before the slot is switched: the SHA-256 of all that was received.
/// The confirmation of a release raises the counter.
///
/// When the server has a root document that is newer than the keys, those are followed first, one
/// by one; from then on, the keys of the newest that was signed as it must be count, instead of
/// those of `policy`.
///
/// A download that broke goes on where it stopped: several times within the call, and at a later
/// one, also after a restart, as long as the same release is offered. What became of an update is
/// told to the server at this contact or at the next (docs/updates.md).
///
/// All of it goes over one TLS connection, as long as that holds. NVS, namespace "fuota_b", keeps:
/// "trial", "room", "counter", "root", "resume", "token", "reports", "report0" to "report7". The
/// first check
/// after a boot reads the running image, about 1 s per MB. Takes at most 12 KiB of heap and 4 KiB
/// of stack beyond what HTTP and TLS take.
[[nodiscard]] Report check_and_update(const Server& server, const Identity& identity,
                                      const Observer& observer, const ReleasePolicy& policy);

}  // namespace fuota::update
