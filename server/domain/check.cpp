#include "server/domain/check.hpp"

namespace fuota::server::domain {

CheckOutcome decide_check(const CheckFacts& facts, std::string_view reported_version,
                          const std::optional<ContentDigest>& running_image) {
  if (!facts.device) return CheckOutcome::unknown_device;
  if (facts.device->version != reported_version) return CheckOutcome::nothing;
  if (!facts.file) return CheckOutcome::missing_file;
  return running_image == facts.file->sha256 ? CheckOutcome::nothing : CheckOutcome::offer;
}

}  // namespace fuota::server::domain
