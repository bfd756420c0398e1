#include "connection_states.hpp"

namespace fuota::connection {
namespace {

constexpr std::uint8_t kReasonAssocLeave = 8;  // WIFI_REASON_ASSOC_LEAVE

// Short forms for the table alone.
constexpr State kStartup = State::wait_startup;
constexpr State kSta = State::wait_sta;
constexpr State kCon = State::wait_con;
constexpr State kIp = State::wait_ip;
constexpr State kDisCmd = State::wait_dis_cmd;
constexpr State kDis = State::wait_dis;
constexpr State kStop = State::wait_stop;
constexpr State kDisPb = State::wait_dis_on_pb;
constexpr State kStopPb = State::wait_stop_on_pb;
constexpr State kStopStart = State::wait_stop_then_start;

using E = Event;
using R = Result;

constexpr Transition row(State state, Event event, State next, Result result = Result::keep,
                         Action first = Action::none, Action second = Action::none) {
  return {state, event, next, result, {first, second}};
}

constexpr Transition ignore(State state, Event event) {
  return row(state, event, state);
}

constexpr TransitionTable kTable = {{
    row(kStartup, E::connect_request, kSta, R::ip_timeout, Action::set_up),
    row(kStartup, E::disconnect_request, kStartup, R::already_dis, Action::release),
    ignore(kStartup, E::caller_gone),
    ignore(kStartup, E::sta_started),
    ignore(kStartup, E::associated),
    ignore(kStartup, E::connect_retry),
    ignore(kStartup, E::link_lost),
    ignore(kStartup, E::ip_assigned),
    ignore(kStartup, E::ip_lost),
    ignore(kStartup, E::sta_stopped),
    ignore(kStartup, E::deadline),
    row(kStartup, E::driver_error, kStartup, R::sys_err, Action::release),

    row(kSta, E::connect_request, kStopStart, R::ip_timeout, Action::stop),
    row(kSta, E::disconnect_request, kStop, R::ok, Action::stop),
    row(kSta, E::caller_gone, kStopPb, R::keep, Action::stop),
    row(kSta, E::sta_started, kCon, R::ip_timeout, Action::connect),
    ignore(kSta, E::associated),
    ignore(kSta, E::connect_retry),
    ignore(kSta, E::link_lost),
    ignore(kSta, E::ip_assigned),
    ignore(kSta, E::ip_lost),
    ignore(kSta, E::sta_stopped),
    row(kSta, E::deadline, kStopPb, R::sys_err, Action::stop),
    row(kSta, E::driver_error, kStartup, R::sys_err, Action::tear_down, Action::release),

    row(kCon, E::connect_request, kStopStart, R::ip_timeout, Action::stop),
    row(kCon, E::disconnect_request, kDis, R::ok, Action::disconnect),
    row(kCon, E::caller_gone, kStopPb, R::keep, Action::stop),
    ignore(kCon, E::sta_started),
    row(kCon, E::associated, kIp, R::ip_timeout),
    row(kCon, E::connect_retry, kCon, R::conn_err, Action::connect),
    row(kCon, E::link_lost, kStopPb, R::conn_err, Action::stop),
    ignore(kCon, E::ip_assigned),
    ignore(kCon, E::ip_lost),
    row(kCon, E::sta_stopped, kStartup, R::sys_err, Action::tear_down, Action::release),
    row(kCon, E::deadline, kDisPb, R::keep, Action::disconnect),
    row(kCon, E::driver_error, kStopPb, R::sys_err, Action::stop),

    row(kIp, E::connect_request, kStopStart, R::ip_timeout, Action::stop),
    row(kIp, E::disconnect_request, kDis, R::ok, Action::disconnect),
    row(kIp, E::caller_gone, kStopPb, R::keep, Action::stop),
    ignore(kIp, E::sta_started),
    ignore(kIp, E::associated),
    ignore(kIp, E::connect_retry),
    row(kIp, E::link_lost, kStopPb, R::dis, Action::stop),
    row(kIp, E::ip_assigned, kDisCmd, R::ok, Action::release),
    ignore(kIp, E::ip_lost),
    row(kIp, E::sta_stopped, kStartup, R::sys_err, Action::tear_down, Action::release),
    row(kIp, E::deadline, kDisPb, R::keep, Action::disconnect),
    ignore(kIp, E::driver_error),

    row(kDisCmd, E::connect_request, kDisCmd, R::already_con, Action::release),
    row(kDisCmd, E::disconnect_request, kDis, R::ok, Action::disconnect),
    row(kDisCmd, E::caller_gone, kDis, R::keep, Action::disconnect),
    ignore(kDisCmd, E::sta_started),
    ignore(kDisCmd, E::associated),
    ignore(kDisCmd, E::connect_retry),
    row(kDisCmd, E::link_lost, kStopPb, R::keep, Action::stop),
    ignore(kDisCmd, E::ip_assigned),
    row(kDisCmd, E::ip_lost, kDisPb, R::keep, Action::disconnect),
    row(kDisCmd, E::sta_stopped, kStartup, R::keep, Action::tear_down),
    ignore(kDisCmd, E::deadline),
    ignore(kDisCmd, E::driver_error),

    row(kDis, E::connect_request, kStopStart, R::ip_timeout, Action::stop),
    row(kDis, E::disconnect_request, kDis, R::ok),
    ignore(kDis, E::caller_gone),
    ignore(kDis, E::sta_started),
    ignore(kDis, E::associated),
    ignore(kDis, E::connect_retry),
    row(kDis, E::link_lost, kStop, R::keep, Action::stop),
    ignore(kDis, E::ip_assigned),
    ignore(kDis, E::ip_lost),
    row(kDis, E::sta_stopped, kStartup, R::keep, Action::tear_down, Action::release),
    row(kDis, E::deadline, kStop, R::dis_timeout, Action::stop),
    row(kDis, E::driver_error, kStop, R::keep, Action::stop),

    row(kStop, E::connect_request, kStopStart, R::ip_timeout),
    row(kStop, E::disconnect_request, kStop, R::ok),
    ignore(kStop, E::caller_gone),
    ignore(kStop, E::sta_started),
    ignore(kStop, E::associated),
    ignore(kStop, E::connect_retry),
    ignore(kStop, E::link_lost),
    ignore(kStop, E::ip_assigned),
    ignore(kStop, E::ip_lost),
    row(kStop, E::sta_stopped, kStartup, R::keep, Action::tear_down, Action::release),
    row(kStop, E::deadline, kStartup, R::dis_timeout, Action::tear_down, Action::release),
    row(kStop, E::driver_error, kStartup, R::sys_err, Action::tear_down, Action::release),

    row(kDisPb, E::connect_request, kStopStart, R::ip_timeout, Action::stop),
    row(kDisPb, E::disconnect_request, kDisPb, R::already_dis),
    ignore(kDisPb, E::caller_gone),
    ignore(kDisPb, E::sta_started),
    ignore(kDisPb, E::associated),
    ignore(kDisPb, E::connect_retry),
    row(kDisPb, E::link_lost, kStopPb, R::keep, Action::stop),
    ignore(kDisPb, E::ip_assigned),
    ignore(kDisPb, E::ip_lost),
    row(kDisPb, E::sta_stopped, kStartup, R::keep, Action::tear_down, Action::release),
    row(kDisPb, E::deadline, kStopPb, R::keep, Action::stop),
    row(kDisPb, E::driver_error, kStopPb, R::keep, Action::stop),

    row(kStopPb, E::connect_request, kStopStart, R::ip_timeout),
    row(kStopPb, E::disconnect_request, kStopPb, R::already_dis),
    ignore(kStopPb, E::caller_gone),
    ignore(kStopPb, E::sta_started),
    ignore(kStopPb, E::associated),
    ignore(kStopPb, E::connect_retry),
    ignore(kStopPb, E::link_lost),
    ignore(kStopPb, E::ip_assigned),
    ignore(kStopPb, E::ip_lost),
    row(kStopPb, E::sta_stopped, kStartup, R::keep, Action::tear_down, Action::release),
    row(kStopPb, E::deadline, kStartup, R::keep, Action::tear_down, Action::release),
    row(kStopPb, E::driver_error, kStartup, R::keep, Action::tear_down, Action::release),

    row(kStopStart, E::connect_request, kStopStart, R::ip_timeout),
    row(kStopStart, E::disconnect_request, kStop, R::ok),
    row(kStopStart, E::caller_gone, kStopPb),
    ignore(kStopStart, E::sta_started),
    ignore(kStopStart, E::associated),
    ignore(kStopStart, E::connect_retry),
    ignore(kStopStart, E::link_lost),
    ignore(kStopStart, E::ip_assigned),
    ignore(kStopStart, E::ip_lost),
    row(kStopStart, E::sta_stopped, kSta, R::keep, Action::tear_down, Action::set_up),
    row(kStopStart, E::deadline, kSta, R::keep, Action::tear_down, Action::set_up),
    row(kStopStart, E::driver_error, kSta, R::keep, Action::tear_down, Action::set_up),
}};

constexpr bool is_complete_and_ordered(const TransitionTable& table) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (static_cast<std::size_t>(table[i].state) != i / kEvents) return false;
    if (static_cast<std::size_t>(table[i].event) != i % kEvents) return false;
  }
  return true;
}
static_assert(is_complete_and_ordered(kTable), "every event in every state has its row");

