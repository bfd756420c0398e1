#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "server/api/arguments.hpp"

namespace fuota::server::api {

/// The body of a request of the management API: one JSON object whose members are texts, whole
/// numbers, true, false or null, each with a name that the endpoint knows, and none twice. A member
/// that is null is one that isn't there.
class JsonMembers {
 public:
  /// Reads `text`; `known` are the names that may stand in it. A failure says in one line what is
  /// wrong, and names the member. At most `kManagementBodyBytesMax` bytes are looked at.
  [[nodiscard]] static boost::system::result<JsonMembers, ArgumentError> parse(
      std::string_view text, std::span<const std::string_view> known);

  [[nodiscard]] bool has(std::string_view name) const;

  /// The member of this name; nothing when it isn't there; a failure when it is of another kind.
  [[nodiscard]] boost::system::result<std::optional<std::string>, ArgumentError> text(
      std::string_view name) const;
  [[nodiscard]] boost::system::result<std::optional<bool>, ArgumentError> flag(
      std::string_view name) const;

  /// A whole number from `least` to `most`.
  [[nodiscard]] boost::system::result<std::optional<std::uint64_t>, ArgumentError> number(
      std::string_view name, std::uint64_t least, std::uint64_t most) const;

 private:
  friend class JsonMembersReader;
  /// The monostate is a number that is not whole, or too large.
  using Value = std::variant<std::monostate, std::string, std::uint64_t, bool>;
  [[nodiscard]] const Value* find(std::string_view name) const;

  std::vector<std::pair<std::string, Value>> members_;
};

/// The greatest body of a request of the management API.
constexpr std::size_t kManagementBodyBytesMax = 1024;

}  // namespace fuota::server::api
