#include "server/http/ticket_keys.hpp"

#include <gtest/gtest.h>

namespace fuota::server::http {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr TicketKeys::TimePoint kStart{hours(1000)};

TEST(TicketKeys, MakeTicketsWithOneKeyForAPeriod) {
  TicketKeys keys;
  const auto first = keys.newest(kStart);
  EXPECT_EQ(keys.newest(kStart + kTicketKeyPeriod - minutes(1))->name, first->name);
  EXPECT_NE(keys.newest(kStart + kTicketKeyPeriod)->name, first->name);
}

TEST(TicketKeys, DifferInAllTheirParts) {
  TicketKeys keys;
  const auto first = keys.newest(kStart);
  const auto second = keys.newest(kStart + kTicketKeyPeriod);
  EXPECT_NE(first->name, second->name);
  EXPECT_NE(first->cipher_key, second->cipher_key);
  EXPECT_NE(first->mac_key, second->mac_key);
}

TEST(TicketKeys, FindTheKeyOfATicketUntilItsTicketsHaveRunOut) {
  TicketKeys keys;
  const auto first = keys.newest(kStart);
  const auto at_once = keys.find(first->name, kStart);
  ASSERT_TRUE(at_once.has_value());
  EXPECT_TRUE(at_once->newest);
  EXPECT_EQ(at_once->key.cipher_key, first->cipher_key);

  const auto end = kStart + kTicketKeyPeriod + kTicketLifetime;
  const auto late = keys.find(first->name, end - minutes(1));
  ASSERT_TRUE(late.has_value());
  EXPECT_FALSE(late->newest);
  EXPECT_FALSE(keys.find(first->name, end).has_value());
}

TEST(TicketKeys, KeepNoKeyThatNoTicketNeeds) {
  TicketKeys keys;
  const auto first = keys.newest(kStart);
  const auto end = kStart + kTicketKeyPeriod + kTicketLifetime;
  static_cast<void>(keys.newest(end));
  // Asked about an earlier time, a key that is still there would be found.
  EXPECT_FALSE(keys.find(first->name, kStart).has_value());
}

TEST(TicketKeys, FindNothingForAStrangeName) {
  TicketKeys keys;
  auto name = keys.newest(kStart)->name;
  name[0] ^= 1;
  EXPECT_FALSE(keys.find(name, kStart).has_value());
}

}  // namespace
}  // namespace fuota::server::http
