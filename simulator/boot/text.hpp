#pragma once

namespace simulator::boot {

/// A line for the log, formatted as printf does and cut at 191 bytes, which no line of the
/// bootloader reaches. It owns no memory, so that a task that has one on its stack can be dropped.
class Text {
 public:
  [[gnu::format(printf, 2, 3)]] explicit Text(const char* format, ...);

  operator const char*() const { return chars_; }  // NOLINT(google-explicit-constructor)

 private:
  char chars_[192];
};

}  // namespace simulator::boot
