#include "server/app/certificate_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fuota::server::app {
namespace {

using http::Severity;
using std::chrono::hours;
using std::chrono::system_clock;
using testing::AllOf;
using testing::HasSubstr;

/// 2026-11-23 05:34:24 UTC
const system_clock::time_point kNow = system_clock::from_time_t(1795412064);
constexpr hours kDay{24};

std::optional<ExpiryNotice> notice_with(system_clock::duration left) {
  return notice_of({"/etc/cert.pem", "updates.example.org", kNow + left}, kNow);
}

TEST(ExpiryNotice, IsNotGivenBeforeTheLast30Days) {
  EXPECT_FALSE(notice_with(30 * kDay).has_value());
}

struct Notice {
  system_clock::duration left;
  Severity severity;
  const char* text;
};

class ExpiryNotices : public testing::TestWithParam<Notice> {};

TEST_P(ExpiryNotices, SayWhatEndsWhen) {
  const auto notice = notice_with(GetParam().left);
  ASSERT_TRUE(notice.has_value());
  EXPECT_EQ(notice->severity, GetParam().severity);
  EXPECT_THAT(notice->text,
              AllOf(HasSubstr("/etc/cert.pem (updates.example.org)"), HasSubstr(GetParam().text)));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ExpiryNotices,
    testing::Values(
        Notice{30 * kDay - hours(1), Severity::warning, "valid only until 2026-12-23 04:34 UTC"},
        Notice{7 * kDay, Severity::warning, "valid only until 2026-11-30"},
        Notice{7 * kDay - hours(1), Severity::error, "valid only until 2026-11-30 04:34 UTC"},
        Notice{hours(0), Severity::error, "has ended on 2026-11-23 05:34 UTC"},
        Notice{-kDay, Severity::error, "has ended on 2026-11-22"}));

}  // namespace
}  // namespace fuota::server::app
