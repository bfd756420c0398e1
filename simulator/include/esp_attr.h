#pragma once

/// Where code and data live (ESP-IDF's esp_attr.h). The simulated chip has one kind of memory, so
/// that the placements are empty; RTC memory does not survive a restart in it and is not offered.

#define IRAM_ATTR
#define DRAM_ATTR
#define WORD_ALIGNED_ATTR __attribute__((aligned(4)))
#define DMA_ATTR WORD_ALIGNED_ATTR DRAM_ATTR
#define FORCE_INLINE_ATTR static inline __attribute__((always_inline))
#define NOINLINE_ATTR __attribute__((noinline))
