// jsmn's functions become our own. The jsmn that ESP-IDF v4.4 has built in knows nothing of this
// macro: its functions are linked.
#ifndef JSMN_STATIC
#define JSMN_STATIC
#endif
#include "jsmn.h"
// Behind it, what includes jsmn.h for its types alone.
#include <new>

#include "json.hpp"
#include "utf8.hpp"

namespace fuota::protocol {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes one or more digits off the front of `text`.
bool take_digits(std::string_view& text) {
  if (text.empty() || !is_digit(text.front())) return false;
  while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
  return true;
}

/// RFC 8259 section 6.
bool is_number(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  const bool leading_zero = text.size() > 1 && text[0] == '0' && is_digit(text[1]);
  if (leading_zero || !take_digits(text)) return false;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    if (!take_digits(text)) return false;
  }
  if (!text.empty() && (text.front() == 'e' || text.front() == 'E')) {
    text.remove_prefix(1);
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
    if (!take_digits(text)) return false;
  }
  return text.empty();
}

bool is_literal_or_number(std::string_view text) {
  return text == "true" || text == "false" || text == "null" || is_number(text);
}

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// What is between the quotes of a string (RFC 8259 section 7).
bool is_string_content(std::string_view text) {
  constexpr std::string_view kEscapes = "\"\\/bfnrtu";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) < 0x20 || text[i] == '"') return false;
    if (text[i] != '\\') continue;
    ++i;
    if (i == text.size() || kEscapes.find(text[i]) == std::string_view::npos) return false;
    if (text[i] != 'u') continue;
    for (int digit = 0; digit < 4; ++digit) {
      ++i;
      if (i == text.size() || !is_hex_digit(text[i])) return false;
    }
  }
  return true;
}

}  // namespace

// Of trivial parts, so that nothing is written, and nothing has to be destroyed.
Json::Json(JsonWorkspace& workspace) : tokens_(*::new (workspace.parts.data()) Tokens) {
  static_assert(sizeof(Tokens) <= sizeof workspace.parts, "room for the tokens");
  static_assert(alignof(Tokens) <= alignof(JsonWorkspace));
}

DocumentError Json::read(std::string_view text) {
  text_ = text;
  if (!is_utf8(text)) return DocumentError::not_utf8;
  jsmn_parser parser;
  jsmn_init(&parser);
  const int found = jsmn_parse(&parser, text.data(), text.size(), tokens_.data(), tokens_.size());
  if (found == JSMN_ERROR_NOMEM) return DocumentError::too_many_parts;
  if (found <= 0) return DocumentError::not_json;
  parts_ = static_cast<unsigned>(found);
  if (skip_space(0) != begin_of(0)) return DocumentError::not_json;
  Part part = 0;
  if (const auto error = check(part, 1); error != DocumentError::none) return error;
  const bool all = part == parts_ && skip_space(end_of(0)) == text_.size();
  return all ? DocumentError::none : DocumentError::not_json;
}

Json::Kind Json::kind(Part part) const {
  switch (tokens_[part].type) {
    case JSMN_OBJECT:
      return Kind::object;
    case JSMN_ARRAY:
      return Kind::array;
    case JSMN_STRING:
      return Kind::string;
    default:
      return Kind::other;
  }
}

std::string_view Json::text(Part part) const {
  const jsmntok_t& token = tokens_[part];
  return text_.substr(static_cast<std::size_t>(token.start),
                      static_cast<std::size_t>(token.end - token.start));
}

std::size_t Json::count(Part part) const {
  return static_cast<std::size_t>(tokens_[part].size);
}

Json::Part Json::after(Part part) const {
  Part next = part + 1;
  while (next < parts_ && begin_of(next) < end_of(part)) ++next;
  return next;
}

/// Where a part begins and ends with its quotes or brackets.
std::size_t Json::begin_of(Part part) const {
  return static_cast<std::size_t>(tokens_[part].start) - (kind(part) == Kind::string ? 1 : 0);
}

std::size_t Json::end_of(Part part) const {
  return static_cast<std::size_t>(tokens_[part].end) + (kind(part) == Kind::string ? 1 : 0);
}

