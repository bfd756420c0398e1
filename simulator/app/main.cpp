#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "simulator/app/end_condition.hpp"
#include "simulator/app/options.hpp"
#include "simulator/chip/board.hpp"
#include "simulator/chip/factory.hpp"

extern "C" void app_main(void);

// The partition table of the sample application, embedded at build.
extern const char g_default_partitions[] asm("_binary_fuota_partitions_csv_start");

namespace simulator::app {
namespace {

constexpr int kAsAsked = 0;
constexpr int kNotReached = 1;
constexpr int kUnusable = 3;

/// How often the end condition is looked at, in virtual time.
constexpr std::int64_t kSliceUs = 500'000;

using flash::Error;
using flash::Result;

int fail(const std::string& what) {
  std::fprintf(stderr, "virtual-esp32: %s\n", what.c_str());
  return kUnusable;
}

Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file) return Error{path.string() + ": cannot be read"};
  return content;
}

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

int describe(const std::filesystem::path& path) {
  const auto image = read_file(path);
  if (!image) return fail(image.error().message);
  const auto info = chip::inspect_image(bytes_of(image.value()));
  if (!info) return fail(path.string() + ": " + info.error().message);
  std::printf("chip=%s\nversion=%s\nproject=%s\nsize=%zu\n",
              std::string(info.value().model->name).c_str(), info.value().version.c_str(),
              info.value().project.c_str(), image.value().size());
  return kAsAsked;
}

Result<std::unique_ptr<flash::FlashChip>> make_board(const Options& options) {
  auto image = read_file(options.image);
  if (!image) return image.error();
  std::string csv = g_default_partitions;
  if (!options.partitions.empty()) {
    auto text = read_file(options.partitions);
    if (!text) return text.error();
    csv = std::move(text).value();
  }
  const auto table = flash::PartitionTable::parse_csv(csv);
  if (!table) return table.error();
  auto chip = flash::FlashChip::create(options.flash, options.flash_bytes);
  if (!chip) return chip.error();
  const auto flashed = chip::flash_new_board(*chip.value(), table.value(), bytes_of(image.value()));
  if (!flashed) return Error{options.image.string() + ": " + flashed.error().message};
  return chip;
}

Result<std::unique_ptr<flash::FlashChip>> open_board(const Options& options) {
  if (!options.image.empty()) return make_board(options);
  if (!std::filesystem::exists(options.flash)) {
    return Error{options.flash.string() + " does not exist: make a board with --image FILE"};
  }
  return flash::FlashChip::open(options.flash);
}

/// The words with a space in between.
std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

Result<std::monostate> provision(flash::FlashChip& flash, const Provisioning& wanted) {
  std::vector<chip::NvsValue> values;
  const auto add = [&values](const char* key, const std::string& value) {
    if (!value.empty()) values.push_back({key, value});
  };
  add("ap_ssid", wanted.ap_ssid);
  if (wanted.ap_password) values.push_back({"ap_password", *wanted.ap_password});
  add("server_name", wanted.server_name);
  if (wanted.server_port) values.push_back({"server_port", *wanted.server_port});
  add("username", wanted.username);
  add("password", wanted.password);
  add("device_id", wanted.device_id);
  if (!wanted.trusted_keys.empty()) {
    values.push_back({"trusted_keys", joined(wanted.trusted_keys)});
  }
  if (wanted.key_threshold) values.push_back({"key_threshold", *wanted.key_threshold});
  if (wanted.key_version) values.push_back({"key_version", *wanted.key_version});
  add("fleet_key", wanted.fleet_key);
  const auto add_file = [&values](const char* key, const std::filesystem::path& path) {
    if (path.empty()) return Result<std::monostate>(std::monostate{});
    const auto content = read_file(path);
    if (!content) return Result<std::monostate>(content.error());
    values.push_back({key, content.value()});
    return Result<std::monostate>(std::monostate{});
  };
  for (const auto& read : {add_file("server_cert", wanted.certificate),
                           add_file("client_cert", wanted.client_certificate),
                           add_file("client_key", wanted.client_key)}) {
    if (!read) return read.error();
  }
  if (values.empty()) return std::monostate{};
  return chip::provision(flash, "fuota", values);
}

/// The chip that the board has: as asked for, else as the first slot's image says.
Result<const boot::ChipModel*> find_model(const flash::FlashChip& flash, const Options& options) {
  if (!options.chip.empty()) {
    const boot::ChipModel* model = boot::find_chip(options.chip);
    if (model == nullptr) return Error{"--chip: " + options.chip + " is not known"};
    return model;
  }
  const auto table = flash::PartitionTable::parse(
      flash.content().subspan(flash::kPartitionTableAddress, flash::kPartitionTableBytes),
      flash.size_bytes());
  if (!table) return Error{options.flash.string() + ": " + table.error().message};
  std::string reason = "no application slot in the partition table";
  for (const flash::Partition* slot : table.value().ota_slots()) {
    const auto info = chip::inspect_image(flash.content().subspan(slot->offset, slot->size));
    if (info) return info.value().model;
    reason = slot->label + ": " + info.error().message;
  }
  return Error{options.flash.string() + ": " + reason};
}

