#include "server/api/principal.hpp"

#include <array>
#include <string_view>

namespace fuota::server::api {
namespace {

/// In the order of the enumeration.
constexpr std::array<std::string_view, 5> kKinds = {
    "shared:", "device:", "fleet_key:", "user:", "token:"};
static_assert(kKinds.size() == static_cast<std::size_t>(PrincipalKind::api_token) + 1);

}  // namespace

std::string audit_name_of(const Principal& principal) {
  return std::string(kKinds[static_cast<std::size_t>(principal.kind)]) + principal.name;
}

}  // namespace fuota::server::api
