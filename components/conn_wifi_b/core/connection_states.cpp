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

}  // namespace

const TransitionTable kTransitions = kTable;

const Transition& transition(State state, Event event) {
  return kTransitions[static_cast<std::size_t>(state) * kEvents + static_cast<std::size_t>(event)];
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

const char* name(State state) {
  switch (state) {
    case State::wait_startup:
      return "WAIT_STARTUP";
    case State::wait_sta:
      return "WAIT_STA";
    case State::wait_con:
      return "WAIT_CON";
    case State::wait_ip:
      return "WAIT_IP";
    case State::wait_dis_cmd:
      return "WAIT_DIS_CMD";
    case State::wait_dis:
      return "WAIT_DIS";
    case State::wait_stop:
      return "WAIT_STOP";
    case State::wait_dis_on_pb:
      return "WAIT_DIS_ON_PB";
    case State::wait_stop_on_pb:
      return "WAIT_STOP_ON_PB";
    case State::wait_stop_then_start:
      return "WAIT_STOP_THEN_START";
  }
  return "?";
}

const char* name(Event event) {
  switch (event) {
    case Event::connect_request:
      return "Connection request";
    case Event::disconnect_request:
      return "Disconnection request";
    case Event::caller_gone:
      return "Caller gone";
    case Event::sta_started:
      return "Station started";
    case Event::associated:
      return "Access point joined";
    case Event::connect_retry:
      return "Refused, trying again";
    case Event::link_lost:
      return "Disconnected";
    case Event::ip_assigned:
      return "IP address assigned";
    case Event::ip_lost:
      return "IP address lost";
    case Event::sta_stopped:
      return "Station stopped";
    case Event::deadline:
      return "Timeout";
    case Event::driver_error:
      return "Driver error";
  }
  return "?";
}

const char* name(Action action) {
  switch (action) {
    case Action::none:
      return "";
    case Action::set_up:
      return "set up";
    case Action::connect:
      return "connect";
    case Action::disconnect:
      return "disconnect";
    case Action::stop:
      return "stop";
    case Action::tear_down:
      return "tear down";
    case Action::release:
      return "release caller";
  }
  return "?";
}

const char* name(Result result) {
  switch (result) {
    case Result::keep:
      return "";
    case Result::ok:
      return "CWB_OK";
    case Result::conn_err:
      return "CWB_CONN_ERR";
    case Result::ip_timeout:
      return "CWB_IP_TIMEOUT";
    case Result::dis:
      return "CWB_DIS";
    case Result::dis_timeout:
      return "CWB_DIS_TIMEOUT";
    case Result::already_dis:
      return "CWB_ALREADY_DIS";
    case Result::already_con:
      return "CWB_ALREADY_CON";
    case Result::sys_err:
      return "CWB_SYS_ERR";
  }
  return "?";
}

}  // namespace fuota::connection
