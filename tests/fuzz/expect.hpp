#pragma once

#include <cstdio>
#include <cstdlib>

/// A property that must hold for every input: ends the fuzzer, which then keeps the input.
#define FUZZ_EXPECT(condition)                                                     \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                \
    }                                                                              \
  } while (false)
