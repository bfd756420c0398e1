#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "server/storage/failure.hpp"

namespace fuota::server::storage {

/// What was found in a data directory.
struct Examination {
  int schema_version = 0;
  std::uint64_t blobs = 0;             ///< That files have.
  std::uint64_t bytes = 0;             ///< Of them.
  std::vector<std::string> damages;    ///< A line each: what is lost or wrong, and what to do.
  std::vector<std::string> leftovers;  ///< A line each: what takes room and is of no use.
};

/// Looks at everything in the data directory: the database's structure, the contents that files
/// have, and what else lies there. Reads all of it, changes nothing, and may be called while a
/// server works on it; what is still arriving is then none of the leftovers: `held` says so.
/// Outcomes: what was found; `not_found` and `unavailable` when there is nothing that could be
/// looked at, with the reason.
[[nodiscard]] Result<Examination> examine(const std::filesystem::path& directory, bool held);

}  // namespace fuota::server::storage
