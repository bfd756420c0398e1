#pragma once

#include <string>
#include <string_view>

#include "server/domain/history.hpp"

namespace fuota::server::api {

/// A page of the history of device `id` as JSON (docs/protocol.md, "History").
[[nodiscard]] std::string to_json(std::string_view id, const domain::History& history);

}  // namespace fuota::server::api
