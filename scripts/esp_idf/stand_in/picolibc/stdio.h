#pragma once

/* Later versions of picolibc declare ssize_t here, and ESP-IDF's own stdio.h takes it for granted. */
#include <sys/types.h>
#include_next <stdio.h>
