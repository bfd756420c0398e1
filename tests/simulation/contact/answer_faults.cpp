#include "tests/simulation/contact/answer_faults.hpp"

#include <utility>

namespace fuota::test {

AnswerFault fault_of(AnswerFault::Kind kind, std::uint64_t number) {
  AnswerFault fault;
  fault.kind = kind;
  fault.number = number;
  return fault;
}

AnswerFault cut(AnswerFault::Kind kind, std::uint64_t after_bytes) {
  return fault_of(kind, after_bytes);
}

AnswerFault stall(std::uint64_t after_bytes, std::int64_t pause_us) {
  AnswerFault fault = fault_of(AnswerFault::Kind::stalled, after_bytes);
  fault.pause_us = pause_us;
  return fault;
}

AnswerFault answer_with(int status, std::string headers) {
  AnswerFault fault = fault_of(AnswerFault::Kind::status, static_cast<std::uint64_t>(status));
  fault.headers = std::move(headers);
  return fault;
}

std::string from(std::uint64_t byte) {
  return "bytes=" + std::to_string(byte) + "-";
}

}  // namespace fuota::test
