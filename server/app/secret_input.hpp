#pragma once

#include <string>

#include "server/app/failure.hpp"

namespace fuota::server::app {

/// A new password from who sits at standard input: from a terminal twice and without being shown,
/// otherwise its first line. Blocks until it comes. Outcomes: a password that is acceptable
/// (api::is_acceptable_password), or why there is none.
[[nodiscard]] Result<std::string> read_new_password();

}  // namespace fuota::server::app
