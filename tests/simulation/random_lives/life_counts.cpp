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
    "file_replaced_meanwhile",
    "booted",
    "checked",
    "downloaded",
    "heap_compared",
    "updated",
    "rolled_back",
    "waited_rest",
    "asked_for_a_range",
    "reported",
};
static_assert(std::size(kNames) == kHappenings, "every kind has its name, in order");

bool is_optional(Happening happening) {
  return happening == Happening::waited_rest || happening == Happening::asked_for_a_range ||
         happening == Happening::reported;
}

bool is_about_ranges(AnswerFault::Kind fault) {
  using Kind = AnswerFault::Kind;
  return fault == Kind::range_ignored || fault == Kind::range_elsewhere ||
         fault == Kind::range_refused || fault == Kind::range_without_range;
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
  return text;
}

std::vector<std::string_view> LifeCounts::missing() const {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kHappenings; ++i) {
    const auto happening = static_cast<Happening>(i);
    if (happenings_[i] == 0 && !is_optional(happening)) names.push_back(name_of(happening));
  }
  const bool knows_ranges = count(Happening::asked_for_a_range) > 0;
  for (std::size_t i = 1; i < kAnswerFaultKinds; ++i) {
    const auto fault = static_cast<AnswerFault::Kind>(i);
    if (faults_[i] == 0 && (knows_ranges || !is_about_ranges(fault)))
      names.push_back(name_of(fault));
  }
  for (std::size_t i = 0; i < kEvils; ++i) {
    if (evils_[i] == 0) names.push_back(name_of(static_cast<Evil>(i)));
  }
  return names;
}

}  // namespace fuota::test
