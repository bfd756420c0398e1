// The heap of a board.

#include <gtest/gtest.h>

#include "esp_heap_caps.h"
#include "esp_system.h"
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

}  // namespace
}  // namespace simulator::chip
