#include "simulator/net/body_cache.hpp"

#include <algorithm>
#include <cstring>

#include "simulator/kernel/misuse.hpp"

namespace simulator::net {

namespace {

/// What the heap may hold where nobody has written.
constexpr char kUnwritten = '\xA5';

}  // namespace

void BodyCache::keep(std::string_view part) {
  if (taken_ != 0) {
    kernel::misuse("esp_http_client_fetch_headers",
                   "the body before was begun and not read (on the chip: a failed assertion)");
  }
  data_.resize(length_, kUnwritten);
  data_.append(part);
}

std::size_t BodyCache::take(char* buffer, std::size_t size) {
  const std::size_t count = std::min(length_, size);
  if (count == 0) return 0;
  if (taken_ + count > data_.size()) {
    kernel::misuse("esp_http_client_read",
                   "flush_response counted bytes that it did not keep (on the chip: a crash)");
  }
  std::memcpy(buffer, data_.data() + taken_, count);
  taken_ += count;
  length_ -= count;
  if (length_ == 0) clear();
  return count;
}

void BodyCache::clear() {
  if (data_.empty()) return;
  data_.clear();
  taken_ = 0;
  length_ = 0;
}

}  // namespace simulator::net
