#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fuota::test {

/// What is wrong with one answer of a NativeServer.
struct AnswerFault {
  enum class Kind : std::uint8_t {
    none,
    // Instead of the right answer; the request has no effect.
    status,     ///< `number` is the status, with `headers`, and a body of one line
    bytes,      ///< `text`, byte for byte; then the connection is closed
    no_answer,  ///< silence; the connection stays open
    // The right answer with one lie in it; for an answer without a body, none.
    garbage_body,         ///< noise of the same length
    length_too_short,     ///< Content-Length is `number` too low (not below 0)
    length_too_long,      ///< Content-Length is `number` too high; the connection stays open
    no_length,            ///< no Content-Length: the body ends with the connection
    wrong_etag,           ///< the ETag of something else
    range_ignored,        ///< 200 and the whole file, as if no range had been asked for
    range_elsewhere,      ///< Content-Range is 1 too high, the body is what was asked for
    range_refused,        ///< 416, as if the file were shorter
    range_without_range,  ///< 206 without Content-Range
    // The right answer, which goes wrong on its way. `number`: after so many of its bytes, headers
    // included; beyond its end means behind it, before the next answer.
    closed,   ///< the connection is closed without a word
    reset,    ///< the connection is reset
    stalled,  ///< a pause of `pause_us`, then the rest
  };

  Kind kind = Kind::none;
  std::uint64_t number = 0;
  std::int64_t pause_us = 0;
  std::string headers = {};  ///< lines that end in CRLF, "Retry-After: 60\r\n"
  std::string text = {};
};

constexpr std::size_t kAnswerFaultKinds = static_cast<std::size_t>(AnswerFault::Kind::stalled) + 1;

/// "range_ignored"
[[nodiscard]] std::string_view name_of(AnswerFault::Kind kind);

/// Whether the request has no effect on the server.
[[nodiscard]] bool replaces_answer(AnswerFault::Kind kind);

}  // namespace fuota::test
