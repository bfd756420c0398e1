#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/random_lives/release_shelf.hpp"
#include "tests/support/native_server/answer_fault.hpp"

namespace fuota::test {

/// What happens to devices, and what they do.
enum class Happening : std::uint8_t {
  // in the air
  access_point_gone,
  access_point_refuses,
  dhcp_silent,
  link_lost,
  kicked,
  driver_call_failed,
  driver_event_late,
  // on the network
  server_away,
  connection_refused,
  connection_unanswered,
  tls_refused,
  tls_broken,
  connection_slow,
  stream_stalled,
  stream_reset,
  stream_closed,
  stream_corrupted,
  retry_after,
  few_requests_per_connection,
  // of the power
  cut_before_operation,
  cut_during_operation,
  cut_after_operation,
  cut_while_asked,
  cut_soon_after_boot,
  cut_at_an_instant,
  // of the operator
  release_published,
  crashing_release_published,
  deaf_release_published,
  release_offered_anew,
  release_withdrawn,
  old_release_replayed,
  root_published,
  file_replaced_meanwhile,
  // by the device
  booted,
  checked,
  downloaded,
  heap_compared,  ///< between two checks
  updated,        ///< the trial of another release was confirmed
  rolled_back,    ///< the boot after a trial is one of the release before
  waited_rest,    ///< a release that was given up was waited for
  asked_for_a_range,
  asked_for_a_root,
  followed_a_root,  ///< and told so
  reported,
};
constexpr std::size_t kHappenings = static_cast<std::size_t>(Happening::reported) + 1;

/// How often what happened: over one life, or over many.
class LifeCounts {
 public:
  void add(Happening happening) { ++happenings_[static_cast<std::size_t>(happening)]; }
  void add(AnswerFault::Kind fault) { ++faults_[static_cast<std::size_t>(fault)]; }
  void add(Evil evil) { ++evils_[static_cast<std::size_t>(evil)]; }
  void add(EvilRoot evil) { ++evil_roots_[static_cast<std::size_t>(evil)]; }
  void add(const LifeCounts& other);

  [[nodiscard]] std::uint64_t count(Happening happening) const {
    return happenings_[static_cast<std::size_t>(happening)];
  }
  /// A line for each kind: "cut_during_operation 1234".
  [[nodiscard]] std::string text() const;
  /// The names of what should happen to many devices and happened to none of these.
  [[nodiscard]] std::vector<std::string_view> missing() const;

 private:
  std::array<std::uint64_t, kHappenings> happenings_{};
  std::array<std::uint64_t, kAnswerFaultKinds> faults_{};
  std::array<std::uint64_t, kEvils> evils_{};
  std::array<std::uint64_t, kEvilRoots> evil_roots_{};
};

[[nodiscard]] std::string_view name_of(Happening happening);

}  // namespace fuota::test
