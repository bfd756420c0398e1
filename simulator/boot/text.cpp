#include "simulator/boot/text.hpp"

#include <cstdarg>
#include <cstdio>

namespace simulator::boot {

Text::Text(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(chars_, sizeof chars_, format, arguments);
  va_end(arguments);
}

}  // namespace simulator::boot
