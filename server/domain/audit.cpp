#include "server/domain/audit.hpp"

#include <array>

namespace fuota::server::domain {
namespace {

/// In the order of the enumeration.
constexpr std::array<std::string_view, 17> kNames = {
    "device.put",       "device.remove",     "file.put",         "file.remove",
    "manifest.put",     "root.put",          "account.put",      "account.remove",
    "token.put",        "token.remove",      "fleet_key.put",    "fleet_key.remove",
    "credential.put",   "credential.remove", "credential.block", "credential.unblock",
    "credential.enrol",
};
static_assert(kNames.size() == static_cast<std::size_t>(AuditAction::credential_enrol) + 1);

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

}  // namespace fuota::server::domain
