#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "server/storage/failure.hpp"

namespace fuota::server::storage {

/// What was removed from a data directory.
struct Garbage {
  std::vector<std::string> removed;  ///< Paths within the directory, in byte order.
  std::uint64_t bytes = 0;
};

/// Removes the blobs that belong to no file, and what is left of uploads that were broken off.
/// Files that are none of fuota's stay. The caller makes sure that no server works on the
/// directory. Outcomes: what was removed; `not_found`, `unavailable`, and then nothing more was
/// removed than what is of no use.
[[nodiscard]] Result<Garbage> remove_garbage(const std::filesystem::path& directory);

}  // namespace fuota::server::storage
