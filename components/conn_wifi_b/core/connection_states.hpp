#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// The state machine of a Wi-Fi connection as a table: no ESP-IDF, no clock.
/// docs/connection_states.md shows it as a diagram.
namespace fuota::connection {

enum class State : std::uint8_t {
  wait_startup,          ///< Wi-Fi is off, nothing to do
  wait_sta,              ///< the driver is starting
  wait_con,              ///< the AP was asked to let us in
  wait_ip,               ///< the AP let us in; DHCP runs
  wait_dis_cmd,          ///< connected, until somebody asks to disconnect
  wait_dis,              ///< we asked to leave the AP
  wait_stop,             ///< the driver is stopping, as asked
  wait_dis_on_pb,        ///< leaving the AP because of a problem
  wait_stop_on_pb,       ///< the driver is stopping because of a problem
  wait_stop_then_start,  ///< the driver is stopping, and a new connection is wanted
};
constexpr std::size_t kStates = 10;

enum class Event : std::uint8_t {
  connect_request,
  disconnect_request,
  caller_gone,    ///< the caller of the request in progress does not wait any more
  sta_started,    ///< WIFI_EVENT_STA_START
  associated,     ///< WIFI_EVENT_STA_CONNECTED
  connect_retry,  ///< the AP refused, and another attempt is worth it
  link_lost,      ///< WIFI_EVENT_STA_DISCONNECTED otherwise
  ip_assigned,    ///< IP_EVENT_STA_GOT_IP
  ip_lost,        ///< IP_EVENT_STA_LOST_IP
  sta_stopped,    ///< WIFI_EVENT_STA_STOP
  deadline,       ///< the state lasted as long as it may
  driver_error,   ///< an action of the last transition failed
};
constexpr std::size_t kEvents = 12;

/// What is done on the way to the next state, in order. When one fails, those behind it are not
/// done, and `driver_error` is fed to the next state.
enum class Action : std::uint8_t {
  none,
  set_up,      ///< initialise and start the driver in station mode
  connect,     ///< ask the AP to let us in
  disconnect,  ///< leave the AP
  stop,        ///< stop the driver
  tear_down,   ///< deinitialise the driver, whatever its state
  release,     ///< give the caller, if one waits, the result
};
constexpr std::size_t kActionsMax = 2;

/// What the caller will be told at the next `release`. `keep`: as decided before. While joining it
/// is what to say if the time runs out now: an AP that refused us is the reason, not the clock.
enum class Result : std::uint8_t {
  keep,
  ok,
  conn_err,
  ip_timeout,
  dis,
  dis_timeout,
  already_dis,
  already_con,
  sys_err,
};

struct Transition {
  State state;
  Event event;
  State next;
  Result result;
  std::array<Action, kActionsMax> actions;

  /// True when the event means nothing in this state: a stale or repeated one.
  [[nodiscard]] constexpr bool ignored() const {
    return next == state && result == Result::keep && actions[0] == Action::none;
  }
};

/// One row for every event in every state, ordered by state, then event.
using TransitionTable = std::array<Transition, kStates * kEvents>;
extern const TransitionTable kTransitions;

/// The row for `event` in `state`.
[[nodiscard]] Transition transition(State state, Event event);

/// Which deadline a state begins with.
enum class Deadline : std::uint8_t {
  none,            ///< the state may last for ever
  driver,          ///< the driver's answer is due within kDriverAnswerMs
  caller,          ///< starts the caller's time for an IP address
  caller_goes_on,  ///< the caller's time that the state before started goes on
};
[[nodiscard]] Deadline deadline_of(State state);

/// How long the driver may take to report that it started, left the AP or stopped. It takes well
/// under a second on the chip.
constexpr std::uint32_t kDriverAnswerMs = 5000;

/// How often an AP that refuses is asked within one connection request. Reasons such as
/// AUTH_EXPIRE are transient: the first attempt after a cold start often fails.
constexpr std::uint8_t kConnectAttemptsMax = 3;

/// What a WIFI_EVENT_STA_DISCONNECTED means in `state` after `attempts` attempts (1 or more) to
/// join: connect_retry or link_lost.
[[nodiscard]] Event classify_disconnection(State state, std::uint8_t attempts);

/// True when the event with this reason is the echo of an own earlier request and tells nothing
/// about the attempt in progress (reason ASSOC_LEAVE while joining).
[[nodiscard]] bool is_stale_disconnection(State state, std::uint8_t reason);

/// Names as the log and the diagram show them: "WAIT_DIS_CMD", "Disconnection request", "stop".
/// Static storage.
[[nodiscard]] const char* name(State state);
[[nodiscard]] const char* name(Event event);
[[nodiscard]] const char* name(Action action);
[[nodiscard]] const char* name(Result result);

}  // namespace fuota::connection
