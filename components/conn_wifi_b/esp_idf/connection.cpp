#include "conn_wifi_b/connection.hpp"

#include <atomic>
#include <cinttypes>
#include <cstring>

#include "connection_states.hpp"
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "sdkconfig.h"
#include "station.hpp"

namespace fuota::connection {
namespace {

constexpr char kTag[] = "CWB";

constexpr std::uint32_t kTaskStackBytes = CONFIG_CONN_WIFI_B_TASK_STACK_BYTES;
constexpr UBaseType_t kTaskPriority = CONFIG_CONN_WIFI_B_TASK_PRIORITY;
static_assert(kTaskPriority < configMAX_PRIORITIES, "FreeRTOS has such a priority");
constexpr UBaseType_t kQueueLength = 16;
constexpr std::uint32_t kQueueWaitMs = 1000;
/// At most four phases of the driver frame the caller's time: the stop of an earlier connection,
/// start, leave, stop.
constexpr std::uint32_t kRequestMs = 4 * kDriverAnswerMs + 2000;
/// Between taking note of the caller and releasing it, the task makes no call that blocks.
constexpr std::uint32_t kReleaseMs = 1000;
static_assert(kQueueWaitMs + kRequestMs + kReleaseMs <= kPhasesMsMax, "as the header promises");
/// One caller more may be in front.
constexpr std::uint32_t kTurnMs = kIpTimeoutMsMax + kRequestMs + kReleaseMs;

TickType_t ticks_of(std::uint32_t ms) {
  return pdMS_TO_TICKS(ms) + 1;
}

enum class Kind : std::uint8_t { machine_event, disconnection, exit };

struct Message {
  Kind kind;
  Event event;
  std::uint8_t reason;
  std::uint32_t request;  ///< which request this is; 0 when it is none
};

constexpr std::uint8_t kStatuses[] = {
    CWB_SYS_ERR,  // keep: no request is answered with it
    CWB_OK,          CWB_CONN_ERR,    CWB_IP_TIMEOUT,  CWB_DIS,
    CWB_DIS_TIMEOUT, CWB_ALREADY_DIS, CWB_ALREADY_CON, CWB_SYS_ERR,
};
static_assert(sizeof kStatuses / sizeof kStatuses[0] ==
                  static_cast<std::size_t>(Result::sys_err) + 1,
              "each result has its status");

cwb_status_t status_of(Result result) {
  return static_cast<cwb_status_t>(kStatuses[static_cast<std::size_t>(result)]);
}

Report failure(cwb_status_t status, esp_err_t error = ESP_OK) {
  Report report;
  report.status = status;
  report.error = error;
  return report;
}

/// The task, its queue, and the rendezvous with the caller.
class Connection {
 public:
  constexpr Connection() : station_(&Connection::on_station_event) {}

  Report connect(const AccessPoint& access_point, std::uint32_t ip_timeout_ms);
  Report disconnect();
  Report deinit();

  std::uint32_t dropped_events() const { return dropped_events_.load(); }

 private:
  static void on_station_event(StationEvent event, std::uint8_t reason);
  static void run_task(void* connection);

  // On the caller's side.
  bool create();
  Report request(Kind kind, Event event, std::uint32_t wait_ms);
  bool wait_for_release(std::uint32_t id, std::uint32_t wait_ms);

  // On the task's side.
  void handle(const Message& message);
  void feed(Event event);
  esp_err_t perform(Action action);
  void enter(State next);
  TickType_t ticks_left() const;
  void begin_request(Event event);
  void release();

  // Shared. A caller writes the wish before it posts the request that reads it.
  StaticQueue_t queue_storage_{};
  std::uint8_t queue_items_[kQueueLength * sizeof(Message)]{};
  QueueHandle_t queue_ = nullptr;
  StaticSemaphore_t done_storage_{};
  SemaphoreHandle_t done_ = nullptr;
  TaskHandle_t task_ = nullptr;
  portMUX_TYPE wish_lock_ = portMUX_INITIALIZER_UNLOCKED;
  AccessPoint wish_{};
  std::uint32_t wish_ip_timeout_ms_ = 0;
  std::uint32_t last_request_ = 0;
  /// The request whose caller waits; 0 when none does. Whoever sets it to 0 owns the answer.
  std::atomic<std::uint32_t> waiting_{0};
  Report report_{};
  std::atomic<std::uint32_t> dropped_events_{0};

