#include "document_log.hpp"

#include <string_view>

#include "esp_log.h"

namespace fuota::update {
namespace {

constexpr char kTag[] = "OTA";

}  // namespace

void log_problem(const char* document, const protocol::DocumentProblem& problem) {
  const std::string_view what = protocol::describe(problem.error);
  ESP_LOGE(kTag, "The %s: %.*s%s%.*s", document, static_cast<int>(problem.member.size()),
           problem.member.data(), problem.member.empty() ? "" : " ", static_cast<int>(what.size()),
           what.data());
}

}  // namespace fuota::update