void build_world(const Options& options, radio::World& world) {
  for (const radio::AccessPoint& access_point : options.access_points) world.add(access_point);
  if (!options.access_points.empty()) return;
  radio::AccessPoint access_point;
  access_point.ssid =
      options.provisioning.ap_ssid.empty() ? "fuota_ap" : options.provisioning.ap_ssid;
  access_point.password = options.provisioning.ap_password.value_or("fuota_pw");
  if (access_point.password.empty()) access_point.authmode = WIFI_AUTH_OPEN;
  world.add(access_point);
}

/// Watches a board until it has reached what was asked for.
class Run {
 public:
  Run(chip::Board& board, const Options& options)
      : board_(board), options_(options), condition_(options.until) {
    board_.set_boot_listener([this](const boot::BootResult& boot) { on_boot(boot); });
  }

  int go() {
    for (;;) {
      const std::int64_t left_us = time_left_us();
      if (left_us <= 0) return out_of_time();
      switch (board_.run(std::min(left_us, kSliceUs))) {
        case chip::Board::Ending::nothing_bootable:
          return fail("nothing to boot: " + board_.last_boot()->reason);
        case chip::Board::Ending::idle:
          std::fprintf(stderr, "virtual-esp32: every task waits for ever\n");
          return kNotReached;
        default:
          break;
      }
      if (condition_.is_reached(observe())) return kAsAsked;
    }
  }

 private:
  void on_boot(const boot::BootResult& boot) {
    const std::uint32_t offset = boot.partition->offset;
    if (!first_offset_) first_offset_ = offset;
    running_is_new_ = offset != *first_offset_;
  }

  [[nodiscard]] std::int64_t time_left_us() const {
    switch (options_.until) {
      case Until::forever:
        return kSliceUs;
      case Until::time:
        return options_.until_us - board_.now_us();
      case Until::idle:
      case Until::updated:
        return options_.time_limit_us - board_.now_us();
    }
    return 0;
  }

  [[nodiscard]] int out_of_time() const {
    if (options_.until == Until::time) return kAsAsked;
    std::fprintf(stderr, "virtual-esp32: not %s after %lld virtual seconds\n",
                 options_.until == Until::idle ? "idle" : "updated",
                 static_cast<long long>(options_.time_limit_us / 1'000'000));
    return kNotReached;
  }

  [[nodiscard]] Observation observe() {
    Observation now;
    now.now_us = board_.now_us();
    now.boots = board_.boots();
    now.running_is_new = running_is_new_;
    if (const chip::PowerSession* session = board_.session()) {
      now.has_address = session->netif().has_address();
      now.connections = session->http().statistics().connections;
    }
    return now;
  }

  chip::Board& board_;
  const Options& options_;
  EndCondition condition_;
  std::optional<std::uint32_t> first_offset_;
  bool running_is_new_ = false;
};

/// The seed of the run. Unless one is asked for, it is new: a real board's random numbers differ
/// from another's too, and from those of its life before.
std::uint64_t seed_of(const Options& options) {
  if (options.seed) return *options.seed;
  std::random_device entropy;
  const std::uint64_t seed = std::uint64_t{entropy()} << 32 | entropy();
  std::fprintf(stderr, "virtual-esp32: --seed %llu repeats this run\n",
               static_cast<unsigned long long>(seed));
  return seed;
}

int run(const Options& options) {
  if (!options.describe.empty()) return describe(options.describe);
  const auto flash = open_board(options);
  if (!flash) return fail(flash.error().message);
  const auto provisioned = provision(*flash.value(), options.provisioning);
  if (!provisioned) return fail(provisioned.error().message);
  const auto model = find_model(*flash.value(), options);
  if (!model) return fail(model.error().message);

  radio::World world;
  build_world(options, world);
  net::Network network;
  network.allow_host_network(true);
  for (const auto& [from, to] : options.routes) network.route(from, to);

  chip::Board::Options board_options;
  board_options.model = model.value();
  board_options.rollback = options.rollback;
  board_options.idf = options.idf;
  if (options.mac) board_options.base_mac = *options.mac;
  board_options.seed = seed_of(options);
  board_options.speed = options.speed;
  chip::Board board(board_options, &app_main, *flash.value(), world, network);
  return Run(board, options).go();
}

}  // namespace
}  // namespace simulator::app

int main(int argument_count, char** arguments) {
  const auto options = simulator::app::parse_options(argument_count, arguments);
  if (const int* status = std::get_if<int>(&options)) return *status;
  return simulator::app::run(std::get<simulator::app::Options>(options));
}
