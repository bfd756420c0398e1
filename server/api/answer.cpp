#include "server/api/answer.hpp"

#include <random>
#include <utility>

namespace fuota::server::api {
namespace {

/// What failed may have recovered then.
constexpr std::uint32_t kUnavailableS = 30;
constexpr std::uint32_t kUnavailableJitterS = 15;

}  // namespace

Answer plain_answer(Outcome outcome, std::string text) {
  Answer answer;
  answer.outcome = outcome;
  answer.text_kind = TextKind::plain;
  answer.text = std::move(text);
  return answer;
}

double draw_chance() {
  thread_local std::minstd_rand random(std::random_device{}());
  return std::uniform_real_distribution<>(0, 1)(random);
}

Answer failure_answer(const storage::Failure& failure) {
  Answer answer;
  if (failure.code == storage::StoreError::full) {
    answer = plain_answer(Outcome::no_room, "the server's disk is full");
  } else {
    answer = plain_answer(Outcome::unavailable, "the server's storage failed; see its log");
    answer.retry_after_s =
        kUnavailableS + static_cast<std::uint32_t>(draw_chance() * kUnavailableJitterS);
  }
  answer.detail = failure.detail;
  return answer;
}

Answer refused_document(std::string_view subject, const protocol::DocumentProblem& problem,
                        std::string_view remedy) {
  std::string text(subject);
  if (!problem.member.empty()) text += "'s \"" + std::string(problem.member) + "\"";
  text += " " + std::string(protocol::describe(problem.error));
  if (!remedy.empty()) text += ": " + std::string(remedy);
  return plain_answer(Outcome::bad_request, std::move(text));
}

}  // namespace fuota::server::api
