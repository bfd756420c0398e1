#pragma once

#include <cstdint>

#include "cli/failure.hpp"

namespace fuota::cli {

/// Lets this process open as many file descriptors as are needed, or says what to do about it.
[[nodiscard]] Result<void> allow_descriptors(std::uint64_t needed);

}  // namespace fuota::cli
