#include "tests/support/native_server/answer_fault.hpp"

#include <iterator>

namespace fuota::test {
namespace {

constexpr std::string_view kNames[] = {
    "none",
    "status",
    "bytes",
    "no_answer",
    "garbage_body",
    "length_too_short",
    "length_too_long",
    "no_length",
    "wrong_etag",
    "range_ignored",
    "range_elsewhere",
    "range_refused",
    "range_without_range",
    "closed",
    "reset",
    "stalled",
};
static_assert(std::size(kNames) == kAnswerFaultKinds, "every kind has its name, in order");

}  // namespace

std::string_view name_of(AnswerFault::Kind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

bool replaces_answer(AnswerFault::Kind kind) {
  using Kind = AnswerFault::Kind;
  return kind == Kind::status || kind == Kind::bytes || kind == Kind::no_answer;
}

}  // namespace fuota::test
