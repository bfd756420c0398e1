#pragma once

#include <strings.h>

#include <string_view>

namespace simulator::net {

/// For the names of headers and schemes.
inline bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace simulator::net
