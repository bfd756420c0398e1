#include "server/api/json_members.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

namespace fuota::server::api {

namespace json = boost::json;

/// Takes the members as Boost.JSON's parser finds them. A document of values would forget which
/// members stood twice.
class JsonMembersReader {
 public:
  // Boost.JSON asks its handlers for these by name.
  // NOLINTBEGIN(readability-identifier-naming)
  static constexpr std::size_t max_object_size = 16;
  static constexpr std::size_t max_array_size = 1;
  static constexpr std::size_t max_key_size = kManagementBodyBytesMax;
  static constexpr std::size_t max_string_size = kManagementBodyBytesMax;
  // NOLINTEND(readability-identifier-naming)

  explicit JsonMembersReader(std::span<const std::string_view> known) : known_(known) {}

  [[nodiscard]] const std::string& complaint() const { return complaint_; }
  [[nodiscard]] std::vector<std::pair<std::string, JsonMembers::Value>> take() {
    return std::move(members_);
  }

  // What follows is called by the parser; false ends it.
  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code& error) {
    if (inside_)
      return refuse("an object stands in it, where a text, a number or a flag is taken", error);
    inside_ = true;
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) { return true; }
  bool on_array_begin(json::error_code& error) { return refuse("it has a list", error); }
  bool on_array_end(std::size_t, json::error_code&) { return true; }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    name_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t size, json::error_code& error) {
    on_key_part(part, size, error);
    if (std::find(known_.begin(), known_.end(), name_) == known_.end()) {
      // Written as in JSON, a name that has line ends makes none.
      return refuse(json::serialize(json::string(name_)) + " is no member of it: send " + names(),
                    error);
    }
    if (std::find(seen_.begin(), seen_.end(), name_) != seen_.end()) {
      return refuse("\"" + name_ + "\" stands in it more than once", error);
    }
    seen_.push_back(name_);
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_string(json::string_view part, std::size_t size, json::error_code& error) {
    on_string_part(part, size, error);
    return add(std::exchange(text_, {}), error);
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, json::error_code& error) {
    if (number < 0) return add(std::monostate(), error);
    return add(static_cast<std::uint64_t>(number), error);
  }
  bool on_uint64(std::uint64_t number, json::string_view, json::error_code& error) {
    return add(number, error);
  }
  bool on_double(double, json::string_view, json::error_code& error) {
    return add(std::monostate(), error);
  }
  bool on_bool(bool flag, json::error_code& error) { return add(flag, error); }
  bool on_null(json::error_code& error) {
    if (!inside_) return refuse("it is no object", error);
    name_.clear();
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool add(JsonMembers::Value value, json::error_code& error) {
    if (!inside_) return refuse("it is no object", error);
    members_.emplace_back(std::exchange(name_, {}), std::move(value));
    return true;
  }
  bool refuse(std::string complaint, json::error_code& error) {
    complaint_ = std::move(complaint);
    error = json::error::extra_data;  // Any will do: the complaint says it.
    return false;
  }
  [[nodiscard]] std::string names() const {
    std::string names;
    for (const std::string_view name : known_) {
      names += (names.empty() ? "\"" : ", \"") + std::string(name) + "\"";
    }
    return names;
  }

  std::span<const std::string_view> known_;
  std::vector<std::pair<std::string, JsonMembers::Value>> members_;
  std::vector<std::string> seen_;
  std::string name_;
  std::string text_;
  std::string complaint_;
  bool inside_ = false;
};

namespace {

ArgumentError wrong_kind(std::string_view name, std::string_view kind) {
  return ArgumentError{"\"" + std::string(name) + "\" is not " + std::string(kind)};
}

}  // namespace

boost::system::result<JsonMembers, ArgumentError> JsonMembers::parse(
    std::string_view text, std::span<const std::string_view> known) {
  json::basic_parser<JsonMembersReader> parser(json::parse_options{}, known);
  json::error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  const std::string& complaint = parser.handler().complaint();
  if (!complaint.empty()) return ArgumentError{"the body is refused: " + complaint};
  if (error || read != text.size()) {
    return ArgumentError{"the body is not a JSON object: send one such as {}"};
  }
  JsonMembers members;
  members.members_ = parser.handler().take();
  return members;
}

const JsonMembers::Value* JsonMembers::find(std::string_view name) const {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [name](const auto& member) { return member.first == name; });
  return found == members_.end() ? nullptr : &found->second;
}

bool JsonMembers::has(std::string_view name) const {
  return find(name) != nullptr;
}

boost::system::result<std::optional<std::string>, ArgumentError> JsonMembers::text(
    std::string_view name) const {
  const Value* const value = find(name);
  if (value == nullptr) return std::optional<std::string>();
  const auto* const text = std::get_if<std::string>(value);
  if (text == nullptr) return wrong_kind(name, "a text");
  return std::optional<std::string>(*text);
}

boost::system::result<std::optional<bool>, ArgumentError> JsonMembers::flag(
    std::string_view name) const {
  const Value* const value = find(name);
  if (value == nullptr) return std::optional<bool>();
  const auto* const flag = std::get_if<bool>(value);
  if (flag == nullptr) return wrong_kind(name, "true or false");
  return std::optional<bool>(*flag);
}

boost::system::result<std::optional<std::uint64_t>, ArgumentError> JsonMembers::number(
    std::string_view name, std::uint64_t least, std::uint64_t most) const {
  const Value* const value = find(name);
  if (value == nullptr) return std::optional<std::uint64_t>();
  const auto* const number = std::get_if<std::uint64_t>(value);
  if (number == nullptr || *number < least || *number > most) {
    return wrong_kind(
        name, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return std::optional<std::uint64_t>(*number);
}

}  // namespace fuota::server::api
