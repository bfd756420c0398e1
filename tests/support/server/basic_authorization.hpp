#pragma once

#include <string>
#include <string_view>

namespace test_support {

/// The value of an Authorization field with these credentials (HTTP Basic).
[[nodiscard]] std::string basic_authorization(std::string_view username, std::string_view password);

}  // namespace test_support
