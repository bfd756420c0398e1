#include "simulator/boot/text.hpp"

#include <cstdarg>
#include <cstdio>

namespace simulator::boot {

std::string text(const char* format, ...) {
  char line[256];  // the longest line of the bootloader has less than half of that
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  return line;
}

}  // namespace simulator::boot
