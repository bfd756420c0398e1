#pragma once

#include <cstdint>
#include <string>

#include "tests/support/native_server/answer_fault.hpp"

namespace fuota::test {

/// The connection breaks after so many bytes of the answer; `kind` is closed or reset.
[[nodiscard]] AnswerFault cut(AnswerFault::Kind kind, std::uint64_t after_bytes);
/// The answer pauses after so many bytes.
[[nodiscard]] AnswerFault stall(std::uint64_t after_bytes, std::int64_t pause_us);
/// Another answer: the status, header lines that end in CRLF, a body of one line.
[[nodiscard]] AnswerFault answer_with(int status, std::string headers = {});
/// The right answer with one lie in it, or none.
[[nodiscard]] AnswerFault fault_of(AnswerFault::Kind kind, std::uint64_t number = 0);
/// "bytes=<byte>-"
[[nodiscard]] std::string from(std::uint64_t byte);

}  // namespace fuota::test
