#pragma once

#include <atomic>
#include <climits>
#include <filesystem>
#include <string>

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

/// What calls of the C library meet, where this library is linked or preloaded: what is done with
/// files in a directory meets a trouble. May lie in memory that processes share.
struct DiskFaultState {
  static constexpr int kNone = -1;

  std::atomic<int> trouble{kNone};  ///< A DiskTrouble.
  char directory[PATH_MAX] = {};    ///< Written while there is none.

  void begin(const std::filesystem::path& where, DiskTrouble what) {
    where.string().copy(directory, sizeof(directory) - 1);
    trouble = static_cast<int>(what);
  }
  void end() { trouble = kNone; }
};

/// The state that calls of this process obey.
extern std::atomic<DiskFaultState*> disk_fault_state;

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
