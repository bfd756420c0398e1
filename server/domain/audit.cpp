#include "server/domain/audit.hpp"

#include <array>
#include <chrono>
#include <ctime>

namespace fuota::server::domain {
namespace {

/// In the order of the enumeration.
constexpr std::array<std::string_view, 18> kNames = {
    "device.put",       "device.remove",     "file.put",         "file.remove",
    "manifest.put",     "root.put",          "account.put",      "account.remove",
    "token.put",        "token.remove",      "fleet_key.put",    "fleet_key.remove",
    "credential.put",   "credential.remove", "credential.block", "credential.unblock",
    "credential.enrol", "audit.shorten",
};
static_assert(kNames.size() == static_cast<std::size_t>(AuditAction::audit_shorten) + 1);

}  // namespace

std::string_view name_of(AuditAction action) {
  return kNames[static_cast<std::size_t>(action)];
}

std::string audit_detail(const Device& device) {
  return "version " + device.version + ", file " + device.file;
}

std::string audit_detail(const Account& created) {
  return "created with role " + std::string(name_of(created.role));
}

std::string audit_detail(const ApiToken& token) {
  return "owner " + token.owner + ", role " + std::string(name_of(token.role)) + ", label " +
         token.label;
}

std::string audit_detail(const FleetKey& key) {
  const std::string count =
      key.enrolments_max ? std::to_string(*key.enrolments_max) : std::string("any number of");
  return "for " + count + " enrolments, label " + key.label;
}

std::string audit_detail(const Account& before, const AccountChange& wanted) {
  std::string detail;
  if (wanted.role && *wanted.role != before.role) {
    detail =
        "role " + std::string(name_of(before.role)) + " -> " + std::string(name_of(*wanted.role));
  }
  if (wanted.password_hash && *wanted.password_hash != before.password_hash) {
    detail += detail.empty() ? "password set" : ", password set";
  }
  return detail;
}

std::string shortened_detail(std::size_t removed, Time kept_from) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(kept_from);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t bytes = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return "removed " + std::to_string(removed) + " entries from before " +
         std::string(text.data(), bytes);
}

}  // namespace fuota::server::domain
