#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <optional>
#include <string>

#include "server/api/answer.hpp"

namespace fuota::server::api {

/// Reads a body of at most `bytes_max` bytes; a longer one is cut behind the byte that is too many.
/// Nothing when it doesn't come whole. `body` stays valid until the call completes.
[[nodiscard]] boost::asio::awaitable<std::optional<std::string>> read_small_body(
    BodySource* body, std::size_t bytes_max);

}  // namespace fuota::server::api