  // The task's own.
  Station station_;
  State state_ = State::wait_startup;
  Result result_ = Result::ok;
  AccessPoint access_point_{};
  std::uint32_t ip_timeout_ms_ = 0;
  std::uint8_t attempts_ = 0;
  std::uint8_t disconnect_reason_ = 0;
  esp_err_t error_ = ESP_OK;
  TickType_t deadline_start_ = 0;
  TickType_t deadline_ticks_ = portMAX_DELAY;
};

Connection g_connection;

/// Lets one caller at a time into the component.
class Turn {
 public:
  Turn() : taken_(xSemaphoreTake(mutex(), ticks_of(kTurnMs)) == pdTRUE) {}
  ~Turn() {
    if (taken_) xSemaphoreGive(mutex());
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  bool taken() const { return taken_; }

 private:
  static SemaphoreHandle_t mutex() {
    static StaticSemaphore_t storage;
    static const SemaphoreHandle_t handle = xSemaphoreCreateMutexStatic(&storage);
    return handle;
  }

  bool taken_;
};

bool Connection::create() {
  if (task_ != nullptr) return true;
  // Both stay for ever: a late event of the driver may still find its way into the queue.
  if (queue_ == nullptr) {
    queue_ = xQueueCreateStatic(kQueueLength, sizeof(Message), queue_items_, &queue_storage_);
    done_ = xSemaphoreCreateBinaryStatic(&done_storage_);
  }
  xQueueReset(queue_);
  if (xTaskCreate(&run_task, "conn_wifi_b", kTaskStackBytes, this, kTaskPriority, &task_) ==
      pdPASS) {
    return true;
  }
  ESP_LOGE(kTag, "No memory for the task (%" PRIu32 " bytes of stack)", kTaskStackBytes);
  task_ = nullptr;
  return false;
}

Report Connection::connect(const AccessPoint& access_point, std::uint32_t ip_timeout_ms) {
  if (!create()) return failure(CWB_SYS_ERR, ESP_ERR_NO_MEM);
  portENTER_CRITICAL(&wish_lock_);
  wish_ = access_point;
  wish_ip_timeout_ms_ = ip_timeout_ms;
  portEXIT_CRITICAL(&wish_lock_);
  return request(Kind::machine_event, Event::connect_request, ip_timeout_ms + kRequestMs);
}

Report Connection::disconnect() {
  if (task_ == nullptr) return failure(CWB_ALREADY_DIS);
  ESP_LOGI(kTag, "Sending disconnection request to task");
  return request(Kind::machine_event, Event::disconnect_request, kRequestMs);
}

Report Connection::deinit() {
  if (task_ == nullptr) return Report{};
  // Whatever its result, Wi-Fi is off then.
  (void)request(Kind::machine_event, Event::disconnect_request, kRequestMs);
  const Report report = request(Kind::exit, Event::caller_gone, kRequestMs);
  if (report.status != CWB_OK) return report;
  task_ = nullptr;
  station_.destroy_interface();
  return report;
}

Report Connection::request(Kind kind, Event event, std::uint32_t wait_ms) {
  ++last_request_;
  if (last_request_ == 0) ++last_request_;
  (void)xSemaphoreTake(done_, 0);
  waiting_.store(last_request_);
  const Message message = {kind, event, 0, last_request_};
  if (xQueueSend(queue_, &message, ticks_of(kQueueWaitMs)) != pdTRUE) {
    waiting_.store(0);
    ESP_LOGE(kTag, "The task does not take requests");
    return failure(CWB_SYS_ERR, ESP_ERR_TIMEOUT);
  }
  if (wait_for_release(last_request_, wait_ms)) return report_;

  ESP_LOGE(kTag, "The task did not answer within %" PRIu32 " ms", wait_ms);
  const Message gone = {Kind::machine_event, Event::caller_gone, 0, 0};
  (void)xQueueSend(queue_, &gone, 0);
  return failure(CWB_SYS_ERR, ESP_ERR_TIMEOUT);
}

/// False when the time is over and the task has been told not to answer.
bool Connection::wait_for_release(std::uint32_t id, std::uint32_t wait_ms) {
  if (xSemaphoreTake(done_, ticks_of(wait_ms)) == pdTRUE) return true;
  std::uint32_t expected = id;
  if (waiting_.compare_exchange_strong(expected, 0)) return false;
  // The task is answering at this very moment.
  return xSemaphoreTake(done_, ticks_of(kReleaseMs)) == pdTRUE;
}

void Connection::on_station_event(StationEvent event, std::uint8_t reason) {
  Message message = {Kind::machine_event, Event::link_lost, reason, 0};
  switch (event) {
    case StationEvent::started:
      message.event = Event::sta_started;
      break;
    case StationEvent::associated:
      message.event = Event::associated;
      break;
    case StationEvent::stopped:
      message.event = Event::sta_stopped;
      break;
    case StationEvent::ip_assigned:
      message.event = Event::ip_assigned;
      break;
    case StationEvent::ip_lost:
      message.event = Event::ip_lost;
      break;
    case StationEvent::disconnected:
      message.kind = Kind::disconnection;
      break;
  }
  if (xQueueSend(g_connection.queue_, &message, 0) != pdTRUE) ++g_connection.dropped_events_;
}

void Connection::run_task(void* connection) {
  auto& self = *static_cast<Connection*>(connection);
  for (;;) {
    Message message;
    if (xQueueReceive(self.queue_, &message, self.ticks_left()) != pdTRUE) {
      self.feed(Event::deadline);
      continue;
    }
    if (message.kind == Kind::exit) {
      // Not for a caller that has given up: it takes the task for alive.
      if (message.request == self.waiting_.load()) break;
      continue;
    }
    self.handle(message);
  }
  if (self.state_ != State::wait_startup) {
    (void)self.station_.tear_down();
    self.enter(State::wait_startup);
  }
  self.result_ = Result::ok;
  self.release();
  vTaskDelete(nullptr);
}

void Connection::handle(const Message& message) {
  if (message.request != 0) {
    if (message.request != waiting_.load()) return;
    begin_request(message.event);
  }
  if (message.kind == Kind::disconnection) {
    if (is_stale_disconnection(state_, message.reason)) return;
    disconnect_reason_ = message.reason;
    ESP_LOGI(kTag, "Disconnection reported, reason %u", static_cast<unsigned>(message.reason));
    feed(classify_disconnection(state_, attempts_));
    return;
  }
  feed(message.event);
}

void Connection::begin_request(Event event) {
  error_ = ESP_OK;
  disconnect_reason_ = 0;
  // While connected the parameters in use stay: the answer will be CWB_ALREADY_CON.
  if (event != Event::connect_request || state_ == State::wait_dis_cmd) return;
  portENTER_CRITICAL(&wish_lock_);
  access_point_ = wish_;
  ip_timeout_ms_ = wish_ip_timeout_ms_;
  portEXIT_CRITICAL(&wish_lock_);
}

void Connection::feed(Event first) {
  Event event = first;
  for (;;) {
    const Transition row = transition(state_, event);
    if (row.ignored()) {
      ESP_LOGD(kTag, "%s - %s, ignored", name(state_), name(event));
      return;
    }
    ESP_LOGI(kTag, "%s - %s", name(state_), name(event));
    if (row.result != Result::keep) result_ = row.result;
    enter(row.next);
    esp_err_t error = ESP_OK;
    for (std::size_t i = 0; i < row.actions.size() && error == ESP_OK; ++i) {
      error = perform(row.actions[i]);
      if (error != ESP_OK) {
        ESP_LOGE(kTag, "Cannot %s: %s", name(row.actions[i]), esp_err_to_name(error));
      }
    }
    if (error == ESP_OK) return;
    error_ = error;
    event = Event::driver_error;
  }
}

esp_err_t Connection::perform(Action action) {
  switch (action) {
    case Action::none:
      return ESP_OK;
    case Action::set_up:
      attempts_ = 0;
      return station_.set_up();
    case Action::connect:
      ++attempts_;
      // An AP that isn't where it was seen is looked for everywhere.
      return station_.connect(access_point_, attempts_ == 1 ? access_point_.channel : 0);
    case Action::disconnect:
      return station_.disconnect();
    case Action::stop:
      return station_.stop();
    case Action::tear_down:
      return station_.tear_down();
    case Action::release:
      release();
      return ESP_OK;
  }
  return ESP_ERR_INVALID_STATE;
}

void Connection::enter(State next) {
  if (next == state_) return;
  state_ = next;
  switch (deadline_of(next)) {
    case Deadline::none:
      deadline_ticks_ = portMAX_DELAY;
      return;
    case Deadline::driver:
      deadline_ticks_ = ticks_of(kDriverAnswerMs);
      break;
    case Deadline::caller:
      deadline_ticks_ = ticks_of(ip_timeout_ms_);
      break;
    case Deadline::caller_goes_on:
      return;
  }
  deadline_start_ = xTaskGetTickCount();
}

TickType_t Connection::ticks_left() const {
  if (deadline_ticks_ == portMAX_DELAY) return portMAX_DELAY;
  const TickType_t passed = xTaskGetTickCount() - deadline_start_;
  return passed < deadline_ticks_ ? deadline_ticks_ - passed : 0;
}

void Connection::release() {
  if (waiting_.exchange(0) == 0) {
    // A connection that nobody waits for any more must not stay.
    if (state_ == State::wait_dis_cmd) {
      const Message gone = {Kind::machine_event, Event::caller_gone, 0, 0};
      (void)xQueueSend(queue_, &gone, 0);
    }
    return;
  }
  report_.status = status_of(result_);
  report_.disconnect_reason = disconnect_reason_;
  report_.error = error_;
  xSemaphoreGive(done_);
}

constexpr std::uint8_t kChannelMax = 14;

bool is_hexadecimal(const std::uint8_t* text, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    const char c = static_cast<char>(text[i]);
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!digit) return false;
  }
  return true;
}

bool is_valid(const AccessPoint& access_point) {
  if (access_point.channel > kChannelMax) return false;
  if (access_point.ssid_bytes == 0 || access_point.ssid_bytes > kSsidBytesMax) return false;
  if (access_point.password_bytes == 0) return true;
  if (access_point.password_bytes < kPassphraseBytesMin) return false;
  if (access_point.password_bytes < kPasswordBytesMax) return true;
  return access_point.password_bytes == kPasswordBytesMax &&
         is_hexadecimal(access_point.password.data(), kPasswordBytesMax);
}

/// Copies a NUL-terminated string of at most N bytes; false when it is longer.
template <std::size_t N>
bool copy_text(const std::uint8_t* text, std::array<std::uint8_t, N>& out, std::uint8_t& bytes) {
  const std::size_t length = strnlen(reinterpret_cast<const char*>(text), N + 1);
  if (length > N) return false;
  std::memcpy(out.data(), text, length);
  bytes = static_cast<std::uint8_t>(length);
  return true;
}

}  // namespace

