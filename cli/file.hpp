#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "cli/failure.hpp"

namespace fuota::cli {

/// All of a file of at most `bytes_max` bytes. Blocks while the disk works.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path,
                                            std::size_t bytes_max);

/// Writes a file that only its owner may read and that must not be there yet, durably. Nothing of
/// it stays when it can't be written whole.
[[nodiscard]] Result<void> write_new_secret(const std::filesystem::path& path,
                                            std::string_view content);

/// Writes a file, or replaces it at one instant: who reads it sees the old or the new content.
[[nodiscard]] Result<void> replace_file(const std::filesystem::path& path,
                                        std::string_view content);

}  // namespace fuota::cli
