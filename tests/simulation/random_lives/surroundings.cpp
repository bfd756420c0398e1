#include "tests/simulation/random_lives/surroundings.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "tests/simulation/update/update_server.hpp"

namespace fuota::test {
namespace {

using simulator::kernel::Random;
using simulator::net::Conditions;
using simulator::net::StreamFault;
using simulator::radio::AccessPoint;
using Connect = Conditions::Connect;

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::uint64_t kPurposeOfStorm = 1;
constexpr std::uint64_t kPurposeOfRequests = 2;
/// Of the longest file; most answers are shorter.
constexpr std::uint64_t kAnswerBytesMax = 17'000;

Happening happening_of(Connect fault) {
  switch (fault) {
    case Connect::refused:
      return Happening::connection_refused;
    case Connect::unanswered:
      return Happening::connection_unanswered;
    case Connect::tls_refused:
      return Happening::tls_refused;
    case Connect::tls_broken:
    case Connect::accepted:
      break;
  }
  return Happening::tls_broken;
}

Happening happening_of(StreamFault::Kind fault) {
  switch (fault) {
    case StreamFault::Kind::stall:
      return Happening::stream_stalled;
    case StreamFault::Kind::reset:
      return Happening::stream_reset;
    case StreamFault::Kind::close:
      return Happening::stream_closed;
    case StreamFault::Kind::corrupt:
      break;
  }
  return Happening::stream_corrupted;
}

Happening happening_of(Behaviour behaviour) {
  switch (behaviour) {
    case Behaviour::crashes:
      return Happening::crashing_release_published;
    case Behaviour::deaf:
      return Happening::deaf_release_published;
    case Behaviour::healthy:
      break;
  }
  return Happening::release_published;
}

}  // namespace

/// By how much of a life they are worth.
const Surroundings::Row Surroundings::kRows[] = {
    {4, &Surroundings::access_point_gone},
    {2, &Surroundings::access_point_refuses},
    {2, &Surroundings::dhcp_silent},
    {3, &Surroundings::link_lost},
    {2, &Surroundings::kick},
    {2, &Surroundings::driver_faults},
    {2, &Surroundings::server_away},
    {4, &Surroundings::connections_fail},
    {4, &Surroundings::connections_slow},
    {4, &Surroundings::streams_fail},
    {8, &Surroundings::answers_wrong},
    {1, &Surroundings::answers_ask_for_time},
    {1, &Surroundings::few_requests},
    {10, &Surroundings::publish},
    {2, &Surroundings::offer_anew},
    {1, &Surroundings::withdraw},
    {8, &Surroundings::offer_evil},
    {3, &Surroundings::replay_old},
    {2, &Surroundings::replace_file},
    {2, &Surroundings::publish_root},
    {3, &Surroundings::publish_evil_root},
};

Surroundings::Surroundings(const Parts& parts, std::uint64_t seed)
    : shelf_(parts.shelf),
      world_(parts.world),
      counts_(parts.counts),
      log_(parts.log),
      random_(seed, kPurposeOfStorm),
      random_of_requests_(seed, kPurposeOfRequests),
      server_(parts.network),
      access_point_(parts.world.add(update_access_point())) {
  // So that the first release may be any.
  newest_ = first_ = static_cast<unsigned>(random_.below(ReleaseShelf::kBehaviourPeriod));
  server_.add_device(kDeviceId);
  server_.spoil_with([this](const ServedRequest& request) { return choose_fault(request); });
  server_.set_conditions([this](unsigned) { return choose_conditions(); });
  for (const Row& row : kRows) {
    // Half of what can go wrong; new releases always come.
    if (row.deed != &Surroundings::publish && chance(500)) continue;
    deeds_.insert(deeds_.end(), row.weight, row.deed);
  }
}

void Surroundings::strike(std::int64_t now_us) {
  (this->*deeds_[random_.below(deeds_.size())])(now_us);
}

void Surroundings::later(std::int64_t now_us, std::uint64_t max_s, std::function<void()> undo) {
  const std::int64_t for_us = random_us(kSecondUs, static_cast<std::int64_t>(max_s) * kSecondUs);
  say("  for " + std::to_string(for_us / kSecondUs) + " s");
  agenda_.at(now_us + for_us, std::move(undo));
}

void Surroundings::change_access_point(const std::function<void(AccessPoint&)>& edit) {
  world_.change(access_point_, edit);
}

void Surroundings::calm() {
  is_calm_ = true;
  agenda_.run_all();
  world_.faults().clear();
  server_.set_retry_after(std::nullopt);
  evil_.reset();
  is_replay_ = false;
  if (newest_ != first_) offer_newest();
  say("calm");
}

// In the air.

void Surroundings::access_point_gone(std::int64_t now_us) {
  counts_.add(Happening::access_point_gone);
  say("the access point goes away");
  change_access_point([](AccessPoint& point) { point.present = false; });
  later(now_us, chance(200) ? 1800 : 120,
        [this] { change_access_point([](AccessPoint& point) { point.present = true; }); });
}

void Surroundings::access_point_refuses(std::int64_t now_us) {
  counts_.add(Happening::access_point_refuses);
  say("the access point refuses stations");
  change_access_point([](AccessPoint& point) { point.refuses_with = WIFI_REASON_ASSOC_TOOMANY; });
  later(now_us, 300,
        [this] { change_access_point([](AccessPoint& point) { point.refuses_with.reset(); }); });
}

void Surroundings::dhcp_silent(std::int64_t now_us) {
  counts_.add(Happening::dhcp_silent);
  say("DHCP is silent");
  change_access_point([](AccessPoint& point) { point.dhcp.answers = false; });
  later(now_us, 300,
        [this] { change_access_point([](AccessPoint& point) { point.dhcp.answers = true; }); });
}

void Surroundings::link_lost(std::int64_t now_us) {
  counts_.add(Happening::link_lost);
  const std::int64_t after_us = random_us(0, 8 * kSecondUs);
  say("each connection is lost after " + std::to_string(after_us) + " us");
  change_access_point(
      [after_us](AccessPoint& point) { point.link_loss = simulator::radio::LinkLoss{after_us}; });
  later(now_us, 300,
        [this] { change_access_point([](AccessPoint& point) { point.link_loss.reset(); }); });
}

void Surroundings::kick(std::int64_t now_us) {
  counts_.add(Happening::kicked);
  say("the access point sends the station away, soon");
  for (unsigned kick = 0; kick < 3; ++kick) {
    later(now_us, 60, [this] { world_.kick(access_point_, WIFI_REASON_AUTH_LEAVE); });
  }
}

void Surroundings::driver_faults(std::int64_t now_us) {
  const bool calls = chance(500);
  counts_.add(calls ? Happening::driver_call_failed : Happening::driver_event_late);
  say(calls ? "calls of the Wi-Fi driver fail" : "events are late, doubled or lost");
  simulator::radio::Faults::RandomRates rates;
  if (calls) {
    rates.failed_calls_per_mille = 50;
  } else {
    rates.late_per_mille = 100;
    rates.doubled_per_mille = 50;
    rates.lost_per_mille = 30;
    rates.late_us_max = 3 * kSecondUs;
  }
  world_.faults().randomize(random_.next(), rates);
  later(now_us, 300, [this] { world_.faults().clear(); });
}

// On the network.

void Surroundings::server_away(std::int64_t now_us) {
  counts_.add(Happening::server_away);
  say("nobody listens on the server's port");
  server_.stop();
  later(now_us, 300, [this] { server_.start(); });
}

void Surroundings::connections_fail(std::int64_t now_us) {
  constexpr Connect kFaults[] = {Connect::refused, Connect::unanswered, Connect::tls_refused,
                                 Connect::tls_broken};
  connect_fault_ = kFaults[random_.below(std::size(kFaults))];
  connect_fault_per_mille_ = chance(500) ? 1000 : 500;
  say("connections fail: " + std::string(name_of(happening_of(connect_fault_))));
  later(now_us, 300, [this] { connect_fault_per_mille_ = 0; });
}

void Surroundings::connections_slow(std::int64_t now_us) {
  bytes_per_second_ = 150 + random_.below(20'000);
  latency_us_ = random_us(0, 2 * kSecondUs);
  say("slow: " + std::to_string(bytes_per_second_) + " bytes/s, latency " +
      std::to_string(latency_us_) + " us");
  later(now_us, 900, [this] { bytes_per_second_ = 0; });
}

void Surroundings::streams_fail(std::int64_t now_us) {
  stream_fault_per_mille_ = 300 + static_cast<unsigned>(random_.below(700));
  say("streams fail");
  later(now_us, 600, [this] { stream_fault_per_mille_ = 0; });
}

StreamFault::Kind Surroundings::choose_stream_fault() {
  using Kind = StreamFault::Kind;
  constexpr Kind kKinds[] = {Kind::stall, Kind::reset, Kind::close, Kind::corrupt};
  return kKinds[random_of_requests_.below(std::size(kKinds))];
}

Conditions Surroundings::choose_conditions() {
  Random& random = random_of_requests_;
  Conditions conditions;
  if (bytes_per_second_ != 0) {
    counts_.add(Happening::connection_slow);
    conditions.bytes_per_second = bytes_per_second_;
    conditions.latency_us = latency_us_;
    conditions.connect_us = 4 * latency_us_;
    conditions.segment_bytes = 1 + random.below(1440);
  }
  if (random.below(1000) < stream_fault_per_mille_) {
    const StreamFault fault = {static_cast<std::size_t>(random.below(kAnswerBytesMax)),
                               choose_stream_fault(),
                               static_cast<std::int64_t>(random.below(45)) * kSecondUs};
    counts_.add(happening_of(fault.kind));
    conditions.faults.push_back(fault);
  }
  if (random.below(1000) < connect_fault_per_mille_) {
    counts_.add(happening_of(connect_fault_));
    conditions.connect = connect_fault_;
  }
  const bool is_deaf = running_ != nullptr && running_->behaviour == Behaviour::deaf;
  if (is_deaf) conditions.connect = Connect::tls_refused;
  return conditions;
}

// At the server.

void Surroundings::answers_wrong(std::int64_t now_us) {
  answer_fault_per_mille_ = 300 + static_cast<unsigned>(random_.below(700));
  answer_fault_.reset();
  // Any kind but none, or all of them in turn.
  if (chance(700)) {
    answer_fault_ = static_cast<AnswerFault::Kind>(1 + random_.below(kAnswerFaultKinds - 1));
  }
  say("answers go wrong: " + std::string(answer_fault_ ? name_of(*answer_fault_) : "all kinds"));
  later(now_us, 400, [this] { answer_fault_per_mille_ = 0; });
}

std::optional<AnswerFault::Kind> Surroundings::choose_kind(const ServedRequest& request) {
  Random& random = random_of_requests_;
  using Kind = AnswerFault::Kind;
  constexpr auto kFirstOfRanges = static_cast<unsigned>(Kind::range_ignored);
  constexpr auto kLastOfRanges = static_cast<unsigned>(Kind::range_without_range);
  // Ranges are rare, so that each has its chance.
  if (!is_calm_ && !request.range.empty() && random.below(4) == 0) {
    return static_cast<Kind>(kFirstOfRanges + random.below(kLastOfRanges - kFirstOfRanges + 1));
  }
  if (random.below(1000) >= answer_fault_per_mille_) return std::nullopt;
  const Kind kind =
      answer_fault_ ? *answer_fault_ : static_cast<Kind>(1 + random.below(kAnswerFaultKinds - 1));
  const bool is_of_ranges = kind >= Kind::range_ignored && kind <= Kind::range_without_range;
  return is_of_ranges && request.range.empty() ? std::nullopt : std::optional(kind);
}

AnswerFault Surroundings::choose_fault(const ServedRequest& request) {
  Random& random = random_of_requests_;
  using Kind = AnswerFault::Kind;
  AnswerFault fault;
  fault.kind = choose_kind(request).value_or(Kind::none);
  switch (fault.kind) {
    case Kind::none:
      break;
    case Kind::status: {
      constexpr unsigned kStatuses[] = {500, 502, 503, 504, 429, 400, 403, 404, 408, 301, 302, 307};
      fault.number = kStatuses[random.below(std::size(kStatuses))];
      // It says that a report will never be taken, and a device believes that.
      if (request.kind == ServedRequest::Kind::report && fault.number == 400) fault.number = 503;
      if (random.below(2) == 0) fault.headers += "Location: https://evil.example/\r\n";
      if (random.below(2) == 0) {
        fault.headers += "Retry-After: " + std::to_string(random.below(300)) + "\r\n";
      }
      break;
    }
    case Kind::bytes:
      fault.text = random.below(2) == 0 ? std::string("SSH-2.0-dropbear\r\n")
                                        : std::string(random.below(3000), '\x80');
      break;
    case Kind::length_too_short:
    case Kind::length_too_long:
      fault.number = 1 + random.below(2000);
      break;
    default:
      fault.number =
          random.below(request.kind == ServedRequest::Kind::file ? kAnswerBytesMax : 1500);
      fault.pause_us = static_cast<std::int64_t>(random.below(45)) * kSecondUs;
      break;
  }
  if (fault.kind != Kind::none) counts_.add(fault.kind);
  const bool is_offered = request.kind == ServedRequest::Kind::check && fault.kind == Kind::none;
  if (is_offered && evil_) counts_.add(*evil_);
  if (is_offered && is_replay_) counts_.add(Happening::old_release_replayed);
  const bool is_evil_root = request.kind == ServedRequest::Kind::root && evil_root_ &&
                            request.target == "/roots/" + std::to_string(root_ + 1);
  if (is_evil_root && fault.kind == Kind::none) counts_.add(*evil_root_);
  if (const auto root = request.parameter("root")) {
    told_root_ = static_cast<unsigned>(std::strtoul(root->c_str(), nullptr, 10));
  }
  if (on_request) on_request(request);
  return fault;
}

void Surroundings::answers_ask_for_time(std::int64_t now_us) {
  counts_.add(Happening::retry_after);
  const unsigned seconds = static_cast<unsigned>(random_.below(300));
  say("Retry-After: " + std::to_string(seconds));
  server_.set_retry_after(seconds);
  later(now_us, 600, [this] { server_.set_retry_after(std::nullopt); });
}

void Surroundings::few_requests(std::int64_t now_us) {
  counts_.add(Happening::few_requests_per_connection);
  server_.set_requests_per_connection_max(1 + static_cast<unsigned>(random_.below(3)));
  say("few requests per connection");
  later(now_us, 1200, [this] { server_.set_requests_per_connection_max(0); });
}

// By the operator, or somebody in between.

void Surroundings::offer(const Offering& offering) {
  server_.upload(offering.file_name, offering.file);
  server_.assign(kDeviceId, offering.release);
}

void Surroundings::offer_newest() {
  evil_.reset();
  is_replay_ = false;
  if (newest_ == first_) {
    server_.withdraw(kDeviceId);
  } else {
    offer(shelf_.offering(newest_, root_));
  }
}

void Surroundings::publish(std::int64_t) {
  // The last ones are for the calm.
  if (newest_ + 4 >= ReleaseShelf::kReleases) return;
  ++newest_;
  counts_.add(happening_of(newest().behaviour));
  say("release " + std::to_string(newest_) + ": " +
      std::string(name_of(happening_of(newest().behaviour))));
  offer_newest();
}

void Surroundings::publish_healthy() {
  do {
    ++newest_;
  } while (newest().behaviour != Behaviour::healthy);
  counts_.add(Happening::release_published);
  say("release " + std::to_string(newest_) + ", in the calm");
  offer_newest();
}

void Surroundings::offer_anew(std::int64_t) {
  counts_.add(Happening::release_offered_anew);
  say("the newest release is offered anew");
  offer_newest();
}

void Surroundings::withdraw(std::int64_t now_us) {
  counts_.add(Happening::release_withdrawn);
  say("nothing is offered");
  server_.withdraw(kDeviceId);
  later(now_us, 300, [this] { offer_newest(); });
}

void Surroundings::offer_evil(std::int64_t now_us) {
  is_replay_ = false;
  evil_ = static_cast<Evil>(random_.below(kEvils));
  // Of devices that have followed: to others, these keys are as good as ever.
  if (*evil_ == Evil::retired_key && told_root_ == 0) evil_ = Evil::wrong_key;
  say("evil: " + std::string(name_of(*evil_)));
  offer(shelf_.evil(newest_ + 1, *evil_, *evil_ == Evil::retired_key ? told_root_ : root_));
  later(now_us, 150, [this] { offer_newest(); });
}

void Surroundings::replay_old(std::int64_t now_us) {
  // Also one from before this device was made.
  if (newest_ < 2) return;
  const auto old = 1 + static_cast<unsigned>(random_.below(newest_ - 1));
  evil_.reset();
  is_replay_ = true;
  say("release " + std::to_string(old) + " is replayed");
  offer(shelf_.offering(old, static_cast<unsigned>(random_.below(root_ + 1))));
  later(now_us, 150, [this] { offer_newest(); });
}

void Surroundings::publish_root(std::int64_t) {
  if (root_ == ReleaseShelf::kRoots) return;
  counts_.add(Happening::root_published);
  ++root_;
  evil_root_.reset();
  say("root document " + std::to_string(root_));
  server_.publish_root(root_, shelf_.root(root_));
  offer_newest();
}

void Surroundings::publish_evil_root(std::int64_t now_us) {
  withdraw_evil_root();
  evil_root_ = static_cast<EvilRoot>(random_.below(kEvilRoots));
  // Before the first there is nothing that is past.
  if (*evil_root_ == EvilRoot::from_the_past && root_ == 0) evil_root_ = EvilRoot::manifest;
  say("evil root document: " + std::string(name_of(*evil_root_)));
  server_.publish_root(root_ + 1, shelf_.evil_root(root_ + 1, *evil_root_));
  later(now_us, 300, [this] { withdraw_evil_root(); });
}

void Surroundings::withdraw_evil_root() {
  if (evil_root_) server_.withdraw_root(root_ + 1);
  evil_root_.reset();
}

void Surroundings::replace_file(std::int64_t now_us) {
  if (newest_ == first_) return;
  counts_.add(Happening::file_replaced_meanwhile);
  say("the newest release's file is another for a while");
  const std::string name = newest().offering.file_name;
  server_.upload(name, shelf_.evil(newest_, Evil::swapped_file, root_).file);
  later(now_us, 90, [this, name, file = newest().offering.file] { server_.upload(name, file); });
}

}  // namespace fuota::test
