#include "server/app/permissions.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include "fuota_protocol/percent.hpp"

namespace fuota::server::app {
namespace {

using api::PrincipalKind;
using domain::Role;

constexpr auto kNoRole = std::nullopt;
constexpr auto kNone = DeviceScope::nothing;

// clang-format off
constexpr std::array kPermissions = {
    //         method    pattern                            role             device                 fleet  own account
    Permission{"GET",    "/devices",                        Role::viewer,    kNone,                 false, false},
    Permission{"GET",    "/devices/{}",                     Role::viewer,    DeviceScope::own,      false, false},
    Permission{"PUT",    "/devices/{}",                     Role::operator_, kNone,                 false, false},
    Permission{"DELETE", "/devices/{}",                     Role::operator_, kNone,                 false, false},
    Permission{"POST",   "/devices/{}/reports",             kNoRole,         DeviceScope::own,      false, false},
    Permission{"POST",   "/devices/{}/enrolment",           kNoRole,         DeviceScope::own,      true,  false},
    Permission{"GET",    "/files/{}",                       Role::viewer,    DeviceScope::own_file, false, false},
    Permission{"PUT",    "/files/{}",                       Role::publisher, kNone,                 false, false},
    Permission{"DELETE", "/files/{}",                       Role::publisher, kNone,                 false, false},
    Permission{"GET",    "/files/{}/manifest",              Role::viewer,    kNone,                 false, false},
    Permission{"PUT",    "/files/{}/manifest",              Role::publisher, kNone,                 false, false},
    Permission{"GET",    "/roots/{}",                       Role::viewer,    DeviceScope::any,      false, false},
    Permission{"PUT",    "/roots/{}",                       Role::admin,     kNone,                 false, false},
    Permission{"GET",    "/api/v1/devices/{}/history",      Role::viewer,    kNone,                 false, false},
    Permission{"GET",    "/api/v1/devices/{}/credential",   Role::viewer,    kNone,                 false, false},
    Permission{"PUT",    "/api/v1/devices/{}/credential",   Role::operator_, kNone,                 false, false},
    Permission{"DELETE", "/api/v1/devices/{}/credential",   Role::operator_, kNone,                 false, false},
    Permission{"GET",    "/api/v1/whoami",                  Role::viewer,    DeviceScope::any,      false, false},
    Permission{"GET",    "/api/v1/accounts",                Role::admin,     kNone,                 false, false},
    Permission{"GET",    "/api/v1/accounts/{}",             Role::admin,     kNone,                 false, true},
    Permission{"PUT",    "/api/v1/accounts/{}",             Role::admin,     kNone,                 false, true},
    Permission{"DELETE", "/api/v1/accounts/{}",             Role::admin,     kNone,                 false, false},
    Permission{"GET",    "/api/v1/tokens",                  Role::viewer,    kNone,                 false, false},
    Permission{"POST",   "/api/v1/tokens",                  Role::viewer,    kNone,                 false, false},
    Permission{"DELETE", "/api/v1/tokens/{}",               Role::viewer,    kNone,                 false, false},
    Permission{"GET",    "/api/v1/fleet-keys",              Role::admin,     kNone,                 false, false},
    Permission{"POST",   "/api/v1/fleet-keys",              Role::admin,     kNone,                 false, false},
    Permission{"DELETE", "/api/v1/fleet-keys/{}",           Role::admin,     kNone,                 false, false},
    Permission{"GET",    "/api/v1/audit",                   Role::admin,     kNone,                 false, false},
};
// clang-format on

/// Whether `segment`, percent-decoded, is `name`.
bool names(std::string_view segment, const std::string& name) {
  // Most names need no escape, and a check must not cost an allocation for it.
  if (segment.find('%') == std::string_view::npos) return segment == name;
  std::string decoded(segment.size(), '\0');
  const auto bytes = protocol::percent_decode(segment, decoded.data(), decoded.size());
  return bytes && std::string_view(decoded).substr(0, *bytes) == name;
}

Verdict verdict_if(bool allowed) {
  return allowed ? Verdict::allowed : Verdict::forbidden;
}

Verdict decide_device(DeviceScope scope, const api::Principal& device, std::string_view argument) {
  switch (scope) {
    case DeviceScope::nothing:
      return Verdict::forbidden;
    case DeviceScope::own:
      return verdict_if(names(argument, device.name));
    case DeviceScope::own_file:
      return Verdict::own_file_only;
    case DeviceScope::any:
      break;
  }
  return Verdict::allowed;
}

}  // namespace

std::span<const Permission> permissions() {
  return kPermissions;
}

const Permission& permission_of(std::string_view method, std::string_view pattern) {
  const auto found = std::find_if(
      kPermissions.begin(), kPermissions.end(),
      [&](const Permission& row) { return row.method == method && row.pattern == pattern; });
  if (found == kPermissions.end()) {
    throw std::logic_error("a route without a permission: " + std::string(pattern));
  }
  return *found;
}

Verdict decide(const Permission& permission, const api::Principal& principal,
               std::string_view argument) {
  const bool by_role =
      principal.role && permission.role && domain::covers(*principal.role, *permission.role);
  switch (principal.kind) {
    case PrincipalKind::shared:
      return verdict_if(by_role || permission.device != DeviceScope::nothing);
    case PrincipalKind::device:
      return decide_device(permission.device, principal, argument);
    case PrincipalKind::fleet_key:
      return verdict_if(permission.fleet_key);
    case PrincipalKind::account:
      return verdict_if(by_role || (permission.own_account && names(argument, principal.name)));
    case PrincipalKind::api_token:
      break;
  }
  return verdict_if(by_role);
}

}  // namespace fuota::server::app
