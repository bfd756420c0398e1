#include "fuota_protocol/update_report.hpp"

#include <array>
#include <cstring>

#include "fuota_protocol/names.hpp"
#include "json.hpp"

namespace fuota::protocol {
namespace {

constexpr std::size_t kStreamDigits = 16;
constexpr int kRssiDbmMin = -128;

struct StateName {
  ReportState state;
  std::string_view name;
  bool has_code;  ///< Whether it says why the update did not succeed.
};

constexpr std::array<StateName, 5> kStates = {{
    {ReportState::downloading, "downloading", false},
    {ReportState::installed, "installed", false},
    {ReportState::confirmed, "confirmed", false},
    {ReportState::rolled_back, "rolled_back", true},
    {ReportState::failed, "failed", true},
}};

const StateName* find_state(ReportState state) {
  for (const StateName& row : kStates) {
    if (row.state == state) return &row;
  }
  return nullptr;
}

const StateName* find_state(std::string_view name) {
  for (const StateName& row : kStates) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_lower_case(char c) {
  return c >= 'a' && c <= 'z';
}

/// What an offer's deployment may have, but for what JSON would have to escape.
bool is_deployment_character(char c) {
  return c > ' ' && c <= '~' && c != '"' && c != '\\';
}

bool is_code_character(char c) {
  return is_lower_case(c) || is_digit(c) || c == '_';
}

bool is_detail_character(char c) {
  return c == ' ' || is_deployment_character(c);
}

bool is_reset_reason_character(char c) {
  return is_lower_case(c) || c == ' ' || c == '-';
}

DocumentProblem check_characters(std::string_view name, std::string_view text,
                                 bool (*allowed)(char)) {
  for (const char c : text) {
    if (!allowed(c)) return {DocumentError::malformed, name};
  }
  return {};
}

/// The code, which is there exactly where something did not succeed.
DocumentProblem check_code(const UpdateReport& report, bool has_code) {
  if (has_code && report.code.empty()) return {DocumentError::missing, "code"};
  if (!has_code && !report.code.empty()) return {DocumentError::malformed, "code"};
  return check_characters("code", report.code.view(), is_code_character);
}

/// Leaves `out` empty when the member isn't there.
template <std::size_t BytesMax>
DocumentProblem take_known_text(const Json& json, const Member& member, FixedText<BytesMax>& out) {
  return member.value == 0 ? DocumentProblem{} : take_text(json, member, out);
}

DocumentProblem read_stream(const Json& json, const Member& member, std::uint64_t& out) {
  std::string_view text;
  if (const auto problem = read_text(json, member, kStreamDigits, text)) return problem;
  if (text.size() != kStreamDigits) return {DocumentError::malformed, member.name};
  out = 0;
  for (const char c : text) {
    const bool letter = c >= 'a' && c <= 'f';
    if (!letter && !is_digit(c)) return {DocumentError::malformed, member.name};
    out = out * 16 + static_cast<unsigned>(letter ? c - 'a' + 10 : c - '0');
  }
  return {};
}

/// An integer of -128 to -1, of which `json` has checked that it is a number if it looks like one.
DocumentProblem read_rssi(const Json& json, const Member& member, std::int8_t& out) {
  constexpr std::size_t kCharactersMax = 4;  // of "-128"
  const std::string_view text = json.text(member.value);
  const bool number = !text.empty() && (text.front() == '-' || is_digit(text.front()));
  if (!number) return {DocumentError::wrong_type, member.name};
  if (text.front() != '-' || text.size() > kCharactersMax) {
    return {DocumentError::malformed, member.name};
  }
  int value = 0;
  for (const char c : text.substr(1)) {
    if (!is_digit(c)) return {DocumentError::malformed, member.name};
    value = value * 10 - (c - '0');
  }
  if (value < kRssiDbmMin || value == 0) return {DocumentError::malformed, member.name};
  out = static_cast<std::int8_t>(value);
  return {};
}

enum Index : std::size_t {
  kStream,
  kSequence,
  kState,
  kDeployment,
  kVersion,
  kImage,
  kCode,
  kDetail,
  kResetReason,
  kRssi,
  kFreeHeap,
  kMembers
};

DocumentProblem read_identity(const Json& json, const std::array<Member, kMembers>& members,
                              UpdateReport& report) {
  if (const auto problem = read_stream(json, members[kStream], report.stream)) return problem;
  return read_integer(json, members[kSequence], 1, UINT32_MAX, report.sequence);
}

DocumentProblem read_update(const Json& json, const std::array<Member, kMembers>& members,
                            UpdateReport& report) {
  std::string_view state;
  if (const auto problem = read_text(json, members[kState], kReportBytesMax, state)) return problem;
  const StateName* const row = find_state(state);
  if (row == nullptr) return {DocumentError::malformed, "state"};
  report.state = row->state;
  if (const auto problem = take_text(json, members[kDeployment], report.deployment)) return problem;
  if (const auto problem = take_text(json, members[kVersion], report.version)) return problem;
  std::string_view digest;
  if (const auto problem = read_text(json, members[kImage], 2 * kSha256Bytes, digest)) {
    return problem;
  }
  if (!parse_sha256(digest, report.image)) return {DocumentError::malformed, "image"};
  return {};
}

DocumentProblem read_circumstances(const Json& json, const std::array<Member, kMembers>& members,
                                   UpdateReport& report) {
  if (const auto problem = take_known_text(json, members[kCode], report.code)) return problem;
  if (const auto problem = take_known_text(json, members[kDetail], report.detail)) return problem;
  if (const auto problem = take_known_text(json, members[kResetReason], report.reset_reason)) {
    return problem;
  }
  if (members[kRssi].value != 0) {
    if (const auto problem = read_rssi(json, members[kRssi], report.rssi_dbm)) return problem;
  }
  report.has_free_heap = members[kFreeHeap].value != 0;
  if (!report.has_free_heap) return {};
  return read_integer(json, members[kFreeHeap], 0, UINT32_MAX, report.free_heap_bytes);
}

DocumentProblem read_report(const Json& json, UpdateReport& report) {
  using Kind = Json::Kind;
  std::array<Member, kMembers> members = {{{"stream"},
                                           {"sequence", Kind::other},
                                           {"state"},
                                           {"deployment"},
                                           {"version"},
                                           {"image"},
                                           {"code", Kind::string, false},
                                           {"detail", Kind::string, false},
                                           {"reset_reason", Kind::string, false},
                                           {"rssi", Kind::other, false},
                                           {"free_heap", Kind::other, false}}};
  if (const auto problem = find_members(json, 0, members)) return problem;
  if (const auto problem = read_identity(json, members, report)) return problem;
  if (const auto problem = read_update(json, members, report)) return problem;
  if (const auto problem = read_circumstances(json, members, report)) return problem;
  return check_report(report);
}

/// Writes the members of an object one behind the other.
class ObjectWriter {
 public:
  explicit ObjectWriter(char* out) : out_(out) {}

  /// `text` needs no escape.
  void put_text(std::string_view name, std::string_view text) {
    put_name(name);
    put("\"");
    put(text);
    put("\"");
  }

  /// Leaves out a text that is empty.
  void put_known_text(std::string_view name, std::string_view text) {
    if (!text.empty()) put_text(name, text);
  }

  void put_number(std::string_view name, std::int64_t value) {
    put_name(name);
    if (value < 0) put("-");
    std::uint64_t rest = static_cast<std::uint64_t>(value < 0 ? -value : value);
    std::array<char, 20> digits{};
    std::size_t first = digits.size();
    do {
      digits[--first] = static_cast<char>('0' + rest % 10);
      rest /= 10;
    } while (rest != 0);
    put({digits.data() + first, digits.size() - first});
  }

  /// Ends the object: its length.
  std::size_t finish() {
    put("}");
    return written_;
  }

 private:
  void put_name(std::string_view name) {
    put(written_ == 0 ? "{\"" : ",\"");
    put(name);
    put("\":");
  }

  void put(std::string_view text) {
    std::memcpy(out_ + written_, text.data(), text.size());
    written_ += text.size();
  }

  char* out_;
  std::size_t written_ = 0;
};

}  // namespace

std::string_view name_of(ReportState state) {
  const StateName* const row = find_state(state);
  return row == nullptr ? "" : row->name;
}

ReportParse parse_report(std::string_view text, JsonWorkspace& workspace) {
  ReportParse result;
  if (text.size() > kReportBytesMax) {
    result.problem.error = DocumentError::too_long;
    return result;
  }
  Json json(workspace);
  result.problem.error = json.read(text);
  if (!result.problem) result.problem = read_report(json, result.report);
  return result;
}

ReportParse parse_report(std::string_view text) {
  JsonWorkspace workspace;
  return parse_report(text, workspace);
}

DocumentProblem check_report(const UpdateReport& report) {
  if (report.sequence == 0) return {DocumentError::malformed, "sequence"};
  const StateName* const state = find_state(report.state);
  if (state == nullptr) return {DocumentError::malformed, "state"};
  if (report.deployment.empty()) return {DocumentError::empty, "deployment"};
  if (const auto problem =
          check_characters("deployment", report.deployment.view(), is_deployment_character)) {
    return problem;
  }
  if (report.version.empty()) return {DocumentError::empty, "version"};
  if (check_version(report.version.view()) != NameError::none) {
    return {DocumentError::malformed, "version"};
  }
  if (const auto problem = check_code(report, state->has_code)) return problem;
  if (const auto problem = check_characters("detail", report.detail.view(), is_detail_character)) {
    return problem;
  }
  if (const auto problem =
          check_characters("reset_reason", report.reset_reason.view(), is_reset_reason_character)) {
    return problem;
  }
  if (report.rssi_dbm > 0) return {DocumentError::malformed, "rssi"};
  return {};
}

std::size_t format_report(const UpdateReport& report, char* out) {
  std::array<char, kStreamDigits> stream{};
  for (std::size_t i = 0; i < kStreamDigits; ++i) {
    stream[i] = "0123456789abcdef"[(report.stream >> (60 - 4 * i)) & 0xF];
  }
  char image[2 * kSha256Bytes];
  format_sha256(report.image, image);

  ObjectWriter object(out);
  object.put_known_text("code", report.code.view());
  object.put_text("deployment", report.deployment.view());
  object.put_known_text("detail", report.detail.view());
  if (report.has_free_heap) object.put_number("free_heap", report.free_heap_bytes);
  object.put_text("image", {image, sizeof image});
  object.put_known_text("reset_reason", report.reset_reason.view());
  if (report.rssi_dbm != 0) object.put_number("rssi", report.rssi_dbm);
  object.put_number("sequence", report.sequence);
  object.put_text("state", name_of(report.state));
  object.put_text("stream", {stream.data(), stream.size()});
  object.put_text("version", report.version.view());
  return object.finish();
}

}  // namespace fuota::protocol
