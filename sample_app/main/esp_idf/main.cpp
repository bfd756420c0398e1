#include <cinttypes>

#include "app_steps.hpp"
#include "conn_wifi_b/connection.hpp"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_random.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "fuota_b/retry_schedule.hpp"
#include "fuota_b/trial.hpp"
#include "fuota_b/update.hpp"
#include "idf_port.hpp"
#include "nvs_flash.h"
#include "power_save.hpp"
#include "scan_wifi_b/scan.hpp"
#include "sdkconfig.h"
#include "settings.hpp"
#include "task_watchdog.hpp"

namespace fuota::app {
namespace {

constexpr char kTag[] = "APP";
constexpr std::uint32_t kFatalWaitS = 30;
/// A TLS handshake takes most of it; ESP-IDF's main task has far less.
constexpr std::uint32_t kTaskStackBytes = 10 * 1024;
constexpr UBaseType_t kTaskPriority = 4;

#ifdef CONFIG_ESP_TASK_WDT_TIMEOUT_S
// Each step feeds the task watchdog when it begins, and while it goes on as far as it can. What
// blocks in between must be over before the watchdog bites; a task that still doesn't feed it
// hangs.
constexpr std::uint32_t kWatchdogMs = CONFIG_ESP_TASK_WDT_TIMEOUT_S * 1000;
static_assert(scan::kScanMsMax < kWatchdogMs, "a scan");
static_assert(CONFIG_FUO_IP_TIMEOUT_MS + connection::kPhasesMsMax < kWatchdogMs, "a connection");
static_assert(update::kAliveGapMsMax < kWatchdogMs, "a step of an update");
#endif

/// A scan, a connection and a check on a bad network.
constexpr std::uint32_t kFirstCheckS = 120;
static_assert(CONFIG_FUO_TRIAL_TIMEOUT_S == 0 ||
                  CONFIG_FUO_TRIAL_TIMEOUT_S >= CONFIG_FUO_START_WAIT_S + kFirstCheckS,
              "FUO_TRIAL_TIMEOUT_S leaves no time to reach the server after FUO_START_WAIT_S");

static_assert(CONFIG_FUO_RETRY_WAIT_MAX_S >= CONFIG_FUO_CHECK_PERIOD_S,
              "FUO_RETRY_WAIT_MAX_S is below FUO_CHECK_PERIOD_S");
update::RetrySchedule g_retries({CONFIG_FUO_CHECK_PERIOD_S, CONFIG_FUO_RETRY_WAIT_MAX_S});
std::uint32_t g_wait_s = CONFIG_FUO_CHECK_PERIOD_S;  ///< before the next scan
std::int8_t g_rssi_dbm = 0;                          ///< of the AP, at the last scan

Settings g_settings;
TaskWatchdog g_watchdog;
PowerSave g_power_save;

void wait_seconds(std::uint32_t seconds) {
  for (std::uint32_t i = 0; i < seconds; ++i) {
    g_watchdog.feed();
    vTaskDelay(pdMS_TO_TICKS(1000));
  }
}

Outcome worked(const char* what, esp_err_t error) {
  if (error == ESP_OK) return Outcome::done;
  ESP_LOGE(kTag, "%s: %s", what, esp_err_to_name(error));
  return Outcome::fatal;
}

esp_err_t init_nvs() {
  esp_err_t error = nvs_flash_init();
  if (error == ESP_ERR_NVS_NO_FREE_PAGES || error == ESP_ERR_NVS_NEW_VERSION_FOUND) {
    // The two cases that ESP-IDF names as curable in this way only.
    ESP_LOGW(kTag, "NVS is erased, and what was provisioned with it: %s", esp_err_to_name(error));
    error = nvs_flash_erase();
    if (error == ESP_OK) error = nvs_flash_init();
  }
  return error;
}

Outcome settle_trial() {
  const Outcome outcome = worked("NVS", init_nvs());
  if (outcome != Outcome::done) return outcome;
  if (update::retry_cut_trial(CONFIG_FUO_TRIAL_BOOTS) != update::TrialOutcome::retried) {
    return Outcome::done;
  }
  ESP_LOGI(kTag, "Restarting into the image on trial");
  return Outcome::nothing;
}

Outcome set_up() {
  Outcome outcome = worked("Network interface", esp_netif_init());
  if (outcome == Outcome::done) outcome = worked("Event loop", esp_event_loop_create_default());
  if (outcome == Outcome::done) outcome = worked("Settings", load_settings(g_settings));
  if (outcome == Outcome::done) ESP_LOGI(kTag, "Device %s", g_settings.device_id);
  return outcome;
}

Outcome scan() {
  g_wait_s = CONFIG_FUO_CHECK_PERIOD_S;
  connection::AccessPoint& wanted = g_settings.access_point;
  ESP_LOGI(kTag, "Scanning for %.*s", static_cast<int>(wanted.ssid_bytes),
           reinterpret_cast<const char*>(wanted.ssid.data()));
  const scan::Report report = scan::find(wanted.ssid.data(), wanted.ssid_bytes);
  switch (report.outcome) {
    case scan::Outcome::found:
      ESP_LOGI(kTag, "FUOTA AP found, channel %u, RSSI %d dBm",
               static_cast<unsigned>(report.access_point.channel),
               static_cast<int>(report.access_point.rssi_dbm));
      wanted.channel = report.access_point.channel;
      g_rssi_dbm = report.access_point.rssi_dbm;
      return Outcome::done;
    case scan::Outcome::not_found:
      ESP_LOGI(kTag, "FUOTA AP not in range");
      return Outcome::nothing;
    case scan::Outcome::bad_ssid:
      ESP_LOGE(kTag, "The SSID of the FUOTA AP is not valid: 1 to 32 bytes");
      return Outcome::nothing;
    case scan::Outcome::wifi_in_use:
    case scan::Outcome::driver:
      return Outcome::fatal;
  }
  return Outcome::fatal;
}

Outcome connect() {
  const connection::Report report =
      connection::connect(g_settings.access_point, CONFIG_FUO_IP_TIMEOUT_MS);
  switch (report.status) {
    case CWB_OK:
    case CWB_ALREADY_CON:
      ESP_LOGI(kTag, "Connected to FUOTA AP");
      return Outcome::done;
    case CWB_PARAM_ERR:
      ESP_LOGE(kTag,
               "Password of the FUOTA AP is not valid: empty, 8 to 63 bytes, or 64 hex digits");
      return Outcome::nothing;
    case CWB_SYS_ERR:
      ESP_LOGE(kTag, "Wi-Fi failed: %s", esp_err_to_name(report.error));
      return Outcome::fatal;
    case CWB_IP_TIMEOUT:
      ESP_LOGW(kTag, "No IP address within %d ms", CONFIG_FUO_IP_TIMEOUT_MS);
      return Outcome::nothing;
    default:
      ESP_LOGW(kTag, "No connection to FUOTA AP, reason %u",
               static_cast<unsigned>(report.disconnect_reason));
      return Outcome::nothing;
  }
}

/// It has reached its server, so the network works; what is left to ask is whether its memory
/// lasts. An application has more to say here: its sensors, its actuators.
update::SelfTest test_itself() {
  const std::uint32_t least = esp_get_minimum_free_heap_size();
  if (least >= CONFIG_FUO_SELF_TEST_FREE_HEAP_BYTES) return update::SelfTest::passed;
  ESP_LOGE(kTag, "Only %" PRIu32 " bytes of heap were left at worst, %d are needed", least,
           CONFIG_FUO_SELF_TEST_FREE_HEAP_BYTES);
  return update::SelfTest::failed;
}

update::Observer observer() {
  update::Observer observer;
  observer.download_begins = [](void*) { g_power_save.suspend(); };
  observer.download_ended = [](void*) { g_power_save.resume(); };
  observer.alive = [](void*) { g_watchdog.feed(); };
  observer.self_test = [](void*) { return test_itself(); };
  return observer;
}

/// How the device authenticates: by a client certificate, by a token of its own that it gets with
/// the fleet key, by both, or by username and password.
update::Server server() {
  update::Server server;
  server.name = g_settings.server_name;
  server.port = g_settings.server_port;
  server.certificate_pem = g_settings.certificate_pem;
  server.client_certificate_pem = g_settings.client_certificate.get();
  server.client_key_pem = g_settings.client_key.get();
  if (g_settings.fleet_key[0] != '\0') {
    server.fleet_key = g_settings.fleet_key;
  } else if (g_settings.client_certificate == nullptr) {
    server.username = g_settings.username;
    server.password = g_settings.password;
  }
  return server;
}

Outcome update_firmware() {
  update::Identity identity;
  identity.device_id = g_settings.device_id;
  identity.app_version = running_descriptor()->version;
  identity.rssi_dbm = g_rssi_dbm;

  const update::Report report =
      update::check_and_update(server(), identity, observer(), g_settings.release_policy);
  g_wait_s = g_retries.next_wait_s(report, esp_random());
  switch (report.code) {
    case update::Code::updated:
      ESP_LOGI(kTag, "Firmware updated, restarting");
      return Outcome::done;
    case update::Code::no_update:
    case update::Code::unknown_device:
    case update::Code::same_image:
    case update::Code::failed_before:
      ESP_LOGI(kTag, "No update available");
      return Outcome::nothing;
    case update::Code::no_memory:
      ESP_LOGE(kTag, "%s", update::describe(report.code));
      return Outcome::fatal;
    default:
      // The next check may find the network, the server or its configuration mended.
      ESP_LOGW(kTag, "No update: %s: next check in %" PRIu32 " s", update::name_of(report.code),
               g_wait_s);
      return Outcome::nothing;
  }
}

Outcome disconnect() {
  const connection::Report report = connection::disconnect();
  if (report.status != CWB_SYS_ERR) return Outcome::done;
  ESP_LOGE(kTag, "Wi-Fi failed: %s", esp_err_to_name(report.error));
  return Outcome::fatal;
}

Outcome perform(Step step) {
  switch (step) {
    case Step::settle_trial:
      return settle_trial();
    case Step::wait_at_start:
      wait_seconds(CONFIG_FUO_START_WAIT_S);
      return Outcome::done;
    case Step::set_up:
      return set_up();
    case Step::scan:
      return scan();
    case Step::connect:
      return connect();
    case Step::update:
      return update_firmware();
    case Step::disconnect:
    case Step::disconnect_to_restart:
    case Step::disconnect_on_fatal:
      return disconnect();
    case Step::wait:
      wait_seconds(pause_s(g_wait_s, update::is_on_trial()));
      return Outcome::done;
    case Step::wait_on_fatal:
      ESP_LOGE(kTag, "Fatal error, restarting in %" PRIu32 " s", kFatalWaitS);
      wait_seconds(kFatalWaitS);
      return Outcome::done;
    case Step::restart:
      esp_restart();
  }
  return Outcome::fatal;
}

/// An image that cannot reach the server could never be updated again.
void end_overdue_trial() {
  static bool ended = false;
  constexpr std::int64_t kTrialUs = std::int64_t{CONFIG_FUO_TRIAL_TIMEOUT_S} * 1'000'000;
  if (ended || kTrialUs == 0 || esp_timer_get_time() < kTrialUs) return;
  ended = true;
  if (!update::is_on_trial()) return;
  ESP_LOGE(kTag, "Not confirmed within %d s: restarting into the image before",
           CONFIG_FUO_TRIAL_TIMEOUT_S);
  const esp_err_t error = update::reject_running_image();
  ESP_LOGE(kTag, "That is not possible: %s", esp_err_to_name(error));
}

void run(void*) {
  g_watchdog.watch();
  const esp_app_desc_t* descriptor = running_descriptor();
  ESP_LOGI(kTag, "===== %s %s =====", descriptor->project_name, descriptor->version);
  Step step = Step::settle_trial;
  for (;;) {
    g_watchdog.feed();
    end_overdue_trial();
    step = next_step(step, perform(step));
  }
}

}  // namespace
}  // namespace fuota::app

extern "C" void app_main(void) {
  using namespace fuota::app;
  if (xTaskCreate(&run, "fuota_app", kTaskStackBytes, nullptr, kTaskPriority, nullptr) != pdPASS) {
    ESP_LOGE(kTag, "No memory for the application's task");
    esp_restart();
  }
}
