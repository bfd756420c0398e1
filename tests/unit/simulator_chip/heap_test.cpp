// The heap of a board.

#include <gtest/gtest.h>

#include "esp_heap_caps.h"
#include "esp_system.h"
#include "simulator/chip/device_heap.hpp"
#include "tests/support/board/test_board.hpp"

namespace simulator::chip {
namespace {

using fuota::test::TestBoard;

TEST(HeapOfABoard, IsScatteredFromEachBootOnIfAskedFor) {
  TestBoard::Options options;
  options.board.heap_block_bytes_max = 20'000;
  TestBoard board(options);
  int starts = 0;
  EXPECT_TRUE(board.run_to_end([&] {
    EXPECT_EQ(heap_caps_get_largest_free_block(MALLOC_CAP_DEFAULT), 20'000u);
    EXPECT_GT(heap_caps_get_free_size(MALLOC_CAP_DEFAULT), 200'000u);
    if (++starts == 1) esp_restart();
  }));
  EXPECT_EQ(starts, 2);
}

TEST(HeapOfABoard, CanBeScatteredWhileItRuns) {
  TestBoard board;
  ASSERT_TRUE(board.run_until_returned([] {}));
  board.board().session()->kernel().scheduler().heap().limit_block(9'000);
  EXPECT_EQ(board.board().session()->kernel().scheduler().heap().largest_free_block(), 9'000u);
}

TEST(HeapDeathTest, AWriteBehindABlockEndsTheProcess) {
  const auto write_behind = [] {
    TestBoard board;
    (void)board.run_until_returned([] {
      DeviceHeap& heap = *DeviceHeap::current_or_null();
      auto* memory = static_cast<char*>(heap.allocate(10));
      memory[10] = 0;
      (void)heap.free(memory);
    });
  };
  EXPECT_DEATH(write_behind(), "written behind a block of memory");
}

TEST(HeapDeathTest, AWriteBehindABlockThatIsNeverFreedEndsTheProcessToo) {
  const auto write_behind = [] {
    TestBoard board;
    (void)board.run_to_end(
        [] { static_cast<char*>(DeviceHeap::current_or_null()->allocate(10))[10] = 0; });
  };
  EXPECT_DEATH(write_behind(), "written behind a block of memory");
}

}  // namespace
}  // namespace simulator::chip
