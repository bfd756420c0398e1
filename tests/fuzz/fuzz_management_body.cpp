#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>

#include "server/api/json_members.hpp"
#include "tests/fuzz/expect.hpp"

using namespace fuota::server::api;
namespace json = boost::json;

namespace {

constexpr std::string_view kKnown[] = {"a", "role", "password", "expires_in_s", "blocked"};
constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

bool is_known(std::string_view name) {
  return std::find(std::begin(kKnown), std::end(kKnown), name) != std::end(kKnown);
}

/// Whether `document` is what a body may be, but for members that stand in it twice.
bool may_be_body(const json::value& document) {
  if (!document.is_object()) return false;
  return std::ranges::all_of(document.as_object(), [](const auto& member) {
    return is_known(member.key()) && !member.value().is_structured();
  });
}

/// Each member reads as the value of `object`, and as nothing else.
void expect_same(const JsonMembers& members, const json::object& object) {
  for (const std::string_view name : kKnown) {
    const json::value* const value = object.if_contains(name);
    const bool there = value != nullptr && !value->is_null();
    FUZZ_EXPECT(members.has(name) == there);
    const auto text = members.text(name);
    const auto flag = members.flag(name);
    const auto number = members.number(name, 0, kMost);
    if (!there) {
      FUZZ_EXPECT(text && !*text && flag && !*flag && number && !*number);
      continue;
    }
    FUZZ_EXPECT(text.has_value() == value->is_string());
    if (text) FUZZ_EXPECT(**text == std::string_view(value->as_string()));
    FUZZ_EXPECT(flag.has_value() == value->is_bool());
    if (flag) FUZZ_EXPECT(**flag == value->as_bool());
    const bool whole = value->is_uint64() || (value->is_int64() && value->as_int64() >= 0);
    FUZZ_EXPECT(number.has_value() == whole);
    if (number) FUZZ_EXPECT(**number == value->to_number<std::uint64_t>());
  }
}

}  // namespace

/// What is read of a body is what a reader of whole documents finds in it; members that stand twice
/// are refused, and why is said in one line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  const std::string_view text(reinterpret_cast<const char*>(data),
                              std::min(bytes, kManagementBodyBytesMax));
  const auto members = JsonMembers::parse(text, kKnown);
  json::error_code error;
  json::value document = json::parse(text, error);
  if (!members) {
    FUZZ_EXPECT(!members.error().reason.empty());
    FUZZ_EXPECT(members.error().reason.find_first_of("\r\n") == std::string::npos);
    if (error || !may_be_body(document)) return 0;
    // Something stands twice. As the other reader has it, once, it is a body; but it writes an
    // infinite number, which it has read, as none.
    for (auto& member : document.as_object()) {
      if (member.value().is_double()) member.value() = 0.5;
    }
    const auto once = JsonMembers::parse(json::serialize(document), kKnown);
    FUZZ_EXPECT(once);
    expect_same(*once, document.as_object());
    return 0;
  }
  FUZZ_EXPECT(!error && may_be_body(document));
  expect_same(*members, document.as_object());
  return 0;
}
