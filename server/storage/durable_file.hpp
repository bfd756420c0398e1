#pragma once

#include <sys/types.h>

#include <filesystem>

#include "server/storage/failure.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::storage {

/// Reads the whole file: digest and length of its content. Follows no link. Uses constant memory.
/// Outcomes: the identity; `not_found`; `unavailable`, also when it is no regular file.
[[nodiscard]] Result<ContentId> identify_file(const std::filesystem::path& file);

/// Copies the content of `from` into the new file `to`, durably but for its name. Follows no link
/// at `from`. Outcomes: success; `not_found` without `from`; `full`; `unavailable`.
[[nodiscard]] Result<void> copy_file(const std::filesystem::path& from,
                                     const std::filesystem::path& to, mode_t mode);

/// Makes a file, or the names in a folder, durable.
[[nodiscard]] Result<void> sync_path(const std::filesystem::path& path);

}  // namespace fuota::server::storage
