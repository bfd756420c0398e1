#pragma once

#include <functional>

#include "server/domain/running.hpp"

namespace fuota::server::api {

/// What time it is. Called from any thread, blocks for nothing.
using Clock = std::function<domain::Time()>;

}  // namespace fuota::server::api
