// What becomes of those who wait for a password to be verified or hashed when the thread for that
// finds no memory: they are told, and the process lives.

#include <gtest/gtest.h>

#include "server/api/password_verifier.hpp"
#include "tests/support/server/memory_fault.hpp"
#include "tests/support/server/run_awaitable.hpp"

namespace fuota::server::api {
namespace {

using test_support::run_awaitable;
using test_support::try_at_each_allocation;

TEST(PasswordMemoryFaults, OfAVerificationAreTold) {
  PasswordVerifier verifier;
  const std::string hash = run_awaitable(verifier.hash("correct horse"));
  PasswordVerdict last = PasswordVerdict::failed;
  EXPECT_TRUE(try_at_each_allocation([&](int) {
    last = run_awaitable(verifier.verify(0, hash, "correct horse", Waiter::familiar));
    EXPECT_TRUE(last == PasswordVerdict::right || last == PasswordVerdict::failed);
  }));
  EXPECT_EQ(last, PasswordVerdict::right);
}

TEST(PasswordMemoryFaults, OfANewHashAreTold) {
  PasswordVerifier verifier;
  std::string hash;
  EXPECT_TRUE(
      try_at_each_allocation([&](int) { hash = run_awaitable(verifier.hash("correct horse")); }));
  EXPECT_EQ(verify_password(hash, "correct horse"), PasswordVerdict::right);
}

}  // namespace
}  // namespace fuota::server::api
