#include "tests/support/server/machine_faults.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <stdexcept>

namespace test_support {

MachineFaults::MachineFaults(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ::ftruncate(fd, sizeof(MachineFaultState)) != 0) {
    throw std::runtime_error("create " + file.string());
  }
  void* const memory =
      ::mmap(nullptr, sizeof(MachineFaultState), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (memory == MAP_FAILED) throw std::runtime_error("mmap " + file.string());
  state_ = new (memory) MachineFaultState;
}

MachineFaults::~MachineFaults() {
  ::munmap(state_, sizeof(MachineFaultState));
}

void MachineFaults::make_read_only(const std::filesystem::path& directory) {
  state_->disk.begin(directory, DiskTrouble::read_only);
}

void MachineFaults::make_writable() {
  state_->disk.end();
}

void MachineFaults::set_clock_ahead(std::chrono::seconds time) {
  state_->clock_ahead_s = time.count();
}

}  // namespace test_support
