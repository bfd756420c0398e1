#include "server/domain/audit.hpp"

#include <gmock/gmock.h>

#include <set>
#include <string>

namespace {

using namespace fuota::server::domain;

TEST(AuditAction, HasANameOfItsOwnThatSaysObjectAndVerb) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(AuditAction::audit_shorten); ++i) {
    const std::string name(name_of(static_cast<AuditAction>(i)));
    EXPECT_THAT(name, testing::MatchesRegex("[a-z_]+\\.[a-z]+"));
    names.insert(name);
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(AuditAction::audit_shorten) + 1);
}

TEST(AuditAction, NamesStandInTheOrderOfTheEnumeration) {
  EXPECT_EQ(name_of(AuditAction::device_put), "device.put");
  EXPECT_EQ(name_of(AuditAction::root_put), "root.put");
  EXPECT_EQ(name_of(AuditAction::fleet_key_remove), "fleet_key.remove");
  EXPECT_EQ(name_of(AuditAction::audit_shorten), "audit.shorten");
}

}  // namespace
