#pragma once

#include <string_view>

namespace simulator::kernel {

/// Ends the process with "<function>: <what>" on stderr. For calls that would fail an assertion or
/// corrupt memory on the chip: a test must see them at once, and never as a restart that the
/// device survives.
[[noreturn]] void misuse(std::string_view function, std::string_view what);

}  // namespace simulator::kernel
