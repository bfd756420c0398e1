#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/kernel/session.hpp"

namespace simulator::kernel {

constexpr std::int64_t kTestTickUs = 10'000;

/// One power-on session and what it printed.
class SessionTest : public ::testing::Test {
 protected:
  /// Makes a ready task of a lambda.
  TaskHandle start(std::string_view name, unsigned priority, std::function<void()> body) {
    return session_.scheduler().spawn(name, 4096, priority, std::move(body));
  }

  /// Runs one task, and all that it starts, until nothing is left to do.
  void run_task(std::function<void()> body) {
    start("test", 5, std::move(body));
    EXPECT_EQ(session_.run(), StopReason::idle);
  }

  [[nodiscard]] std::int64_t now_us() { return session_.scheduler().now_us(); }

  std::vector<std::string> lines_;
  Session session_{options()};

 private:
  Session::Options options() {
    Session::Options chosen;
    chosen.console = [this](std::string_view line) { lines_.emplace_back(line); };
    return chosen;
  }
};

}  // namespace simulator::kernel
