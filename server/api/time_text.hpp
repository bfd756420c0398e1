#pragma once

#include <string>

#include "server/domain/running.hpp"

namespace fuota::server::api {

/// RFC 3339, UTC: "2026-11-23T05:34:24Z".
[[nodiscard]] std::string to_text(domain::Time time);

}  // namespace fuota::server::api
