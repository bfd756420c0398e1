#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace fuota::protocol {

/// Puts a JSON text together, in memory that the caller has made large enough.
class JsonWriter {
 public:
  explicit JsonWriter(char* out) : out_(out) {}

  void put(std::string_view text) {
    std::memcpy(out_ + written_, text.data(), text.size());
    written_ += text.size();
  }

  void put_number(std::uint32_t value) {
    std::array<char, 10> digits{};
    std::size_t first = digits.size();
    do {
      digits[--first] = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    put({digits.data() + first, digits.size() - first});
  }

  [[nodiscard]] std::size_t written() const { return written_; }

 private:
  char* out_;
  std::size_t written_ = 0;
};

}  // namespace fuota::protocol
