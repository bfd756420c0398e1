#include "server/api/answer.hpp"

#include <utility>

namespace fuota::server::api {

Answer plain_answer(Outcome outcome, std::string text) {
  Answer answer;
  answer.outcome = outcome;
  answer.text_kind = TextKind::plain;
  answer.text = std::move(text);
  return answer;
}

Answer failure_answer(const storage::Failure& failure) {
  Answer answer =
      failure.code == storage::StoreError::full
          ? plain_answer(Outcome::no_room, "the server's disk is full")
          : plain_answer(Outcome::unavailable, "the server's storage failed; see its log");
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
