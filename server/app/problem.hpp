#pragma once

#include "server/http/response.hpp"

namespace fuota::server::app {

/// For a response of 400 or above whose body is one line of text: the same with that line in a
/// problem document (RFC 9457). Any other response as it is.
[[nodiscard]] http::Response as_problem(http::Response response);

}  // namespace fuota::server::app
