#pragma once

#include <string>

namespace simulator::boot {

/// As printf formats it.
[[gnu::format(printf, 1, 2)]] [[nodiscard]] std::string text(const char* format, ...);

}  // namespace simulator::boot
