#pragma once

/* newlib as Debian has it declares this pointer const, Espressif's does not, and ESP-IDF declares
 * it once more. */
#define _global_impure_ptr _global_impure_ptr_of_newlib
#include_next <sys/reent.h>
#undef _global_impure_ptr
