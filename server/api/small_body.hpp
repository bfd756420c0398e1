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

/// Whether a body that was read to its end still counts: for an endpoint to which that was some
/// time ago. `body` stays valid until the call completes.
[[nodiscard]] boost::asio::awaitable<bool> still_counts(BodySource* body);

}  // namespace fuota::server::api
