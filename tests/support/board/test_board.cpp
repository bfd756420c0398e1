#include "tests/support/board/test_board.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <utility>

#include "simulator/kernel/scheduler.hpp"

namespace fuota::test {
namespace {

using simulator::chip::Board;
using simulator::flash::PartitionTable;

constexpr std::size_t kSmallImageBytes = 4096;

template <typename Value>
Value value_or_exit(simulator::flash::Result<Value> result, const char* what) {
  if (result) return std::move(result).value();
  std::fprintf(stderr, "TestBoard: %s: %s\n", what, result.error().message.c_str());
  std::exit(EXIT_FAILURE);
}

PartitionTable sample_partitions() {
  std::ifstream file(FUOTA_PARTITIONS_CSV);
  const std::string csv{std::istreambuf_iterator<char>(file), {}};
  return value_or_exit(PartitionTable::parse_csv(csv), FUOTA_PARTITIONS_CSV);
}

Board::Options board_options(const TestBoard::Options& options, std::vector<std::string>& lines) {
  Board::Options board = options.board;
  board.model = simulator::boot::find_chip(options.image.chip);
  board.console = [&lines](std::string_view line) { lines.emplace_back(line); };
  return board;
}

}  // namespace

simulator::kernel::IdfVersion idf_version_under_test() {
  const char* name = std::getenv("FUOTA_IDF_VERSION");
  if (name == nullptr) return Board::Options{}.idf;
  const auto version = simulator::kernel::find_idf_version(name);
  if (version) return *version;
  std::fprintf(stderr, "FUOTA_IDF_VERSION=%s: v4.4, v5.5 or v6.0\n", name);
  std::exit(EXIT_FAILURE);
}

Board::Options TestBoard::board_under_test() {
  Board::Options board;
  board.idf = idf_version_under_test();
  return board;
}

ImageOptions TestBoard::small_image() {
  ImageOptions image;
  image.size_bytes = kSmallImageBytes;
  return image;
}

TestBoard::TestBoard() : TestBoard(Options{}) {}

TestBoard::TestBoard(Options options)
    : partitions_(sample_partitions()),
      flash_(options.flash_bytes),
      board_(
          board_options(options, lines_),
          [this] {
            if (firmware_) firmware_();
          },
          flash_, world_, network_) {
  value_or_exit(simulator::chip::flash_new_board(flash_, partitions_, build_image(options.image)),
                "flash_new_board");
}

bool TestBoard::run_until_returned(Firmware body, std::int64_t duration_us) {
  bool returned = false;
  firmware_ = [&returned, &body] {
    body();
    returned = true;
    auto& scheduler = simulator::kernel::Scheduler::current();
    scheduler.request_stop();
    scheduler.yield();
  };
  board_.power_off();
  (void)board_.run(duration_us);
  firmware_ = nullptr;
  return returned;
}

bool TestBoard::run_to_end(Firmware body, std::int64_t duration_us) {
  const bool returned = run_until_returned(std::move(body), duration_us);
  board_.power_off();
  return returned;
}

void TestBoard::provision(const std::vector<simulator::chip::NvsValue>& values) {
  value_or_exit(simulator::chip::provision(flash_, "fuota", values), "provision");
}

bool TestBoard::printed(std::string_view text) const {
  return std::any_of(lines_.begin(), lines_.end(), [text](const std::string& line) {
    return line.find(text) != std::string::npos;
  });
}

std::string TestBoard::transcript() const {
  std::string text;
  for (const std::string& line : lines_) text += line + '\n';
  return text;
}

std::span<const std::uint8_t> TestBoard::content_of(std::string_view label) const {
  const simulator::flash::Partition* partition = partitions_.find_label(label);
  if (partition == nullptr) {
    std::fprintf(stderr, "TestBoard: no partition \"%s\"\n", std::string(label).c_str());
    std::exit(EXIT_FAILURE);
  }
  return flash_.content().subspan(partition->offset, partition->size);
}

std::uint64_t random_test_seed() {
  const char* given = std::getenv("FUOTA_TEST_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 0) : std::random_device{}();
  std::printf("FUOTA_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

}  // namespace fuota::test
