#include "server/domain/access.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace {

using namespace fuota::server::domain;
using std::chrono::seconds;

TEST(Role, IsWrittenAndReadAsTheSameWord) {
  for (const auto& [role, name] : {std::pair{Role::viewer, "viewer"},
                                   {Role::publisher, "publisher"},
                                   {Role::operator_, "operator"},
                                   {Role::admin, "admin"}}) {
    EXPECT_EQ(name_of(role), name);
    EXPECT_EQ(parse_role(name), role);
  }
}

TEST(Role, IsNoOtherWord) {
  for (const char* name : {"", "Admin", "operator_", "root", "viewer "}) {
    EXPECT_EQ(parse_role(name), std::nullopt) << name;
  }
}

TEST(Role, CoversItselfAndTheOnesBeforeIt) {
  EXPECT_TRUE(covers(Role::admin, Role::viewer));
  EXPECT_TRUE(covers(Role::publisher, Role::publisher));
  EXPECT_FALSE(covers(Role::publisher, Role::operator_));
}

constexpr Time kNow{seconds(1'000)};

struct KeyCase {
  const char* description;
  std::optional<Time> expires;
  std::uint64_t enrolments;
  std::optional<std::uint64_t> enrolments_max;
  bool usable;
};

TEST(FleetKey, IsUsableBeforeItExpiresAndUntilItIsUsedUp) {
  for (const KeyCase& row : {
           KeyCase{"without limits", {}, 1'000'000, {}, true},
           KeyCase{"the second before it expires", kNow + seconds(1), 0, {}, true},
           KeyCase{"the second in which it expires", kNow, 0, {}, false},
           KeyCase{"one enrolment is left", {}, 4, 5, true},
           KeyCase{"none is left", {}, 5, 5, false},
           KeyCase{"made for none", {}, 0, 0, false},
       }) {
    FleetKey key;
    key.expires = row.expires;
    key.enrolments = row.enrolments;
    key.enrolments_max = row.enrolments_max;
    EXPECT_EQ(is_usable(key, kNow), row.usable) << row.description;
  }
}

}  // namespace
