#include "tests/simulation/random_lives/device_life.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "simulator/boot/otadata.hpp"
#include "simulator/chip/factory.hpp"
#include "simulator/kernel/scheduler.hpp"
#include "tests/simulation/update/update_server.hpp"
#include "tests/support/board/test_board.hpp"

extern "C" void app_main(void);

namespace fuota::test {
namespace {

using simulator::boot::BootResult;
using simulator::chip::Board;
using simulator::flash::Fault;
using simulator::flash::Operation;

constexpr std::int64_t kMinuteUs = 60 * kSecondUs;
constexpr unsigned kSlots = 2;
constexpr std::uint64_t kPurposeOfPower = 3;

simulator::boot::Otadata read_otadata(const simulator::flash::FlashChip& flash,
                                      const simulator::flash::PartitionTable& partitions) {
  const std::uint32_t offset = partitions.find_label("otadata")->offset;
  simulator::boot::Otadata otadata;
  for (std::size_t i = 0; i < otadata.size(); ++i) {
    const auto entry = flash.content().subspan(offset + i * simulator::flash::kSectorBytes);
    std::memcpy(&otadata[i], entry.data(), sizeof otadata[i]);
  }
  return otadata;
}

bool is_panic(esp_reset_reason_t reason) {
  return reason != ESP_RST_POWERON && reason != ESP_RST_SW;
}

}  // namespace

FactoryBoard::FactoryBoard(const ReleaseShelf& shelf)
    : partitions_(TestBoard().partitions()), flash_(std::size_t{4} << 20) {
  const auto made = simulator::chip::flash_new_board(flash_, partitions_, shelf.at(0).image);
  const auto provisioned =
      simulator::chip::provision(flash_, "fuota",
                                 {{"device_id", std::string(kDeviceId)},
                                  {"server_cert", std::string(kCertificate)},
                                  {"trusted_keys", ReleaseShelf::trusted_keys()},
                                  {"key_threshold", std::uint16_t{1}}});
  if (!made || !provisioned) {
    std::fprintf(stderr, "FactoryBoard: the flash refuses\n");
    std::exit(EXIT_FAILURE);
  }
  content_.assign(flash_.content().begin(), flash_.content().end());
}

simulator::flash::FlashChip& FactoryBoard::fresh_flash() {
  flash_.set_fault_hook({});
  // Most of it is as it was, and comparing is faster than writing.
  for (std::size_t at = 0; at < content_.size(); at += simulator::flash::kSectorBytes) {
    const auto sector = std::span(content_).subspan(at, simulator::flash::kSectorBytes);
    if (std::memcmp(flash_.content().data() + at, sector.data(), sector.size()) != 0) {
      flash_.burn(static_cast<std::uint32_t>(at), sector);
    }
  }
  return flash_;
}

DeviceLife::DeviceLife(ReleaseShelf& shelf, FactoryBoard& factory, std::uint64_t seed,
                       std::function<void(const std::string&)> log)
    : shelf_(shelf),
      partitions_(factory.partitions()),
      flash_(factory.fresh_flash()),
      log_(std::move(log)),
      random_(seed, kPurposeOfPower),
      surroundings_({shelf, world_, network_, counts_,
                     log_ ? [this](const std::string& text) { say(text); }
                          : std::function<void(const std::string&)>()},
                    seed),
      board_(
          board_options(seed), [this] { firmware(); }, flash_, world_, network_),
      running_(&shelf.at(0)) {
  flash_.seed_torn_results(seed);
  board_.set_boot_listener([this](const BootResult& boot) { on_boot(boot); });
  surroundings_.on_request = [this](const ServedRequest& request) { on_request(request); };
}

Board::Options DeviceLife::board_options(std::uint64_t seed) {
  Board::Options options = TestBoard::board_under_test();
  options.model = simulator::boot::find_chip("esp32");
  options.seed = seed;
  options.console = [this](std::string_view line) { on_line(line); };
  return options;
}

void DeviceLife::firmware() {
  app_main();
  if (running_->behaviour != Behaviour::crashes) return;
  vTaskDelay(pdMS_TO_TICKS(5000));
  esp_restart();
}

void DeviceLife::say(const std::string& text) const {
  if (!log_) return;
  char time[32];
  std::snprintf(time, sizeof time, "[%12.6f] ", static_cast<double>(board_.now_us()) / 1e6);
  log_(time + text);
}

void DeviceLife::violate(const std::string& what) {
  if (violated()) return;
  violation_ = what;
  say("VIOLATION: " + what);
}

std::optional<std::string> DeviceLife::live() {
  storm();
  if (!violated()) calm_down();
  board_.power_off();
  return violation_;
}

void DeviceLife::storm() {
  // The first power-on is the one time that the bootloader finds no otadata.
  if (chance(200)) arm_cut_at_operation();
  // Some are short, so that the calm finds all kinds of beginnings.
  const std::int64_t end_us = chance(250) ? random_us(kMinuteUs, 20 * kMinuteUs)
                                          : random_us(20 * kMinuteUs, 160 * kMinuteUs);
  while (!violated() && board_.now_us() < end_us) {
    // Much happens at once, then nothing for a while.
    run_for(chance(600) ? random_us(0, 40 * kSecondUs) : random_us(0, 6 * kMinuteUs));
    if (!violated()) strike();
  }
}

void DeviceLife::strike() {
  switch (random_.below(8)) {
    case 0:
      return arm_cut_at_operation();
    case 1:
      return arm_cut_after_request();
    case 2:
      return cut_in_a_row();
    default:
      return surroundings_.strike(board_.now_us());
  }
}

void DeviceLife::arm_cut_at_operation() {
  constexpr Fault kFaults[] = {Fault::cut_before, Fault::cut_during, Fault::cut_after};
  // An update takes about 100 operations, most of them small ones in NVS.
  const std::uint64_t index = flash_.operation_count() + random_.below(chance(500) ? 12 : 150);
  const Fault fault = kFaults[random_.below(std::size(kFaults))];
  say("the power goes at operation " + std::to_string(index - flash_.operation_count()));
  armed_cut_ = fault;
  flash_.set_fault_hook([index, fault](const Operation& operation) {
    return operation.index == index ? fault : Fault::none;
  });
}

void DeviceLife::arm_cut_after_request() {
  say("the power goes after the next request");
  cut_after_request_ = true;
}

void DeviceLife::cut_in_a_row() {
  cut_now(Happening::cut_at_an_instant);
  std::int64_t at_us = board_.now_us();
  for (std::uint64_t more = random_.below(4); more > 0; --more) {
    at_us += random_us(0, chance(500) ? 2 * kSecondUs : 45 * kSecondUs);
    agenda_.at(at_us, [this] { cut_now(Happening::cut_soon_after_boot); });
  }
}

void DeviceLife::cut_now(Happening happening) {
  if (board_.session() == nullptr) return;
  counts_.add(happening);
  say("the power goes: " + std::string(name_of(happening)));
  board_.power_off();
}

void DeviceLife::run_for(std::int64_t duration_us) {
  const std::int64_t until_us = board_.now_us() + duration_us;
  while (!violated() && board_.now_us() < until_us) {
    agenda_.run_due(board_.now_us());
    surroundings_.recover(board_.now_us());
    const std::int64_t next_us =
        std::min({until_us, agenda_.next_us(), surroundings_.next_recovery_us()});
    const Board::Ending ending = board_.run(next_us - board_.now_us());
    switch (ending) {
      case Board::Ending::deadline:
        break;
      case Board::Ending::requested:
        power_is_to_go_ = false;
        cut_now(Happening::cut_while_asked);
        break;
      case Board::Ending::power_lost: {
        constexpr Happening kCuts[] = {Happening::cut_before_operation,
                                       Happening::cut_during_operation,
                                       Happening::cut_after_operation};
        const auto cut = static_cast<std::size_t>(armed_cut_.value_or(Fault::cut_before)) -
                         static_cast<std::size_t>(Fault::cut_before);
        counts_.add(kCuts[cut]);
        say("the power goes: " + std::string(name_of(kCuts[cut])));
        break;
      }
      case Board::Ending::nothing_bootable:
        violate("nothing to boot: " + board_.last_boot()->reason);
        break;
      case Board::Ending::idle:
        violate("the device sleeps for ever");
        break;
    }
    if (board_.session() != nullptr) note_confirmation();
    read_reports();
  }
}

void DeviceLife::on_boot(const BootResult& boot) {
  counts_.add(Happening::booted);
  heap_level_.reset();
  free_heap_.reset();
  checked_since_boot_ = false;
  const simulator::flash::Partition& slot = *boot.partition;
  const Release* before = running_;
  const Release* release = shelf_.identify(flash_.content().subspan(slot.offset, slot.size));
  if (release == nullptr) {
    violate("runs an image in " + slot.label + " that is no release");
    return;
  }
  if (is_panic(board_.reset_reason())) violate("panicked");
  running_ = release;
  running_slot_ = slot.label == "ota_0" ? 0 : 1;
  surroundings_.device_runs(*release);
  note_confirmation();
  if (release->counter < confirmed_counter_) {
    violate("runs a release of counter " + std::to_string(release->counter) + ", but one of " +
            std::to_string(confirmed_counter_) + " was confirmed");
  }
  if (std::exchange(was_on_trial_, !is_confirmed()) && release != before) {
    counts_.add(Happening::rolled_back);
  }
  if (was_on_trial_) ++lost_trials_[release->number];
  say("boots release " + std::to_string(release->number) + (was_on_trial_ ? ", on trial" : ""));
}

/// Whether otadata says of the slot that runs that its image may stay.
bool DeviceLife::is_confirmed() const {
  const simulator::boot::Otadata otadata = read_otadata(flash_, partitions_);
  const auto active = simulator::boot::active_entry(otadata);
  if (!active) return false;
  const auto& entry = otadata[static_cast<std::size_t>(*active)];
  return simulator::boot::slot_of(entry, kSlots) == running_slot_ &&
         (entry.ota_state == ESP_OTA_IMG_VALID || entry.ota_state == ESP_OTA_IMG_UNDEFINED);
}

void DeviceLife::note_confirmation() {
  if (!is_confirmed()) return;
  confirmed_counter_ = std::max(confirmed_counter_, running_->counter);
  if (!std::exchange(was_on_trial_, false)) return;
  counts_.add(Happening::updated);
  lost_trials_.erase(running_->number);
}

void DeviceLife::on_request(const ServedRequest& request) {
  if (request.kind == ServedRequest::Kind::file) counts_.add(Happening::downloaded);
  if (request.kind == ServedRequest::Kind::report) counts_.add(Happening::reported);
  if (!request.range.empty()) counts_.add(Happening::asked_for_a_range);
  if (request.kind == ServedRequest::Kind::check) {
    counts_.add(Happening::checked);
    checked_since_boot_ = true;
    note_confirmation();
    const auto counter = request.parameter("counter");
    if (!counter || std::strtoull(counter->c_str(), nullptr, 10) < confirmed_counter_) {
      violate("tells a counter of " + counter.value_or("none") + ", but " +
              std::to_string(confirmed_counter_) + " was confirmed");
    }
  }
  if (request.kind == ServedRequest::Kind::root) counts_.add(Happening::asked_for_a_root);
  if (const auto root = request.parameter("root")) {
    check_root(static_cast<unsigned>(std::strtoul(root->c_str(), nullptr, 10)));
  }
  if (!std::exchange(cut_after_request_, false)) return;
  power_is_to_go_ = true;
  const std::int64_t delay_us = random_us(0, chance(500) ? kSecondUs / 2 : 4 * kSecondUs);
  world_.call_at(world_.now_us() + delay_us, [this](simulator::radio::World&) {
    // In between, the device may have restarted, and be with its bootloader now.
    auto* scheduler = simulator::kernel::Scheduler::current_or_null();
    if (power_is_to_go_ && scheduler != nullptr) scheduler->request_stop();
  });
}

void DeviceLife::check_root(unsigned told) {
  if (told == told_root_) return;
  counts_.add(Happening::followed_a_root);
  if (told < told_root_ || told > surroundings_.root()) {
    violate("trusts root document " + std::to_string(told) + " after " +
            std::to_string(told_root_) + ", and " + std::to_string(surroundings_.root()) +
            " is the newest");
  }
  told_root_ = told;
}

void DeviceLife::read_reports() {
  const std::vector<ReceivedReport>& reports = surroundings_.server().reports();
  for (; reports_read_ < reports.size(); ++reports_read_) {
    const ReceivedReport& report = reports[reports_read_];
    if (report.is_repeat) continue;
    std::uint64_t& last = last_sequences_[report.stream];
    if (report.sequence <= last) {
      violate("reports number " + std::to_string(report.sequence) + " after number " +
              std::to_string(last));
    }
    last = report.sequence;
    last_states_[report.image] = report.state;
  }
}

void DeviceLife::on_line(std::string_view line) {
  if (log_) log_(std::string(line));
  // So each round of scan, connection and check begins: nothing of the one before is left.
  if (line.find("APP: Scanning for") != std::string_view::npos) check_heap();
}

void DeviceLife::check_heap() {
  const simulator::chip::DeviceHeap& heap = board_.session()->heap();
  const std::size_t level = heap.bytes_alive();
  if (!heap_level_) heap_level_ = level;
  if (level != *heap_level_) {
    violate("holds " + std::to_string(level) + " bytes between checks, " +
            std::to_string(*heap_level_) + " before");
  }
  if (heap.bytes_alive_max() > *heap_level_ + kHeapBytesMax) {
    violate("took " + std::to_string(heap.bytes_alive_max() - *heap_level_) + " bytes of heap");
  }
  // What ESP-IDF holds for the firmware: the first connection leaves a task behind, and a Wi-Fi
  // driver that fails to stop keeps its buffers until it does.
  if (!checked_since_boot_ || board_.session()->wifi().installed()) return;
  counts_.add(Happening::heap_compared);
  const std::size_t free = board_.session()->kernel().scheduler().heap().free_bytes();
  // The client that is kept for its TLS session is there or not, as the last check went.
  if (!free_heap_ || free > *free_heap_) free_heap_ = free;
  if (free + kKeptHeapBytesMax < *free_heap_) {
    violate("leaves " + std::to_string(free) + " bytes of the chip's heap free between checks, " +
            std::to_string(*free_heap_) + " before");
  }
}

void DeviceLife::calm_down() {
  agenda_.clear();
  flash_.set_fault_hook({});
  cut_after_request_ = power_is_to_go_ = false;
  surroundings_.calm();
  const std::int64_t began_us = board_.now_us();

  const Release& newest = surroundings_.newest();
  const bool is_given_up = lost_trials_.contains(newest.number);
  bool waits_rest = false;
  if (!surroundings_.has_published() || newest.behaviour != Behaviour::healthy) {
    surroundings_.publish_healthy();
  } else if (is_given_up) {
    // A day's rest takes the host long, so that few lives wait for it.
    waits_rest = random_.below(256) == 0;
    if (!waits_rest) surroundings_.publish_healthy();
  } else if (chance(500)) {
    surroundings_.publish_healthy();
  }
  if (waits_rest) counts_.add(Happening::waited_rest);

  const std::int64_t until_us = began_us + (waits_rest ? kConvergenceAfterRestUs : kConvergenceUs);
  while (!violated() && !has_arrived() && board_.now_us() < until_us) run_for(20 * kSecondUs);
  if (violated()) return;
  if (!has_converged()) {
    violate("does not run release " + std::to_string(surroundings_.newest().number) + " within " +
            std::to_string((until_us - began_us) / kMinuteUs) + " minutes of calm, but " +
            std::to_string(running_->number));
    return;
  }
  if (!has_told()) violate("does not tell the server of the newest release, or of its keys");
  if (!waits_rest) convergence_us_ = board_.now_us() - began_us;

  // What is confirmed outlasts a power cycle; and a check or two show that the device goes on.
  board_.power_off();
  run_for(2 * kMinuteUs);
  if (!violated() && !has_converged()) violate("does not keep the newest release");
}

bool DeviceLife::has_told() {
  const auto state = last_states_.find(running_->offering.release->image);
  return told_root_ == surroundings_.root() && state != last_states_.end() &&
         state->second == "confirmed";
}

bool DeviceLife::has_converged() {
  return board_.session() != nullptr && running_ == &surroundings_.newest() && is_confirmed();
}

}  // namespace fuota::test
