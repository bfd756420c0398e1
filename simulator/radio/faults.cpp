#include "simulator/radio/faults.hpp"

#include <utility>

namespace simulator::radio {

namespace {

constexpr std::uint64_t kRandomPurpose = 0x0AD10;
constexpr unsigned kPerMille = 1000;
/// A rule that fired.
constexpr unsigned kSpent = ~0U;

/// Counts a rule down; true when it fires.
bool fires(unsigned& remaining) {
  if (remaining == Faults::kEvery) return true;
  if (remaining == kSpent) return false;
  if (--remaining > 0) return false;
  remaining = kSpent;
  return true;
}

}  // namespace

void Faults::fail_call(std::string function, unsigned nth, esp_err_t error) {
  call_rules_.push_back({std::move(function), nth, error});
}

void Faults::set_fate(EventKind kind, unsigned nth, EventFate fate) {
  event_rules_.push_back({kind, nth, fate});
}

void Faults::randomize(std::uint64_t seed, RandomRates rates) {
  random_.emplace(seed, kRandomPurpose);
  rates_ = rates;
}

void Faults::clear() {
  call_rules_.clear();
  event_rules_.clear();
  random_.reset();
}

std::optional<esp_err_t> Faults::on_call(std::string_view function) {
  ++calls_;
  std::optional<esp_err_t> error;
  for (CallRule& rule : call_rules_) {
    const bool fits = rule.function.empty() || rule.function == function;
    if (fits && fires(rule.remaining) && !error) error = rule.error;
  }
  if (error || !random_) return error;
  if (random_->below(kPerMille) < rates_.failed_calls_per_mille) error = rates_.error;
  return error;
}

EventFate Faults::on_event(EventKind kind) {
  std::optional<EventFate> fate;
  for (EventRule& rule : event_rules_) {
    if (rule.kind == kind && fires(rule.remaining) && !fate) fate = rule.fate;
  }
  if (fate) return *fate;
  EventFate drawn;
  if (!random_) return drawn;
  const auto happens = [&](unsigned per_mille) { return random_->below(kPerMille) < per_mille; };
  if (happens(rates_.doubled_per_mille)) drawn.copies = 2;
  if (happens(rates_.lost_per_mille)) drawn.copies = 0;
  if (happens(rates_.late_per_mille)) {
    drawn.delay_us = static_cast<std::int64_t>(
        random_->below(static_cast<std::uint64_t>(rates_.late_us_max) + 1));
  }
  return drawn;
}

}  // namespace simulator::radio
