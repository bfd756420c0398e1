#include "server/http/openssl_reason.hpp"

#include <openssl/err.h>

namespace fuota::server::http {

std::string take_openssl_reason() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

}  // namespace fuota::server::http
