#pragma once

#include <string>
#include <string_view>

#include "server/storage/sha256.hpp"

namespace fuota::server::storage {

/// Names the offer of a content by a device's row: 22 characters of base64url. `assignment` is what
/// tells this row from all others, those that the device had before included. The same two give
/// the same name, whatever else happens.
[[nodiscard]] std::string deployment_of(std::string_view assignment, const Sha256Digest& content);

}  // namespace fuota::server::storage
