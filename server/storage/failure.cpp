#include "server/storage/failure.hpp"

#include <cerrno>
#include <system_error>

namespace fuota::server::storage {

Failure failure_from_errno(const std::string& what) {
  const int code = errno;
  const bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;
  return Failure{full ? StoreError::full : StoreError::unavailable,
                 what + ": " + std::generic_category().message(code)};
}

}  // namespace fuota::server::storage
