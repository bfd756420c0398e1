#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuota_protocol/document_error.hpp"
#include "fuota_protocol/fixed_text.hpp"
#include "fuota_protocol/json_workspace.hpp"
#include "fuota_protocol/limits.hpp"

// The types alone: json.cpp has the functions. The jsmn that ESP-IDF v4.4 has built in declares its
// functions in any case; those of a configuration that makes them static are not used here.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#ifndef JSMN_HEADER
#define JSMN_HEADER
#endif
#include "jsmn.h"
#pragma GCC diagnostic pop

namespace fuota::protocol {

/// One JSON text, cut into parts. Borrows the text.
class Json {
 public:
  /// Borrows the workspace too, of which it uses `parts`.
  explicit Json(JsonWorkspace& workspace);

  /// Where a part is: an index. 0 is the text's one value.
  using Part = unsigned;

  enum class Kind : std::uint8_t { object, array, string, other };

  /// Takes `text` apart. All of it is checked to be UTF-8 and one JSON text (RFC 8259), what is
  /// never asked for included: jsmn alone would let much pass. Outcomes: none, not_utf8, not_json,
  /// too_many_parts.
  [[nodiscard]] DocumentError read(std::string_view text);

  [[nodiscard]] Kind kind(Part part) const;

  /// The part as it is written; of a string, what is between the quotes.
  [[nodiscard]] std::string_view text(Part part) const;

  /// The elements of an array, or the members of an object.
  [[nodiscard]] std::size_t count(Part part) const;

  /// The part behind `part` and all that is within it.
  [[nodiscard]] Part after(Part part) const;

 private:
  using Tokens = std::array<jsmntok_t, kJsonPartsMax>;

  [[nodiscard]] std::size_t skip_space(std::size_t at) const;
  [[nodiscard]] std::size_t begin_of(Part part) const;
  [[nodiscard]] std::size_t end_of(Part part) const;
  [[nodiscard]] DocumentError check(Part& part, std::size_t depth) const;
  [[nodiscard]] DocumentError check_inside(Part& part, std::size_t depth) const;

  std::string_view text_;
  Tokens& tokens_;
  unsigned parts_ = 0;
};

/// One member of an object that is to be read.
struct Member {
  std::string_view name;
  Json::Kind kind = Json::Kind::string;
  bool required = true;
  Json::Part value = 0;  ///< 0 when it isn't there
};

/// Finds `members` among those of the object `object`; others are ignored. Outcomes: none,
/// not_an_object, escaped_name, duplicate, wrong_type, missing.
[[nodiscard]] DocumentProblem find_members(const Json& json, Json::Part object, Member* members,
                                           std::size_t count);

template <std::size_t Count>
[[nodiscard]] DocumentProblem find_members(const Json& json, Json::Part object,
                                           std::array<Member, Count>& members) {
  return find_members(json, object, members.data(), Count);
}

/// Reads the string `member`, which has no escape and 1 to `bytes_max` bytes. Outcomes: none,
/// escaped, empty, overlong.
[[nodiscard]] DocumentProblem read_text(const Json& json, const Member& member,
                                        std::size_t bytes_max, std::string_view& out);

/// Reads such a string to `out`.
template <std::size_t BytesMax>
[[nodiscard]] DocumentProblem take_text(const Json& json, const Member& member,
                                        FixedText<BytesMax>& out) {
  std::string_view text;
  if (const auto problem = read_text(json, member, BytesMax, text)) return problem;
  return out.assign(text) ? DocumentProblem{}
                          : DocumentProblem{DocumentError::overlong, member.name};
}

/// Reads the number `member`, an integer of `least` to `most` without fraction or exponent.
/// Outcomes: none, malformed.
[[nodiscard]] DocumentProblem read_integer(const Json& json, const Member& member,
                                           std::uint32_t least, std::uint32_t most,
                                           std::uint32_t& out);

}  // namespace fuota::protocol
