#include "server/app/log_line.hpp"

#include <fmt/compile.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>
#include <string>

namespace fuota::server::app {
namespace {

using std::chrono::system_clock;

constexpr std::string_view kLevelNames[] = {"debug", "info", "warning", "error"};
static_assert(std::size(kLevelNames) == static_cast<std::size_t>(LogLevel::error) + 1);

constexpr std::string_view kHexDigits = "0123456789abcdef";

void append(LineBuffer& line, std::string_view text) {
  line.append(text.data(), text.data() + text.size());
}

void append_number(LineBuffer& line, std::uint64_t number) {
  const fmt::format_int digits(number);
  line.append(digits.data(), digits.data() + digits.size());
}

/// \xNN, where the backslash may have to be escaped itself.
void append_byte_escape(LineBuffer& line, char c, std::string_view backslash) {
  const auto byte = static_cast<unsigned char>(c);
  append(line, backslash);
  line.push_back('x');
  line.push_back(kHexDigits[byte >> 4]);
  line.push_back(kHexDigits[byte & 0xf]);
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// How many bytes the printable character at the beginning of `text` has in UTF-8 (RFC 3629); 0
/// when there is none. `text` is not empty.
std::size_t printable_bytes(std::string_view text) {
  struct Row {
    unsigned char first_min, first_max;  // of the first byte
    unsigned char second_min, second_max;
    std::size_t bytes;
  };
  // The second bytes keep out what is too long a form, a surrogate, beyond U+10FFFF, or a control
  // character (U+0080 to U+009F).
  static constexpr Row kRows[] = {
      {0xc2, 0xc2, 0xa0, 0xbf, 2}, {0xc3, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
      {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
      {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  for (const Row& row : kRows) {
    if (first < row.first_min || first > row.first_max) continue;
    if (text.size() < row.bytes) return 0;
    const auto second = static_cast<unsigned char>(text[1]);
    if (second < row.second_min || second > row.second_max) return 0;
    for (std::size_t i = 2; i < row.bytes; ++i) {
      if (!is_continuation(text[i])) return 0;
    }
    return row.bytes;
  }
  return 0;
}

/// What stands in a line as it is, in either format: printable ASCII but blanks, quotes and
/// backslashes.
constexpr bool is_plain(char c) {
  return c > 0x20 && c < 0x7f && c != '"' && c != '\\';
}

std::string_view plain_prefix(std::string_view text) {
  // By a lambda, which is compiled into the loop.
  const auto end = std::find_if_not(text.begin(), text.end(), [](char c) { return is_plain(c); });
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

/// Appends the character at the beginning of `text` as it stands in a JSON string, and returns how
/// many bytes it has.
std::size_t append_json_character(LineBuffer& line, std::string_view text) {
  const std::size_t bytes = printable_bytes(text);
  if (text.front() == '"') {
    append(line, R"(\")");
    return 1;
  }
  if (bytes == 0 || text.front() == '\\') {
    append_byte_escape(line, text.front(), R"(\\)");
    return 1;
  }
  append(line, text.substr(0, bytes));
  return bytes;
}

/// A message in a line of text: it may have blanks and quotes, but no line end.
void append_words(LineBuffer& line, std::string_view text) {
  std::string_view rest = text.substr(0, kLoggedMessageBytesMax);
  while (!rest.empty()) {
    const std::size_t bytes = printable_bytes(rest);
    if (bytes > 0) {
      append(line, rest.substr(0, bytes));
      rest.remove_prefix(bytes);
    } else {
      append_byte_escape(line, rest.front(), "\\");
      rest.remove_prefix(1);
    }
  }
  if (text.size() > kLoggedMessageBytesMax) append(line, "...");
}

/// Date and time of one second, and the zone, made when the second has changed.
struct SecondText {
  std::time_t second = -1;
  std::array<char, 20> date{};  ///< 2026-11-25T21:30:03
  std::array<char, 7> zone{};   ///< +01:00

  void set(std::time_t now, bool utc) {
    if (now == second) return;
    second = now;
    std::tm parts{};
    if (utc) {
      ::gmtime_r(&now, &parts);
    } else {
      ::localtime_r(&now, &parts);
    }
    std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    const long minutes = std::abs(parts.tm_gmtoff) / 60;
    *fmt::format_to_n(zone.data(), zone.size() - 1, "{}{:02}:{:02}",
                      parts.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60)
         .out = '\0';
  }
};

/// The time as RFC 3339 has it: the machine's own for people, UTC for programs.
void append_time(LineBuffer& line, LogFormat format, system_clock::time_point now) {
  thread_local std::array<SecondText, 2> texts;
  const bool utc = format == LogFormat::json;
  SecondText& text = texts[utc ? 1 : 0];
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  text.set(system_clock::to_time_t(second), utc);
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(now - second).count();
  fmt::format_to(std::back_inserter(line), FMT_COMPILE("{}.{:03}{}"), text.date.data(),
                 milliseconds, utc ? "Z" : text.zone.data());
}

/// Milliseconds with two decimals.
void append_milliseconds(LineBuffer& line, std::chrono::microseconds duration) {
  const std::int64_t hundredths = (duration.count() + 5) / 10;
  fmt::format_to(std::back_inserter(line), FMT_COMPILE("{}.{:02}"), hundredths / 100,
                 hundredths % 100);
}

void append_json_head(LineBuffer& line, system_clock::time_point now, LogLevel level,
                      std::string_view event) {
  append(line, R"({"time":")");
  append_time(line, LogFormat::json, now);
  append(line, R"(","level":")");
  append(line, name_of(level));
  append(line, R"(","event":")");
  append(line, event);
  append(line, R"(",")");
}

void append_request_json(LineBuffer& line, system_clock::time_point now,
                         const http::AccessRecord& record) {
  append_json_head(line, now, LogLevel::info, "request");
  append(line, R"(method":)");
  append_json_string(line, record.method, kLoggedNameBytesMax);
  append(line, R"(,"path":)");
  append_json_string(line, record.target, kLoggedBytesMax);
  append(line, R"(,"route":)");
  append_json_string(line, record.route, kLoggedNameBytesMax);
  append(line, R"(,"status":)");
  append_number(line, record.status);
  append(line, R"(,"bytes":)");
  append_number(line, record.body_bytes);
  append(line, R"(,"received_bytes":)");
  append_number(line, record.received_bytes);
  append(line, R"(,"duration_ms":)");
  append_milliseconds(line, record.duration);
  append(line, R"(,"peer":)");
  append_json_string(line, record.peer, kLoggedNameBytesMax);
  append(line, R"(,"user":)");
  append_json_string(line, record.user, kLoggedNameBytesMax);
  append(line, record.complete ? R"(,"complete":true})" : R"(,"complete":false})");
}

void append_request_text(LineBuffer& line, system_clock::time_point now,
                         const http::AccessRecord& record) {
  append_time(line, LogFormat::text, now);
  append(line, " info request method=");
  append_field(line, record.method, kLoggedNameBytesMax);
  append(line, " path=");
  append_field(line, record.target, kLoggedBytesMax);
  append(line, " status=");
  append_number(line, record.status);
  append(line, " bytes=");
  append_number(line, record.body_bytes);
  append(line, " duration_ms=");
  append_milliseconds(line, record.duration);
  append(line, " peer=");
  append(line, record.peer);
  append(line, " user=");
  append_field(line, record.user, kLoggedNameBytesMax);
  if (!record.complete) append(line, " incomplete");
}

}  // namespace

std::string_view name_of(LogLevel level) {
  return kLevelNames[static_cast<std::size_t>(level)];
}

void append_request(LineBuffer& line, LogFormat format, system_clock::time_point now,
                    const http::AccessRecord& record) {
  if (format == LogFormat::json) {
    append_request_json(line, now, record);
  } else {
    append_request_text(line, now, record);
  }
  line.push_back('\n');
}

void append_message(LineBuffer& line, LogFormat format, system_clock::time_point now,
                    LogLevel level, std::string_view message) {
  if (format == LogFormat::json) {
    append_json_head(line, now, level, "message");
    append(line, R"(message":)");
    append_json_string(line, message, kLoggedMessageBytesMax);
    line.push_back('}');
  } else {
    append_time(line, format, now);
    line.push_back(' ');
    append(line, name_of(level));
    line.push_back(' ');
    append_words(line, message);
  }
  line.push_back('\n');
}

void append_field(LineBuffer& line, std::string_view text, std::size_t bytes_max) {
  if (text.empty()) return line.push_back('-');
  std::string_view rest = text.substr(0, bytes_max);
  while (!rest.empty()) {
    const std::string_view plain = plain_prefix(rest);
    append(line, plain);
    rest.remove_prefix(plain.size());
    if (rest.empty()) break;
    append_byte_escape(line, rest.front(), "\\");
    rest.remove_prefix(1);
  }
  if (text.size() > bytes_max) append(line, "...");
}

void append_json_string(LineBuffer& line, std::string_view text, std::size_t bytes_max) {
  if (text.empty()) return append(line, "null");
  line.push_back('"');
  std::string_view rest = text.substr(0, bytes_max);
  while (!rest.empty()) {
    const std::string_view plain = plain_prefix(rest);
    append(line, plain);
    rest.remove_prefix(plain.size());
    if (rest.empty()) break;
    rest.remove_prefix(append_json_character(line, rest));
  }
  if (text.size() > bytes_max) append(line, "...");
  line.push_back('"');
}

}  // namespace fuota::server::app
