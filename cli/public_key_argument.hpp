#pragma once

#include <string>

#include "cli/failure.hpp"
#include "fuota_protocol/public_key.hpp"

namespace fuota::cli {

/// The public key that a command's argument means: the line that "fuota key public" prints, or the
/// name of a file that holds that line or the key in PEM.
[[nodiscard]] Result<protocol::NamedKey> read_public_key(const std::string& argument);

}  // namespace fuota::cli
