#pragma once

#include <cstddef>
#include <utility>

/// The order in which access points are reported.
namespace fuota::scan {

/// Sorts `count` records by falling `rssi`; equal ones keep their order. In place, without
/// allocation: there are a few dozen records at most, nearly in order already.
template <typename Record>
void sort_strongest_first(Record* records, std::size_t count) {
  for (std::size_t i = 1; i < count; ++i) {
    for (std::size_t j = i; j > 0 && records[j - 1].rssi < records[j].rssi; --j) {
      std::swap(records[j - 1], records[j]);
    }
  }
}

}  // namespace fuota::scan