Report connect(const AccessPoint& access_point, std::uint32_t ip_timeout_ms) {
  if (!is_valid(access_point) || ip_timeout_ms == 0 || ip_timeout_ms > kIpTimeoutMsMax) {
    return failure(CWB_PARAM_ERR);
  }
  const Turn turn;
  return turn.taken() ? g_connection.connect(access_point, ip_timeout_ms) : failure(CWB_SYS_ERR);
}

Report disconnect() {
  const Turn turn;
  return turn.taken() ? g_connection.disconnect() : failure(CWB_SYS_ERR);
}

Report deinit() {
  const Turn turn;
  return turn.taken() ? g_connection.deinit() : failure(CWB_SYS_ERR);
}

std::uint32_t dropped_events() {
  return g_connection.dropped_events();
}

}  // namespace fuota::connection

cwb_status_t cwb_connect_b(const uint8_t* ssid, const uint8_t* password, uint32_t ip_timeout_ms) {
  using fuota::connection::copy_text;
  fuota::connection::AccessPoint access_point;
  if (ssid == nullptr || !copy_text(ssid, access_point.ssid, access_point.ssid_bytes)) {
    return CWB_PARAM_ERR;
  }
  if (password != nullptr &&
      !copy_text(password, access_point.password, access_point.password_bytes)) {
    return CWB_PARAM_ERR;
  }
  return fuota::connection::connect(access_point, ip_timeout_ms).status;
}

cwb_status_t cwb_disconnect_b(void) {
  return fuota::connection::disconnect().status;
}

cwb_status_t cwb_deinit_b(void) {
  return fuota::connection::deinit().status;
}
