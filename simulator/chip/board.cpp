#include "simulator/chip/board.hpp"

#include <cstdio>
#include <string_view>
#include <utility>

#include "simulator/chip/firmware_memory.hpp"

namespace simulator::chip {
namespace {

// CONFIG_ESP_MAIN_TASK_STACK_SIZE, and ESP_TASK_MAIN_PRIO of esp_task.h.
constexpr std::size_t kMainTaskStackBytes = 3584;
constexpr unsigned kMainTaskPriority = 1;

/// Keeps the boots of one seed away from those of the next.
constexpr std::uint64_t kSeedSpread = 0x9E3779B97F4A7C15;

void print_line(std::string_view line) {
  std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
  std::fflush(stdout);
}

}  // namespace

Board::Board(Options options, Firmware firmware, flash::FlashChip& flash, radio::World& world,
             net::Network& network)
    : options_(std::move(options)),
      firmware_(std::move(firmware)),
      flash_(flash),
      world_(world),
      network_(network) {
  if (!options_.console) options_.console = &print_line;
  FirmwareMemory::instance();  // before any firmware runs
}

Board::~Board() = default;

Board::Ending Board::run(std::int64_t duration_us) {
  const std::int64_t until_us = now_us() + duration_us;
  for (;;) {
    if (session_ == nullptr) {
      if (now_us() >= until_us) return Ending::deadline;
      if (const auto ending = boot()) return *ending;
    }
    const kernel::StopReason reason = session_->kernel().run(until_us - past_us_);
    const esp_reset_reason_t next = session_->kernel().next_reset_reason(reason);
    switch (reason) {
      case kernel::StopReason::deadline:
        return Ending::deadline;
      case kernel::StopReason::idle:
        return Ending::idle;
      case kernel::StopReason::requested:
        return Ending::requested;
      case kernel::StopReason::restart:
      case kernel::StopReason::panic:
        end_session(next);
        break;
      case kernel::StopReason::power_off:
        end_session(next);
        return Ending::power_lost;
    }
  }
}

std::optional<Board::Ending> Board::boot() {
  boot::BootOptions boot_options;
  boot_options.model = options_.model;
  boot_options.rollback = options_.rollback;
  boot_options.idf = options_.idf;
  boot_options.log = options_.console;
  ++boots_;
  last_boot_ = boot::boot(flash_, boot_options);
  past_us_ += last_boot_->duration_us;
  world_.pass(last_boot_->duration_us);
  if (last_boot_->outcome == boot::BootOutcome::power_lost) {
    reset_reason_ = ESP_RST_POWERON;
    return Ending::power_lost;
  }
  if (last_boot_->outcome == boot::BootOutcome::nothing_bootable) return Ending::nothing_bootable;
  if (boot_listener_) boot_listener_(*last_boot_);

  PowerSession::Options session_options;
  session_options.kernel.seed = options_.seed * kSeedSpread + boots_;
  session_options.kernel.speed = options_.speed;
  session_options.kernel.heap_bytes = options_.heap_bytes;
  session_options.kernel.base_mac = options_.base_mac;
  session_options.kernel.reset_reason = reset_reason_;
  session_options.kernel.console = options_.console;
  session_options.kernel.task_watchdog_timeout_us = options_.task_watchdog_timeout_us;
  session_options.application.model = options_.model;
  session_options.application.rollback = options_.rollback;
  session_options.application.idf = options_.idf;
  session_options.wifi = {radio::DriverBehaviour::of(options_.idf), options_.wifi_timing};
  session_options.http = net::HttpBehaviour::of(options_.idf);

  FirmwareMemory::instance().reset();
  session_ = std::make_unique<PowerSession>(std::move(session_options), flash_, *last_boot_->table,
                                            *last_boot_->partition, world_, network_);
  session_->kernel().scheduler().heap().limit_block(options_.heap_block_bytes_max);
  session_->kernel().scheduler().spawn("main", kMainTaskStackBytes, kMainTaskPriority, firmware_);
  return std::nullopt;
}

void Board::end_session(esp_reset_reason_t next_reset_reason) {
  past_us_ += session_->kernel().scheduler().now_us();
  session_.reset();
  reset_reason_ = next_reset_reason;
}

void Board::power_off() {
  if (session_ != nullptr) end_session(ESP_RST_POWERON);
  reset_reason_ = ESP_RST_POWERON;
}

std::int64_t Board::now_us() const {
  return past_us_ + (session_ != nullptr ? session_->kernel().scheduler().now_us() : 0);
}

}  // namespace simulator::chip
