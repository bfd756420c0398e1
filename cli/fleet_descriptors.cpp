#include "cli/fleet_descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <string>

namespace fuota::cli {

Result<void> allow_descriptors(std::uint64_t needed) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= needed) return {};
  // The hard limit is raised too, where that is allowed: to root.
  rlimit wanted{needed, std::max<rlim_t>(limit.rlim_max, needed)};
  if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0) return {};
  return Failure{std::to_string(needed) + " file descriptors are needed, and " +
                 std::to_string(limit.rlim_max) + " allowed: run `ulimit -n " +
                 std::to_string(needed) +
                 "` as root before, raise the limit in /etc/security/limits.conf, or simulate fewer"
                 " devices"};
}

}  // namespace fuota::cli
