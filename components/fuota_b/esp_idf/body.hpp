#pragma once

#include <cstddef>

#include "http_connection.hpp"

namespace fuota::update {

/// Reads the whole body of an answer, 1 to `capacity` bytes. `updated` when it is there;
/// `bad_answer` when it has another length; `short_read` or `too_slow`.
[[nodiscard]] Code read_body(HttpConnection& connection, char* out, std::size_t capacity,
                             std::size_t* length);

}  // namespace fuota::update
