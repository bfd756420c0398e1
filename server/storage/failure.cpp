#include "server/storage/failure.hpp"

#include <cerrno>
#include <new>
#include <system_error>

namespace fuota::server::storage {

Failure out_of_memory() noexcept {
  // Short enough for the string itself.
  return Failure{StoreError::unavailable, "out of memory"};
}

Result<void> copy_of(const Result<void>& outcome) noexcept {
  try {
    return outcome;
  } catch (const std::bad_alloc&) {
    Failure failure = out_of_memory();
    failure.code = outcome.error().code;
    return failure;
  }
}

bool means_full(int code) {
  return code == ENOSPC || code == EDQUOT || code == EFBIG;
}

Failure failure_from_errno(const std::string& what) {
  const int code = errno;
  return Failure{means_full(code) ? StoreError::full : StoreError::unavailable,
                 what + ": " + std::generic_category().message(code)};
}

}  // namespace fuota::server::storage
