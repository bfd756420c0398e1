#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>

#include "simulator/flash/fault_hook.hpp"
#include "tests/simulation/native/native_device.hpp"

namespace fuota::test {

/// Lets a device live once undisturbed for `duration_us` behind `prepare`, and then again and again
/// with a cut of the power at each of its operations on flash: before it, in the middle, after it.
/// Then comes `after_cut`, and it has `duration_us` once more. After each life, `check` looks at
/// it.
inline void for_each_cut(const std::function<void(NativeDevice&)>& prepare,
                         std::int64_t duration_us, const std::function<void(NativeDevice&)>& check,
                         const std::function<void(NativeDevice&)>& after_cut = {}) {
  using simulator::chip::Board;
  using simulator::flash::Fault;
  std::uint64_t operations = 0;
  {
    NativeDevice device;
    prepare(device);
    const std::uint64_t before = device.board().flash().operation_count();
    (void)device.board().run(duration_us);
    operations = device.board().flash().operation_count() - before;
    check(device);
    ASSERT_FALSE(testing::Test::HasFailure()) << device.board().transcript();
  }
  ASSERT_GE(operations, 4U);
  const std::uint64_t seed = random_test_seed();
  for (std::uint64_t number = 0; number < operations; ++number) {
    for (const Fault fault : {Fault::cut_before, Fault::cut_during, Fault::cut_after}) {
      SCOPED_TRACE("operation " + std::to_string(number) + " of " + std::to_string(operations) +
                   ", fault " + std::to_string(static_cast<int>(fault)));
      NativeDevice device;
      prepare(device);
      device.board().flash().seed_torn_results(seed + number);
      device.cut_at(number, fault);
      ASSERT_EQ(device.board().run(duration_us), Board::Ending::power_lost);
      device.board().flash().set_fault_hook({});
      if (after_cut) after_cut(device);
      ASSERT_EQ(device.board().run(duration_us), Board::Ending::deadline);
      check(device);
      ASSERT_FALSE(testing::Test::HasFailure()) << device.board().transcript();
    }
  }
  testing::Test::RecordProperty("cuts", std::to_string(3 * operations));
}

}  // namespace fuota::test
