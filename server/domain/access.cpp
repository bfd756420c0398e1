#include "server/domain/access.hpp"

#include <array>

namespace fuota::server::domain {
namespace {

struct Row {
  Role role;
  std::string_view name;
};

constexpr std::array<Row, 4> kRoles = {{
    {Role::viewer, "viewer"},
    {Role::publisher, "publisher"},
    {Role::operator_, "operator"},
    {Role::admin, "admin"},
}};

}  // namespace

std::string_view name_of(Role role) {
  for (const Row& row : kRoles) {
    if (row.role == role) return row.name;
  }
  return {};
}

std::optional<Role> parse_role(std::string_view name) {
  for (const Row& row : kRoles) {
    if (row.name == name) return row.role;
  }
  return std::nullopt;
}

bool is_usable(const FleetKey& key, Time now) {
  if (key.expires && now >= *key.expires) return false;
  return !key.enrolments_max || key.enrolments < *key.enrolments_max;
}

}  // namespace fuota::server::domain
