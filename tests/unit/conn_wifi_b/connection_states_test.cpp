#include "connection_states.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace fuota::connection {
namespace {

template <typename Visit>
void for_each_state(Visit visit) {
  for (std::size_t i = 0; i < kStates; ++i) visit(static_cast<State>(i));
}

bool has_action(const Transition& row, Action action) {
  return row.actions[0] == action || row.actions[1] == action;
}

/// States in which somebody may be waiting for the end of a request.
bool is_busy(State state) {
  return state != State::wait_startup && state != State::wait_dis_cmd;
}

TEST(ConnectionStates, EveryWaitForTheDriverOrTheNetworkHasADeadline) {
  for_each_state([](State state) {
    EXPECT_EQ(deadline_of(state) != Deadline::none, is_busy(state)) << name(state);
  });
}

TEST(ConnectionStates, EveryDeadlineLeadsOutOfItsState) {
  for_each_state([](State state) {
    if (deadline_of(state) == Deadline::none) return;
    EXPECT_NE(transition(state, Event::deadline).next, state) << name(state);
  });
}

TEST(ConnectionStates, NoChainOfDeadlinesAndErrorsIsLongerThanFour) {
  // What bounds the time of a caller: whatever fails, each state is passed once.
  for_each_state([](State start) {
    for (const Event event : {Event::deadline, Event::driver_error}) {
      State state = start;
      int steps = 0;
      while (is_busy(state) && steps <= 4) {
        const Event next = transition(state, event).ignored() ? Event::deadline : event;
        state = transition(state, next).next;
        ++steps;
      }
      EXPECT_LE(steps, 4) << name(start) << " with " << name(event);
    }
  });
}

TEST(ConnectionStates, EveryWayToAStateOfRestReleasesTheCaller) {
  for (const Transition& row : kTransitions) {
    const bool ends = is_busy(row.state) && !is_busy(row.next);
    if (!ends) continue;
    EXPECT_TRUE(has_action(row, Action::release)) << name(row.state) << name(row.event);
  }
}

TEST(ConnectionStates, EveryRequestInAStateOfRestIsAnsweredOrBegun) {
  for (const State state : {State::wait_startup, State::wait_dis_cmd}) {
    for (const Event event : {Event::connect_request, Event::disconnect_request}) {
      const Transition& row = transition(state, event);
      EXPECT_TRUE(has_action(row, Action::release) || is_busy(row.next)) << name(event);
      EXPECT_NE(row.result, Result::keep) << "else the answer is that of an earlier request";
    }
  }
}

TEST(ConnectionStates, EveryRequestSetsItsOwnResult) {
  for_each_state([](State state) {
    for (const Event event : {Event::connect_request, Event::disconnect_request}) {
      EXPECT_NE(transition(state, event).result, Result::keep) << name(state) << name(event);
    }
  });
}

TEST(ConnectionStates, WifiIsOffWheneverTheMachineIsAtItsBeginning) {
  for (const Transition& row : kTransitions) {
    if (row.state == State::wait_startup || row.next != State::wait_startup) continue;
    EXPECT_TRUE(has_action(row, Action::tear_down)) << name(row.state) << name(row.event);
  }
}

struct StoryStep {
  Event event;
  State next;
};

struct Story {
  const char* title;
  std::vector<StoryStep> steps;
  Result told;
};

class ConnectionStory : public testing::TestWithParam<Story> {};

TEST_P(ConnectionStory, EndsWithItsResult) {
  State state = State::wait_startup;
  Result result = Result::ok;
  Result told = Result::keep;
  for (const StoryStep& step : GetParam().steps) {
    const Transition& row = transition(state, step.event);
    if (row.result != Result::keep) result = row.result;
    if (has_action(row, Action::release)) told = result;
    state = row.next;
    ASSERT_EQ(name(state), name(step.next)) << name(step.event);
  }
  EXPECT_EQ(name(told), name(GetParam().told));
}

const StoryStep kConnecting[] = {{Event::connect_request, State::wait_sta},
                                 {Event::sta_started, State::wait_con},
                                 {Event::associated, State::wait_ip},
                                 {Event::ip_assigned, State::wait_dis_cmd}};

/// The first `count` steps of a successful connection, then `rest`.
std::vector<StoryStep> after(std::size_t count, std::vector<StoryStep> rest) {
  std::vector<StoryStep> steps(kConnecting, kConnecting + count);
  steps.insert(steps.end(), rest.begin(), rest.end());
  return steps;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ConnectionStory,
    testing::Values(Story{"connected", after(4, {}), Result::ok},
                    Story{"left",
                          after(4, {{Event::disconnect_request, State::wait_dis},
                                    {Event::link_lost, State::wait_stop},
                                    {Event::sta_stopped, State::wait_startup}}),
                          Result::ok},
                    Story{"stop reported before the disconnection",
                          after(4, {{Event::disconnect_request, State::wait_dis},
                                    {Event::sta_stopped, State::wait_startup},
                                    {Event::link_lost, State::wait_startup}}),
                          Result::ok},
                    Story{"refused three times",
                          after(2, {{Event::connect_retry, State::wait_con},
                                    {Event::connect_retry, State::wait_con},
                                    {Event::link_lost, State::wait_stop_on_pb},
                                    {Event::sta_stopped, State::wait_startup}}),
                          Result::conn_err},
                    Story{"refused once, then out of time",
                          after(2, {{Event::connect_retry, State::wait_con},
                                    {Event::deadline, State::wait_dis_on_pb},
                                    {Event::link_lost, State::wait_stop_on_pb},
                                    {Event::sta_stopped, State::wait_startup}}),
                          Result::conn_err},
                    Story{"no DHCP answer",
                          after(3, {{Event::deadline, State::wait_dis_on_pb},
                                    {Event::link_lost, State::wait_stop_on_pb},
                                    {Event::sta_stopped, State::wait_startup}}),
                          Result::ip_timeout},
                    Story{"link lost before the address",
                          after(3, {{Event::link_lost, State::wait_stop_on_pb},
                                    {Event::sta_stopped, State::wait_startup}}),
                          Result::dis},
                    Story{"connected twice",
                          after(4, {{Event::connect_request, State::wait_dis_cmd}}),
                          Result::already_con},
                    Story{"left without a connection",
                          {{Event::disconnect_request, State::wait_startup}},
                          Result::already_dis},
                    Story{"left after the link was lost and the driver stopped",
                          after(4, {{Event::link_lost, State::wait_stop_on_pb},
                                    {Event::sta_stopped, State::wait_startup},
                                    {Event::disconnect_request, State::wait_startup}}),
                          Result::already_dis},
                    Story{"left while the stop after a lost link is in progress",
                          after(4, {{Event::link_lost, State::wait_stop_on_pb},
                                    {Event::disconnect_request, State::wait_stop_on_pb},
                                    {Event::sta_stopped, State::wait_startup}}),
                          Result::already_dis},
                    Story{"connected anew while the stop after a lost link is in progress",
                          after(4, {{Event::link_lost, State::wait_stop_on_pb},
                                    {Event::connect_request, State::wait_stop_then_start},
                                    {Event::sta_stopped, State::wait_sta},
                                    {Event::sta_started, State::wait_con},
                                    {Event::associated, State::wait_ip},
                                    {Event::ip_assigned, State::wait_dis_cmd}}),
                          Result::ok},
                    Story{"the driver never reports the disconnection",
                          after(4, {{Event::disconnect_request, State::wait_dis},
                                    {Event::deadline, State::wait_stop},
                                    {Event::sta_stopped, State::wait_startup}}),
                          Result::dis_timeout},
                    Story{"the driver cannot be set up",
                          after(1, {{Event::driver_error, State::wait_startup}}), Result::sys_err},
                    Story{"the driver never starts",
                          after(1, {{Event::deadline, State::wait_stop_on_pb},
                                    {Event::deadline, State::wait_startup}}),
                          Result::sys_err},
                    Story{"the address is renewed while connected",
                          after(4, {{Event::ip_assigned, State::wait_dis_cmd}}), Result::ok}),
    [](const auto& row) {
      std::string title = row.param.title;
      for (char& c : title) {
        if (!isalnum(static_cast<unsigned char>(c))) c = '_';
      }
      return title;
    });

TEST(Disconnections, AreRetriedWhileJoiningUpToTheLimit) {
  EXPECT_EQ(classify_disconnection(State::wait_con, 1), Event::connect_retry);
  EXPECT_EQ(classify_disconnection(State::wait_con, kConnectAttemptsMax), Event::link_lost);
  EXPECT_EQ(classify_disconnection(State::wait_ip, 1), Event::link_lost);
  EXPECT_EQ(classify_disconnection(State::wait_dis_cmd, 1), Event::link_lost);
}

TEST(Disconnections, OfOurOwnMakingAreStaleWhileJoining) {
  constexpr std::uint8_t kAssocLeave = 8;
  EXPECT_TRUE(is_stale_disconnection(State::wait_con, kAssocLeave));
  EXPECT_TRUE(is_stale_disconnection(State::wait_ip, kAssocLeave));
  EXPECT_FALSE(is_stale_disconnection(State::wait_dis, kAssocLeave));
  EXPECT_FALSE(is_stale_disconnection(State::wait_con, 201));
}

/// The table as a Mermaid state diagram: what docs/connection_states.md must show.
std::string diagram() {
  std::ostringstream out;
  out << "stateDiagram-v2\n    [*] --> WAIT_STARTUP\n";
  for (const Transition& row : kTransitions) {
    if (row.ignored()) continue;
    out << "    " << name(row.state) << " --> " << name(row.next) << ": " << name(row.event);
    const char* separator = " / ";
    for (const Action action : row.actions) {
      if (action == Action::none) continue;
      out << separator << name(action);
      separator = ", ";
    }
    if (row.result != Result::keep) out << " [" << name(row.result) << "]";
    out << "\n";
  }
  return out.str();
}

TEST(ConnectionDiagram, InTheDocumentIsThatOfTheTable) {
  std::ifstream file(FUOTA_DIAGRAM);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_THAT(text.str(), testing::HasSubstr("```mermaid\n" + diagram() + "```\n"))
      << "docs/connection_states.md must contain:\n"
      << diagram();
}

}  // namespace
}  // namespace fuota::connection
