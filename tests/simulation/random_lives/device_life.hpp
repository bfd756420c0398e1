#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/chip/board.hpp"
#include "simulator/flash/flash_chip.hpp"
#include "simulator/flash/partition_table.hpp"
#include "simulator/kernel/random.hpp"
#include "simulator/net/network.hpp"
#include "simulator/radio/world.hpp"
#include "tests/simulation/random_lives/agenda.hpp"
#include "tests/simulation/random_lives/life_counts.hpp"
#include "tests/simulation/random_lives/release_shelf.hpp"
#include "tests/simulation/random_lives/surroundings.hpp"

namespace fuota::test {

/// A board as it leaves the factory, to begin lives with: release 0 in ota_0, provisioned with an
/// id, the server's certificate and the trusted keys. One flash chip serves all lives in turn.
class FactoryBoard {
 public:
  explicit FactoryBoard(const ReleaseShelf& shelf);
  FactoryBoard(const FactoryBoard&) = delete;
  FactoryBoard& operator=(const FactoryBoard&) = delete;

  /// The chip as it was at first.
  simulator::flash::FlashChip& fresh_flash();
  [[nodiscard]] const simulator::flash::PartitionTable& partitions() const { return partitions_; }

 private:
  simulator::flash::PartitionTable partitions_;
  simulator::flash::FlashChip flash_;
  std::vector<std::uint8_t> content_;
};

/// The life of one device: a storm of hours in which anything goes wrong, then a calm in which it
/// has to come to the newest release and stay there. What must never be is checked all the time:
///
/// - There is always something to boot, and no task ever hangs or panics.
/// - What runs is the image of a release that the trusted keys signed for this device, byte for
///   byte, or what it left the factory with; its counter is not below that of any release which
///   was confirmed before, nor is the counter that the device tells its server.
/// - The device never trusts a root document that the operator did not publish, never an older one
///   than before, and the newest one in the end.
/// - Reports of a stream come in their order, each at least once, and the last word about the
/// newest
///   release is that it is confirmed.
/// - Between checks the firmware holds as much heap as before, and never kHeapBytesMax more.
class DeviceLife {
 public:
  /// From the beginning of the calm until the newest release is confirmed: trials of releases that
  /// turn out badly come to their end (10 minutes), waits that a server asked for, or that failures
  /// led to, are over, and the update takes place.
  static constexpr std::int64_t kConvergenceUs = std::int64_t{3600} * 1'000'000;
  /// The same when the device has given up the newest release, which it may after a trial that
  /// ended without a confirmation (FUOTA_B_FAILED_IMAGE_REST_S).
  static constexpr std::int64_t kConvergenceAfterRestUs =
      kConvergenceUs + std::int64_t{86'400} * 1'000'000;
  /// Of the components; what ESP-IDF's HTTP client and TLS take is not the firmware's own.
  static constexpr std::size_t kHeapBytesMax = std::size_t{12} * 1024;
  /// What ESP-IDF's client takes that is kept from one check to the next: its buffers and a
  /// session.
  static constexpr std::size_t kKeptHeapBytesMax = std::size_t{8} * 1024;

  /// `log` gets the device's console and what happens around it; may be empty.
  DeviceLife(ReleaseShelf& shelf, FactoryBoard& factory, std::uint64_t seed,
             std::function<void(const std::string&)> log);
  DeviceLife(const DeviceLife&) = delete;
  DeviceLife& operator=(const DeviceLife&) = delete;

  /// Lives. Nothing when all was well, else what was violated first.
  [[nodiscard]] std::optional<std::string> live();

  [[nodiscard]] const LifeCounts& counts() const { return counts_; }
  [[nodiscard]] std::int64_t virtual_us() const { return board_.now_us(); }
  /// From the beginning of the calm to the confirmation of the newest release; 0 when it was not
  /// reached, or only after a rest.
  [[nodiscard]] std::int64_t convergence_us() const { return convergence_us_; }

 private:
  using Release = ReleaseShelf::Release;

  [[nodiscard]] simulator::chip::Board::Options board_options(std::uint64_t seed);
  void firmware();

  void storm();
  void strike();
  void arm_cut_at_operation();
  void arm_cut_after_request();
  void cut_in_a_row();
  void cut_now(Happening happening);
  void calm_down();
  [[nodiscard]] bool has_converged();
  /// Whether the server knows it too.
  [[nodiscard]] bool has_told();
  [[nodiscard]] bool has_arrived() { return has_converged() && has_told(); }

  /// Lets time pass, and does what is due meanwhile.
  void run_for(std::int64_t duration_us);
  void on_boot(const simulator::boot::BootResult& boot);
  void on_request(const ServedRequest& request);
  void note_confirmation();
  void check_root(unsigned told);
  void read_reports();
  void on_line(std::string_view line);
  void check_heap();

  [[nodiscard]] bool is_confirmed() const;
  void violate(const std::string& what);
  [[nodiscard]] bool violated() const { return violation_.has_value(); }
  void say(const std::string& text) const;
  bool chance(unsigned per_mille) { return random_.below(1000) < per_mille; }
  std::int64_t random_us(std::int64_t min_us, std::int64_t max_us) {
    return min_us + static_cast<std::int64_t>(
                        random_.below(static_cast<std::uint64_t>(max_us - min_us) + 1));
  }

  ReleaseShelf& shelf_;
  const simulator::flash::PartitionTable& partitions_;
  simulator::flash::FlashChip& flash_;
  std::function<void(const std::string&)> log_;
  simulator::kernel::Random random_;
  LifeCounts counts_;
  simulator::radio::World world_;
  simulator::net::Network network_;
  Surroundings surroundings_;
  Agenda agenda_;
  simulator::chip::Board board_;

  const Release* running_;
  unsigned running_slot_ = 0;
  std::uint32_t confirmed_counter_ = 0;
  std::map<unsigned, unsigned> lost_trials_;  ///< of each release, boots that did not confirm it
  bool was_on_trial_ = false;
  std::optional<simulator::flash::Fault> armed_cut_;
  bool cut_after_request_ = false;  ///< of the next one
  bool power_is_to_go_ = false;     ///< now, as the request said
  unsigned told_root_ = 0;
  std::size_t reports_read_ = 0;
  std::map<std::string, std::uint64_t> last_sequences_;  ///< of each stream
  std::map<std::string, std::string> last_states_;       ///< of each image, as reported

  // Of this power-on session.
  bool checked_since_boot_ = false;
  std::optional<std::size_t> heap_level_;  ///< what the firmware holds between checks
  std::optional<std::size_t> free_heap_;   ///< of the chip's heap, between checks

  std::int64_t convergence_us_ = 0;
  std::optional<std::string> violation_;
};

}  // namespace fuota::test
