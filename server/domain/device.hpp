#pragma once

#include <string>

namespace fuota::server::domain {

/// What the operator has said about one device: when the device `id` reports that it runs
/// `version`, it shall be offered `file`. The three are valid names (docs/protocol.md, "Names");
/// whoever takes them from outside has checked that.
struct Device {
  std::string id;
  std::string version;
  std::string file;

  friend bool operator==(const Device&, const Device&) = default;
};

}  // namespace fuota::server::domain
