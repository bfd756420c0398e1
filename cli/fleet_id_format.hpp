#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/failure.hpp"

namespace fuota::cli {

/// How the devices of a fleet are named: a text with a number in it.
class IdFormat {
 public:
  static constexpr unsigned kDigitsMax = 18;

  /// `text` has exactly one `%0Nd` (N from 1 to 18) and no other '%', and gives valid device ids.
  [[nodiscard]] static Result<IdFormat> parse(std::string_view text);

  /// The id of a device; a number with more digits than N is written whole.
  [[nodiscard]] std::string id(std::uint64_t number) const;

 private:
  IdFormat(std::string_view before, std::string_view after, unsigned digits)
      : before_(before), after_(after), digits_(digits) {}

  std::string before_;
  std::string after_;
  unsigned digits_;
};

}  // namespace fuota::cli
