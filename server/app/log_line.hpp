#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/http/observer.hpp"

namespace fuota::server::app {

/// `text`: words and name=value, for people and grep. `json`: one object a line (RFC 8259).
enum class LogFormat : std::uint8_t { text, json };

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// A line in the making, on the stack. A pipe takes so many bytes in one piece (PIPE_BUF), and no
/// request's line is longer.
constexpr std::size_t kLineBytes = 4096;
using LineBuffer = fmt::basic_memory_buffer<char, kLineBytes>;

/// What is logged of one text, in bytes; what is longer is cut, with "..." behind it.
constexpr std::size_t kLoggedBytesMax = 512;
constexpr std::size_t kLoggedNameBytesMax = 64;
constexpr std::size_t kLoggedMessageBytesMax = 2048;

/// The name of a level as it stands in a line.
[[nodiscard]] std::string_view name_of(LogLevel level);

/// Appends the line of a request to `line`, with its line end: method, path, status, bytes of body,
/// duration, peer, user; in JSON the route and the received bytes too. What comes from the client
/// is escaped; credentials are no part of it.
void append_request(LineBuffer& line, LogFormat format, std::chrono::system_clock::time_point now,
                    const http::AccessRecord& record);

/// Appends a line that says `message`.
void append_message(LineBuffer& line, LogFormat format, std::chrono::system_clock::time_point now,
                    LogLevel level, std::string_view message);

/// Appends `text` as one field of a line of text: bytes that are not printable ASCII, blanks,
/// quotes and backslashes as \xNN; cut at `bytes_max`; "-" when empty.
void append_field(LineBuffer& line, std::string_view text, std::size_t bytes_max);

/// Appends `text` as a JSON string, or null when it is empty. Control characters, backslashes and
/// what is not UTF-8 stand in the string as \xNN, byte by byte, so that it can be told what came;
/// cut at `bytes_max`.
void append_json_string(LineBuffer& line, std::string_view text, std::size_t bytes_max);

}  // namespace fuota::server::app
