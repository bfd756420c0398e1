#include "server/storage/failure.hpp"

#include <cerrno>
#include <system_error>

namespace fuota::server::storage {

bool means_full(int code) {
  return code == ENOSPC || code == EDQUOT || code == EFBIG;
}

Failure failure_from_errno(const std::string& what) {
  const int code = errno;
  return Failure{means_full(code) ? StoreError::full : StoreError::unavailable,
                 what + ": " + std::generic_category().message(code)};
}

}  // namespace fuota::server::storage
