#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/failure.hpp"

namespace fuota::cli {

struct NewRootOptions {
  std::uint32_t version = 0;
  std::size_t threshold = 0;
  std::vector<std::string> trusted_keys;  ///< as for `read_public_key`
  std::string key;
  std::string out;  ///< empty: "root.<version>.json"
};

/// Makes a root document and signs it; or adds a signature to the file that is there, which must be
/// that root document. Returns what is to be printed.
[[nodiscard]] Result<std::string> sign_new_root(const NewRootOptions& options);

struct SignRootOptions {
  std::string document;
  std::string key;
};

/// Adds a signature to a root document. Returns what is to be printed.
[[nodiscard]] Result<std::string> sign_present_root(const SignRootOptions& options);

struct VerifyRootOptions {
  std::string document;
  std::vector<std::string> keys;  ///< the current ones, as for `read_public_key`
  std::size_t threshold = 1;
  std::uint32_t version = 0;  ///< the current one; 0: no root document yet
};

/// Verifies that a device with the current keys takes the root document: by the rule that the
/// device itself goes by. Returns what is to be printed.
[[nodiscard]] Result<std::string> verify_root_file(const VerifyRootOptions& options);

struct ShowRootOptions {
  std::string document;
};

/// What a root document says, and whose signatures it has. Returns what is to be printed.
[[nodiscard]] Result<std::string> show_root(const ShowRootOptions& options);

}  // namespace fuota::cli
