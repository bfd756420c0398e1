#pragma once

/* Later versions of picolibc declare ssize_t here, and ESP-IDF's own stdio.h takes it for granted.
 */
#include_next <stdio.h>
#include <sys/types.h>