/// What a row says beside its place, for the chip: the table takes a third less flash.
struct Step {
  State next;
  Result result;
  std::array<Action, kActionsMax> actions;
};

struct StepTable {
  Step steps[kStates * kEvents];
};

constexpr StepTable steps_of(const TransitionTable& table) {
  StepTable found{};
  for (std::size_t i = 0; i < kStates * kEvents; ++i) {
    found.steps[i] = {table[i].next, table[i].result, table[i].actions};
  }
  return found;
}

constexpr StepTable kSteps = steps_of(kTable);

}  // namespace

const TransitionTable kTransitions = kTable;

Transition transition(State state, Event event) {
  const std::size_t place =
      static_cast<std::size_t>(state) * kEvents + static_cast<std::size_t>(event);
  const Step& step = kSteps.steps[place];
  return {state, event, step.next, step.result, step.actions};
}

Deadline deadline_of(State state) {
  switch (state) {
    case State::wait_startup:
    case State::wait_dis_cmd:
      return Deadline::none;
    case State::wait_con:
      return Deadline::caller;
    case State::wait_ip:
      return Deadline::caller_goes_on;
    case State::wait_sta:
    case State::wait_dis:
    case State::wait_stop:
    case State::wait_dis_on_pb:
    case State::wait_stop_on_pb:
    case State::wait_stop_then_start:
      return Deadline::driver;
  }
  return Deadline::driver;
}

