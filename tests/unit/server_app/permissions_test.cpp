// Who may use which route: every kind of caller on every route.

#include "server/app/permissions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace fuota::server::app {
namespace {

using api::Principal;
using api::PrincipalKind;
using domain::Role;

/// The callers in the order of the columns below. The device and the accounts ask for what is
/// called "1".
constexpr std::size_t kCallers = 15;

Principal caller(PrincipalKind kind, std::optional<Role> role, std::string name = "other") {
  Principal principal;
  principal.kind = kind;
  principal.role = role;
  principal.name = std::move(name);
  return principal;
}

std::array<Principal, kCallers> callers() {
  return {caller(PrincipalKind::shared, Role::admin),
          caller(PrincipalKind::shared, std::nullopt),
          caller(PrincipalKind::device, std::nullopt, "1"),
          caller(PrincipalKind::device, std::nullopt),
          caller(PrincipalKind::fleet_key, std::nullopt),
          caller(PrincipalKind::account, Role::viewer),
          caller(PrincipalKind::account, Role::publisher),
          caller(PrincipalKind::account, Role::operator_),
          caller(PrincipalKind::account, Role::admin),
          caller(PrincipalKind::account, Role::viewer, "1"),
          caller(PrincipalKind::api_token, Role::viewer),
          caller(PrincipalKind::api_token, Role::publisher),
          caller(PrincipalKind::api_token, Role::operator_),
          caller(PrincipalKind::api_token, Role::admin),
          caller(PrincipalKind::api_token, Role::viewer, "1")};
}

char letter_of(Verdict verdict) {
  constexpr std::array<char, 3> kLetters = {'+', '-', 'f'};
  return kLetters[static_cast<std::size_t>(verdict)];
}

struct Row {
  const char* method;
  const char* pattern;

  /// Of each caller: '+' allowed, '-' forbidden, 'f' if the device's row names the file. Shared
  /// user (full, devices), device (the one, another), fleet key, accounts (the four roles, the one
  /// itself), API tokens (likewise).
  const char* verdicts;
};

// clang-format off
constexpr std::array kRows = {
    Row{"GET",    "/devices",                      "+- -- - ++++ + ++++ +"},
    Row{"GET",    "/devices/{}",                   "++ +- - ++++ + ++++ +"},
    Row{"PUT",    "/devices/{}",                   "+- -- - --++ - --++ -"},
    Row{"DELETE", "/devices/{}",                   "+- -- - --++ - --++ -"},
    Row{"POST",   "/devices/{}/reports",           "++ +- - ---- - ---- -"},
    Row{"POST",   "/devices/{}/enrolment",         "++ +- + ---- - ---- -"},
    Row{"GET",    "/files/{}",                     "++ ff - ++++ + ++++ +"},
    Row{"PUT",    "/files/{}",                     "+- -- - -+++ - -+++ -"},
    Row{"DELETE", "/files/{}",                     "+- -- - -+++ - -+++ -"},
    Row{"GET",    "/files/{}/manifest",            "+- -- - ++++ + ++++ +"},
    Row{"PUT",    "/files/{}/manifest",            "+- -- - -+++ - -+++ -"},
    Row{"GET",    "/roots/{}",                     "++ ++ - ++++ + ++++ +"},
    Row{"PUT",    "/roots/{}",                     "+- -- - ---+ - ---+ -"},
    Row{"GET",    "/api/v1/devices/{}/history",    "+- -- - ++++ + ++++ +"},
    Row{"GET",    "/api/v1/devices/{}/credential", "+- -- - ++++ + ++++ +"},
    Row{"PUT",    "/api/v1/devices/{}/credential", "+- -- - --++ - --++ -"},
    Row{"DELETE", "/api/v1/devices/{}/credential", "+- -- - --++ - --++ -"},
    Row{"GET",    "/api/v1/whoami",                "++ ++ - ++++ + ++++ +"},
    Row{"GET",    "/api/v1/accounts",              "+- -- - ---+ - ---+ -"},
    Row{"GET",    "/api/v1/accounts/{}",           "+- -- - ---+ + ---+ -"},
    Row{"PUT",    "/api/v1/accounts/{}",           "+- -- - ---+ + ---+ -"},
    Row{"DELETE", "/api/v1/accounts/{}",           "+- -- - ---+ - ---+ -"},
    Row{"GET",    "/api/v1/tokens",                "+- -- - ++++ + ++++ +"},
    Row{"POST",   "/api/v1/tokens",                "+- -- - ++++ + ++++ +"},
    Row{"DELETE", "/api/v1/tokens/{}",             "+- -- - ++++ + ++++ +"},
    Row{"GET",    "/api/v1/fleet-keys",            "+- -- - ---+ - ---+ -"},
    Row{"POST",   "/api/v1/fleet-keys",            "+- -- - ---+ - ---+ -"},
    Row{"DELETE", "/api/v1/fleet-keys/{}",         "+- -- - ---+ - ---+ -"},
    Row{"GET",    "/api/v1/audit",                 "+- -- - ---+ - ---+ -"},
};
// clang-format on

class PermissionRows : public testing::TestWithParam<Row> {};

TEST_P(PermissionRows, SayWhoMayUseTheRoute) {
  const Row& row = GetParam();
  std::string verdicts;
  for (const Principal& principal : callers()) {
    verdicts += letter_of(decide(permission_of(row.method, row.pattern), principal, "1"));
  }
  std::string expected = row.verdicts;
  expected.erase(std::remove(expected.begin(), expected.end(), ' '), expected.end());
  EXPECT_EQ(verdicts, expected);
}

INSTANTIATE_TEST_SUITE_P(Routes, PermissionRows, testing::ValuesIn(kRows));

TEST(Permissions, AreAllLookedAtHere) {
  ASSERT_EQ(permissions().size(), kRows.size());
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    EXPECT_EQ(permissions()[i].method, kRows[i].method);
    EXPECT_EQ(permissions()[i].pattern, kRows[i].pattern);
  }
}

TEST(Permissions, CompareNamesPercentDecoded) {
  const Permission& check = permission_of("GET", "/devices/{}");
  const Principal device = caller(PrincipalKind::device, std::nullopt, "a b/");
  EXPECT_EQ(decide(check, device, "a%20b%2f"), Verdict::allowed);
  EXPECT_EQ(decide(check, device, "a%20b"), Verdict::forbidden);
  EXPECT_EQ(decide(check, device, "a%2"), Verdict::forbidden);
  EXPECT_EQ(decide(check, device, ""), Verdict::forbidden);
}

}  // namespace
}  // namespace fuota::server::app
