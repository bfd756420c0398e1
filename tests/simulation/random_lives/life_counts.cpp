#include "tests/simulation/random_lives/life_counts.hpp"

#include <iterator>

namespace fuota::test {
namespace {

constexpr std::string_view kNames[] = {
    "access_point_gone",
    "access_point_refuses",
    "dhcp_silent",
    "link_lost",
    "kicked",
    "driver_call_failed",
    "driver_event_late",
    "server_away",
    "connection_refused",
    "connection_unanswered",
    "tls_refused",
    "tls_broken",
    "connection_slow",
    "stream_stalled",
    "stream_reset",
    "stream_closed",
    "stream_corrupted",
    "retry_after",
    "few_requests_per_connection",
    "cut_before_operation",
    "cut_during_operation",
    "cut_after_operation",
    "cut_while_asked",
    "cut_soon_after_boot",
    "cut_at_an_instant",
    "release_published",
    "crashing_release_published",
    "deaf_release_published",
    "release_offered_anew",
    "release_withdrawn",
    "old_release_replayed",
    "root_published",
    "file_replaced_meanwhile",
    "booted",
    "checked",
    "downloaded",
    "heap_compared",
    "updated",
    "rolled_back",
    "waited_rest",
    "asked_for_a_range",
    "asked_for_a_root",
    "followed_a_root",
    "reported",
};
static_assert(std::size(kNames) == kHappenings, "every kind has its name, in order");

bool is_optional(Happening happening) {
  return happening == Happening::waited_rest;
}

template <std::size_t Size>
void add_each(std::array<std::uint64_t, Size>& sum, const std::array<std::uint64_t, Size>& part) {
  for (std::size_t i = 0; i < Size; ++i) sum[i] += part[i];
}

}  // namespace

std::string_view name_of(Happening happening) {
  return kNames[static_cast<std::size_t>(happening)];
}

void LifeCounts::add(const LifeCounts& other) {
  add_each(happenings_, other.happenings_);
  add_each(faults_, other.faults_);
  add_each(evils_, other.evils_);
  add_each(evil_roots_, other.evil_roots_);
}

std::string LifeCounts::text() const {
  std::string text;
  const auto add_line = [&text](std::string_view group, std::string_view name,
                                std::uint64_t count) {
    text.append("  ").append(group).append(name).append(" ").append(std::to_string(count)) += '\n';
  };
  for (std::size_t i = 0; i < kHappenings; ++i) add_line("", kNames[i], happenings_[i]);
  for (std::size_t i = 1; i < kAnswerFaultKinds; ++i) {
    add_line("answer: ", name_of(static_cast<AnswerFault::Kind>(i)), faults_[i]);
  }
  for (std::size_t i = 0; i < kEvils; ++i) {
    add_line("evil: ", name_of(static_cast<Evil>(i)), evils_[i]);
  }
  for (std::size_t i = 0; i < kEvilRoots; ++i) {
    add_line("evil root: ", name_of(static_cast<EvilRoot>(i)), evil_roots_[i]);
  }
  return text;
}

std::vector<std::string_view> LifeCounts::missing() const {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kHappenings; ++i) {
    const auto happening = static_cast<Happening>(i);
    if (happenings_[i] == 0 && !is_optional(happening)) names.push_back(name_of(happening));
  }
  for (std::size_t i = 1; i < kAnswerFaultKinds; ++i) {
    const auto fault = static_cast<AnswerFault::Kind>(i);
    if (faults_[i] == 0) names.push_back(name_of(fault));
  }
  for (std::size_t i = 0; i < kEvils; ++i) {
    if (evils_[i] == 0) names.push_back(name_of(static_cast<Evil>(i)));
  }
  for (std::size_t i = 0; i < kEvilRoots; ++i) {
    if (evil_roots_[i] == 0) names.push_back(name_of(static_cast<EvilRoot>(i)));
  }
  return names;
}

}  // namespace fuota::test
