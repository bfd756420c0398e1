#pragma once

#include <filesystem>

namespace test_support {

/// What a disk does to those who use it.
enum class DiskTrouble {
  full,            ///< Nothing more can be written: ENOSPC.
  over_quota,      ///< The user's part of it is full: EDQUOT.
  file_too_large,  ///< The system lets no file grow any further: EFBIG.
  read_only,       ///< The file system was remounted after an error: EROFS.
  no_descriptors,  ///< Nothing more can be opened: EMFILE.
  unreadable,      ///< Sectors can't be read: EIO.
};

/// As long as this object lives, what this process does with files in `directory` meets the
/// trouble. One at a time. Works on calls of the C library, in a program that is linked with this.
class DiskFault {
 public:
  DiskFault(const std::filesystem::path& directory, DiskTrouble trouble);
  DiskFault(const DiskFault&) = delete;
  DiskFault& operator=(const DiskFault&) = delete;
  ~DiskFault();
};

}  // namespace test_support