std::size_t Json::skip_space(std::size_t at) const {
  while (at < text_.size() && is_space(text_[at])) ++at;
  return at;
}

/// Checks `part` and what is in it, and moves on to the part behind it.
DocumentError Json::check(Part& part, std::size_t depth) const {
  if (depth > kJsonDepthMax) return DocumentError::too_many_parts;
  switch (kind(part)) {
    case Kind::object:
    case Kind::array:
      return check_inside(part, depth);
    case Kind::string:
      return is_string_content(text(part++)) ? DocumentError::none : DocumentError::not_json;
    case Kind::other:
      break;
  }
  return is_literal_or_number(text(part++)) ? DocumentError::none : DocumentError::not_json;
}

/// Checks that between the parts of an object or array there is what belongs there, and nothing
/// else.
DocumentError Json::check_inside(Part& part, std::size_t depth) const {
  const bool object = kind(part) == Kind::object;
  const std::size_t children = count(part);
  const std::size_t last = end_of(part) - 1U;
  std::size_t at = begin_of(part) + 1U;
  ++part;
  const auto take = [&](char separator) {
    at = skip_space(at);
    return at < last && text_[at++] == separator;
  };
  const auto begins_here = [&] {
    at = skip_space(at);
    return part < parts_ && begin_of(part) == at;
  };
  for (std::size_t child = 0; child < children; ++child) {
    if (child > 0 && !take(',')) return DocumentError::not_json;
    if (object) {
      if (!begins_here() || kind(part) != Kind::string || !is_string_content(text(part))) {
        return DocumentError::not_json;
      }
      at = end_of(part);
      ++part;
      if (!take(':')) return DocumentError::not_json;
    }
    if (!begins_here()) return DocumentError::not_json;
    at = end_of(part);
    const DocumentError error = check(part, depth + 1);
    if (error != DocumentError::none) return error;
  }
  return skip_space(at) == last ? DocumentError::none : DocumentError::not_json;
}

DocumentProblem find_members(const Json& json, Json::Part object, Member* members,
                             std::size_t count) {
  if (json.kind(object) != Json::Kind::object) return {DocumentError::not_an_object};
  Json::Part name = object + 1;
  for (std::size_t i = 0; i < json.count(object); ++i, name = json.after(name + 1)) {
    if (json.text(name).find('\\') != std::string_view::npos) return {DocumentError::escaped_name};
    for (std::size_t m = 0; m < count; ++m) {
      Member& member = members[m];
      if (json.text(name) != member.name) continue;
      if (member.value != 0) return {DocumentError::duplicate, member.name};
      member.value = name + 1;
      if (json.kind(member.value) != member.kind) return {DocumentError::wrong_type, member.name};
    }
  }
  for (std::size_t m = 0; m < count; ++m) {
    if (members[m].required && members[m].value == 0) {
      return {DocumentError::missing, members[m].name};
    }
  }
  return {};
}

DocumentProblem read_text(const Json& json, const Member& member, std::size_t bytes_max,
                          std::string_view& out) {
  out = json.text(member.value);
  if (out.find('\\') != std::string_view::npos) return {DocumentError::escaped, member.name};
  if (out.empty()) return {DocumentError::empty, member.name};
  if (out.size() > bytes_max) return {DocumentError::overlong, member.name};
  return {};
}

DocumentProblem read_integer(const Json& json, const Member& member, std::uint32_t least,
                             std::uint32_t most, std::uint32_t& out) {
  constexpr std::size_t kDigitsMax = 10;  // of 2^32 - 1
  const std::string_view text = json.text(member.value);
  const bool number = !text.empty() && (is_digit(text.front()) || text.front() == '-');
  if (!number) return {DocumentError::wrong_type, member.name};
  std::uint64_t value = 0;
  if (text.size() > kDigitsMax) return {DocumentError::malformed, member.name};
  for (const char c : text) {
    if (!is_digit(c)) return {DocumentError::malformed, member.name};
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (value < least || value > most) return {DocumentError::malformed, member.name};
  out = static_cast<std::uint32_t>(value);
  return {};
}

}  // namespace fuota::protocol
