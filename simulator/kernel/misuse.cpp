#include "simulator/kernel/misuse.hpp"

#include <cstdio>
#include <cstdlib>

namespace simulator::kernel {

void misuse(std::string_view function, std::string_view what) {
  std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(function.size()), function.data(),
               static_cast<int>(what.size()), what.data());
  std::fflush(stderr);
  std::abort();
}

}  // namespace simulator::kernel
