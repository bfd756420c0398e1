#pragma once

#include <string>

namespace fuota::server::http {

/// Why OpenSSL has failed last on this thread, in its words; forgets it.
[[nodiscard]] std::string take_openssl_reason();

}  // namespace fuota::server::http
