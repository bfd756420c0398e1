#pragma once

#include <string>

#include "cli/failure.hpp"
#include "cli/release_key.hpp"

namespace fuota::cli {

struct NewKeyOptions {
  std::string out;
};

/// Makes a release key and writes it, for its owner alone; never over another file. Returns what is
/// to be printed.
[[nodiscard]] Result<std::string> new_key(const NewKeyOptions& options);

struct PublicKeyOptions {
  std::string key;
  bool pem = false;
};

/// The public key of a release key: the line that devices are given and, on a second line, the
/// key's id; or in PEM.
[[nodiscard]] Result<std::string> public_key(const PublicKeyOptions& options);

/// Reads a release key from its file.
[[nodiscard]] Result<ReleaseKey> read_release_key(const std::string& path);

}  // namespace fuota::cli
