#pragma once

/// What is left of the chip's heap, by a model: the session begins with a number of bytes, and what
/// the kernel and the drivers hold for the application counts at about its size on the chip
/// (stacks, queues, timers, buffers). The application's own malloc and new do not count.

#include <stddef.h>
#include <stdint.h>

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MALLOC_CAP_32BIT (1 << 1)
#define MALLOC_CAP_8BIT (1 << 2)
#define MALLOC_CAP_DMA (1 << 3)
#define MALLOC_CAP_SPIRAM (1 << 10)
#define MALLOC_CAP_INTERNAL (1 << 11)
#define MALLOC_CAP_DEFAULT (1 << 12)

/// There is one kind of memory; 0 for MALLOC_CAP_SPIRAM, which the simulated module lacks.
size_t heap_caps_get_total_size(uint32_t caps);
size_t heap_caps_get_free_size(uint32_t caps);
size_t heap_caps_get_minimum_free_size(uint32_t caps);
/// All that is free, unless a test has limited it: the model does not fragment by itself.
size_t heap_caps_get_largest_free_block(uint32_t caps);

#ifdef __cplusplus
}
#endif
