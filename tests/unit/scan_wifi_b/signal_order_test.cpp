#include "signal_order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace fuota::scan {
namespace {

struct Record {
  int rssi;
  char name;
  bool operator==(const Record&) const = default;
};

TEST(SignalOrder, PutsTheStrongestFirstAndKeepsEqualOnesInOrder) {
  std::vector<Record> records = {{-80, 'a'}, {-40, 'b'}, {-80, 'c'}, {-39, 'd'}, {-40, 'e'}};
  sort_strongest_first(records.data(), records.size());
  EXPECT_THAT(records, testing::ElementsAre(Record{-39, 'd'}, Record{-40, 'b'}, Record{-40, 'e'},
                                            Record{-80, 'a'}, Record{-80, 'c'}));
}

TEST(SignalOrder, TakesNoneAndOne) {
  sort_strongest_first<Record>(nullptr, 0);
  Record one = {-50, 'x'};
  sort_strongest_first(&one, 1);
  EXPECT_EQ(one.name, 'x');
}

}  // namespace
}  // namespace fuota::scan
