#pragma once

#include <string>

#include "server/domain/running.hpp"

namespace fuota::server::domain {

/// The last time that a device asked.
struct Contact {
  std::string device;
  Time at;
  std::string version;  ///< The one that the device said it runs.
  std::string address;  ///< Where it asked from, without a port.

  friend bool operator==(const Contact&, const Contact&) = default;
};

}  // namespace fuota::server::domain