Event classify_disconnection(State state, std::uint8_t attempts) {
  const bool joining = state == State::wait_con;
  return joining && attempts < kConnectAttemptsMax ? Event::connect_retry : Event::link_lost;
}

bool is_stale_disconnection(State state, std::uint8_t reason) {
  const bool joining = state == State::wait_con || state == State::wait_ip;
  return joining && reason == kReasonAssocLeave;
}

namespace {

/// The names by number. Not a switch: ESP-IDF compiles with -fno-jump-tables, and each would be a
/// chain of comparisons.
constexpr const char* kStateNames[] = {
    "WAIT_STARTUP", "WAIT_STA",  "WAIT_CON",       "WAIT_IP",         "WAIT_DIS_CMD",
    "WAIT_DIS",     "WAIT_STOP", "WAIT_DIS_ON_PB", "WAIT_STOP_ON_PB", "WAIT_STOP_THEN_START",
};
static_assert(sizeof kStateNames / sizeof kStateNames[0] ==
                  static_cast<std::size_t>(State::wait_stop_then_start) + 1,
              "each has its name");

constexpr const char* kEventNames[] = {
    "Connection request",  "Disconnection request", "Caller gone",  "Station started",
    "Access point joined", "Refused, trying again", "Disconnected", "IP address assigned",
    "IP address lost",     "Station stopped",       "Timeout",      "Driver error",
};
static_assert(sizeof kEventNames / sizeof kEventNames[0] ==
                  static_cast<std::size_t>(Event::driver_error) + 1,
              "each has its name");

constexpr const char* kActionNames[] = {
    "", "set up", "connect", "disconnect", "stop", "tear down", "release caller",
};
static_assert(sizeof kActionNames / sizeof kActionNames[0] ==
                  static_cast<std::size_t>(Action::release) + 1,
              "each has its name");

constexpr const char* kResultNames[] = {
    "",
    "CWB_OK",
    "CWB_CONN_ERR",
    "CWB_IP_TIMEOUT",
    "CWB_DIS",
    "CWB_DIS_TIMEOUT",
    "CWB_ALREADY_DIS",
    "CWB_ALREADY_CON",
    "CWB_SYS_ERR",
};
static_assert(sizeof kResultNames / sizeof kResultNames[0] ==
                  static_cast<std::size_t>(Result::sys_err) + 1,
              "each has its name");

}  // namespace

const char* name(State state) {
  return kStateNames[static_cast<std::size_t>(state)];
}

const char* name(Event event) {
  return kEventNames[static_cast<std::size_t>(event)];
}

const char* name(Action action) {
  return kActionNames[static_cast<std::size_t>(action)];
}

const char* name(Result result) {
  return kResultNames[static_cast<std::size_t>(result)];
}

}  // namespace fuota::connection
