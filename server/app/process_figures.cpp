#include "server/app/process_figures.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>

namespace fuota::server::app {
namespace {

struct CloseDirectory {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

std::uint64_t count_open_descriptors() {
  const std::unique_ptr<DIR, CloseDirectory> stream(::opendir("/proc/self/fd"));
  if (!stream) return 0;
  std::uint64_t entries = 0;
  while (::readdir(stream.get()) != nullptr) ++entries;
  // ".", ".." and the stream's own.
  return entries - 3;
}

double to_seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

/// The fields of /proc/self/stat behind the program's name (proc(5)).
void read_stat(ProcessFigures& figures) {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return;
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  // The first field here is the third of the file, "state".
  for (int field = 3; field < 20; ++field) fields >> skipped;
  std::int64_t resident_pages = 0;
  fields >> figures.threads >> skipped >> skipped >> figures.virtual_bytes >> resident_pages;
  figures.resident_bytes = static_cast<std::uint64_t>(resident_pages) *
                           static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

ProcessFigures read_process_figures() {
  ProcessFigures figures;
  read_stat(figures);
  figures.open_descriptors = count_open_descriptors();
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    figures.cpu_seconds = to_seconds(usage.ru_utime) + to_seconds(usage.ru_stime);
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) figures.descriptors_max = limit.rlim_cur;
  return figures;
}

}  // namespace fuota::server::app
