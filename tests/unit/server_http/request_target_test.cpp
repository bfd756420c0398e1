#include "server/http/request_target.hpp"

#include <gtest/gtest.h>

namespace fuota::server::http {
namespace {

struct Row {
  const char* fact;
  std::string_view target;
  std::string_view path;  ///< Empty: refused.
  std::optional<std::string_view> query;
};

class SplitTarget : public testing::TestWithParam<Row> {};

TEST_P(SplitTarget, FollowsRfc9112) {
  const Row& row = GetParam();
  const auto target = split_target(row.target);
  ASSERT_EQ(target.has_value(), !row.path.empty());
  if (!target) return;
  EXPECT_EQ(target->path, row.path);
  EXPECT_EQ(target->query, row.query);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, SplitTarget,
    testing::Values(Row{"APath", "/devices", "/devices", std::nullopt},
                    Row{"APathAndAQuery", "/devices/1?app_ver=2", "/devices/1", "app_ver=2"},
                    Row{"AnEmptyQueryIsAQuery", "/devices/1?", "/devices/1", ""},
                    Row{"OnlyTheFirstMarkSplits", "/a?b?c", "/a", "b?c"},
                    Row{"AnAbsoluteTargetLosesItsHost", "https://host:1/devices?x", "/devices",
                        "x"},
                    Row{"AnAbsoluteTargetWithoutAPath", "https://host", "/", std::nullopt},
                    Row{"NothingIsDecoded", "/a%2Fb", "/a%2Fb", std::nullopt},
                    Row{"AnAsteriskIsRefused", "*", "", std::nullopt},
                    Row{"AnAuthorityIsRefused", "host:443", "", std::nullopt},
                    Row{"ARelativePathIsRefused", "devices", "", std::nullopt},
                    Row{"AnotherSchemeIsRefused", "file:///etc/passwd", "", std::nullopt}),
    [](const auto& row) { return row.param.fact; });

}  // namespace
}  // namespace fuota::server::http
