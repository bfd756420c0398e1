// A library to be preloaded into the server (LD_PRELOAD), together with disk_fault.cpp: the disk
// and the wall clock are as the test says in the memory that it shares (machine_faults.hpp).

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

#include "tests/support/server/machine_faults.hpp"

namespace {

std::atomic<test_support::MachineFaultState*> state{nullptr};

__attribute__((constructor)) void find_state() {
  const char* const file = std::getenv("FUOTA_MACHINE_FAULTS");
  const int fd = file == nullptr ? -1 : ::open(file, O_RDWR | O_CLOEXEC);
  if (fd < 0) std::abort();
  void* const memory = ::mmap(nullptr, sizeof(test_support::MachineFaultState),
                              PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (memory == MAP_FAILED) std::abort();
  state = static_cast<test_support::MachineFaultState*>(memory);
  test_support::disk_fault_state = &state.load()->disk;
}

std::time_t ahead_s() {
  const auto* const known = state.load();
  return known == nullptr ? 0 : static_cast<std::time_t>(known->clock_ahead_s.load());
}

/// The function of this name that would have been called without this library.
template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  static auto* const call = next<int(clockid_t, timespec*)>("clock_gettime");
  const int result = call(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    time->tv_sec += ahead_s();
  }
  return result;
}

int gettimeofday(timeval* time, void* zone) noexcept {
  static auto* const call = next<int(timeval*, void*)>("gettimeofday");
  const int result = call(time, zone);
  if (result == 0) time->tv_sec += ahead_s();
  return result;
}

std::time_t time(std::time_t* time) noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  if (time != nullptr) *time = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"
