#include "server/api/principal.hpp"

#include <array>

namespace fuota::server::api {
namespace {

struct KindNames {
  std::string_view name;
  std::string_view audit;  ///< In the audit log, which has people and tokens in short.
};

/// In the order of the enumeration.
constexpr std::array<KindNames, 5> kKinds = {{{"shared", "shared"},
                                              {"device", "device"},
                                              {"fleet_key", "fleet_key"},
                                              {"account", "user"},
                                              {"api_token", "token"}}};
static_assert(kKinds.size() == static_cast<std::size_t>(PrincipalKind::api_token) + 1);

}  // namespace

std::string_view name_of(PrincipalKind kind) {
  return kKinds[static_cast<std::size_t>(kind)].name;
}

std::string audit_name_of(const Principal& principal) {
  return std::string(kKinds[static_cast<std::size_t>(principal.kind)].audit) + ":" + principal.name;
}

}  // namespace fuota::server::api
