#pragma once

#include <boost/system/result.hpp>
#include <string>

namespace fuota::server::storage {

/// Why a call of the store gave no result.
enum class StoreError {
  not_found,      ///< There is no such thing: device, file, document, account, key.
  other_content,  ///< What is there has another content than the one that was meant.
  out_of_order,   ///< What must come before it isn't there yet.
  in_use,         ///< What is there forbids it: a row that points at the file, another token.
  full,           ///< There is no room for the data: disk or quota full.
  unavailable,    ///< The storage failed; the data is as it was before the call.
};

/// An error code for the program and its cause for the log: it names files and system errors, and
/// is not meant for clients.
struct Failure {
  StoreError code = StoreError::unavailable;
  std::string detail;
};

template <typename T>
using Result = boost::system::result<T, Failure>;

/// The failure for want of memory. Takes none.
[[nodiscard]] Failure out_of_memory() noexcept;

/// The same outcome for one more whom it concerns; without its detail where there is no memory for
/// that.
[[nodiscard]] Result<void> copy_of(const Result<void>& outcome) noexcept;

/// Whether a system call that has set `errno` to `code` says that there is no room: disk or quota
/// full, or the file as large as it may be.
[[nodiscard]] bool means_full(int code);

/// The failure of the system call that has just set `errno`: `full` where that says so, else
/// `unavailable`. `what` names the operation and its object.
[[nodiscard]] Failure failure_from_errno(const std::string& what);

}  // namespace fuota::server::storage
