#include "server/domain/check.hpp"

namespace fuota::server::domain {

CheckOutcome decide_check(const CheckFacts& facts, std::string_view reported_version) {
  if (!facts.device) return CheckOutcome::unknown_device;
  if (facts.device->version != reported_version) return CheckOutcome::nothing;
  return facts.file_exists ? CheckOutcome::offer : CheckOutcome::missing_file;
}

}  // namespace fuota::server::domain
