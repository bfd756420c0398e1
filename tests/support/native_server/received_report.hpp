#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fuota::test {

/// A report of a device (docs/protocol.md) as it came, and what identifies it.
struct ReceivedReport {
  std::string device;
  std::string stream;
  std::uint64_t sequence = 0;
  std::string state;
  std::string deployment;
  std::string version;
  std::string image;
  std::string code;        ///< empty when there is none
  bool is_repeat = false;  ///< the same stream and sequence came before
  std::string body;
};

/// Nothing when it breaks a rule of reports. `device` and `is_repeat` are left alone.
[[nodiscard]] std::optional<ReceivedReport> read_report(std::string_view body);

}  // namespace fuota::test
