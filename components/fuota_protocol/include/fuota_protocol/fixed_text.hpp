#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace fuota::protocol {

/// A text of at most `BytesMax` bytes that lies in the object itself: no allocation, and a copy is
/// independent of what it was made from.
template <std::size_t BytesMax>
class FixedText {
 public:
  static constexpr std::size_t kBytesMax = BytesMax;

  FixedText() = default;

  /// Takes over `text`. False when it doesn't fit; the object is then as before.
  [[nodiscard]] bool assign(std::string_view text) {
    if (text.size() > BytesMax) return false;
    if (!text.empty()) std::memcpy(bytes_.data(), text.data(), text.size());
    size_ = text.size();
    return true;
  }

  [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  friend bool operator==(const FixedText& a, const FixedText& b) { return a.view() == b.view(); }
  friend bool operator!=(const FixedText& a, const FixedText& b) { return !(a == b); }

 private:
  std::array<char, BytesMax> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace fuota::protocol
