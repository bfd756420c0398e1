#include "simulator/flash/flash_chip.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "simulator/flash/hex.hpp"
#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/scheduler.hpp"

namespace simulator::flash {
namespace {

using kernel::misuse;
using kernel::Scheduler;

class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() {
    if (number_ >= 0) ::close(number_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

Error error_of_system(const char* what, const std::filesystem::path& path) {
  return {std::string(what) + " " + path.string() + ": " + std::strerror(errno)};
}

bool is_chip_size(std::size_t size_bytes) {
  return size_bytes > 0 && size_bytes % kSectorBytes == 0 && size_bytes <= kChipBytesMax;
}

/// An empty span when the system refuses.
std::span<std::uint8_t> map(std::size_t size_bytes, int flags, int file) {
  void* cells = ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, flags, file, 0);
  if (cells == MAP_FAILED) return {};
  return {static_cast<std::uint8_t*>(cells), size_bytes};
}

std::span<std::uint8_t> map_memory(std::size_t size_bytes) {
  if (!is_chip_size(size_bytes)) {
    misuse("FlashChip", "a chip can't have " + hex(size_bytes) + " bytes");
  }
  const auto cells = map(size_bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  if (cells.empty()) misuse("FlashChip", "no memory for " + hex(size_bytes) + " bytes");
  std::ranges::fill(cells, kErasedByte);
  return cells;
}

/// The clock runs only for a task that waits for the flash.
void pass(std::int64_t duration_us) {
  Scheduler* scheduler = Scheduler::current_or_null();
  if (scheduler != nullptr && scheduler->in_task()) scheduler->advance(duration_us);
}

std::size_t pages_touched(std::uint32_t address, std::size_t length) {
  return (address % kPageBytes + length + kPageBytes - 1) / kPageBytes;
}

std::uint64_t below(std::mt19937_64& random, std::uint64_t bound) {
  return random() % bound;
}

/// A byte whose bits are one with a probability of `eighths` / 8.
std::uint8_t random_mask(std::mt19937_64& random, unsigned eighths) {
  std::uint8_t mask = 0;
  for (int bit = 0; bit < 8; ++bit) {
    mask = static_cast<std::uint8_t>(mask << 1 | (below(random, 8) < eighths));
  }
  return mask;
}

}  // namespace

FlashChip::FlashChip(std::size_t size_bytes) : FlashChip(map_memory(size_bytes)) {}

FlashChip::FlashChip(std::span<std::uint8_t> mapping)
    : cells_(mapping), erase_counts_(mapping.size() / kSectorBytes) {}

FlashChip::~FlashChip() {
  ::munmap(cells_.data(), cells_.size());
}

Result<std::unique_ptr<FlashChip>> FlashChip::create(const std::filesystem::path& path,
                                                     std::size_t size_bytes) {
  if (!is_chip_size(size_bytes)) {
    return Error{"a flash chip can't have " + std::to_string(size_bytes) + " bytes"};
  }
  const FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file.get() < 0) return error_of_system("can't create", path);
  // Reserving the blocks now turns a full disk into an error here instead of a SIGBUS later.
  if (const int code = ::posix_fallocate(file.get(), 0, static_cast<off_t>(size_bytes))) {
    errno = code;
    return error_of_system("can't make room in", path);
  }
  const auto cells = map(size_bytes, MAP_SHARED, file.get());
  if (cells.empty()) return error_of_system("can't map", path);
  std::ranges::fill(cells, kErasedByte);
  return std::unique_ptr<FlashChip>(new FlashChip(cells));
}

Result<std::unique_ptr<FlashChip>> FlashChip::open(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (file.get() < 0) return error_of_system("can't open", path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return error_of_system("can't examine", path);
  const auto size_bytes = static_cast<std::size_t>(status.st_size);
  if (!is_chip_size(size_bytes)) {
    return Error{path.string() + " is not the content of a flash chip: it has " +
                 std::to_string(size_bytes) + " bytes, which is not a number of whole sectors"};
  }
  const auto cells = map(size_bytes, MAP_SHARED, file.get());
  if (cells.empty()) return error_of_system("can't map", path);
  return std::unique_ptr<FlashChip>(new FlashChip(cells));
}

Result<std::monostate> FlashChip::save(const std::filesystem::path& path) const {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(cells_.data()),
             static_cast<std::streamsize>(cells_.size()));
  file.close();
  if (!file) return Error{"can't write " + path.string()};
  return std::monostate{};
}

void FlashChip::read(std::uint32_t address, std::span<std::uint8_t> out) const {
  check_range("flash read", address, out.size());
  std::ranges::copy(cells_.subspan(address, out.size()), out.begin());
  pass((static_cast<std::int64_t>(out.size()) + kReadBytesPerUs - 1) / kReadBytesPerUs);
}

Power FlashChip::write(std::uint32_t address, std::span<const std::uint8_t> data) {
  check_range("flash write", address, data.size());
  check_programmable(address, data);
  if (data.empty()) return Power::on;
  const Fault fault = begin_operation(OperationKind::write, address, data.size());
  if (fault == Fault::cut_before) return cut_power();
  if (fault == Fault::cut_during) {
    tear_write(address, data);
    return cut_power();
  }
  program_raw(address, data);
  pass(static_cast<std::int64_t>(pages_touched(address, data.size())) * kPageProgramUs);
  return fault == Fault::cut_after ? cut_power() : Power::on;
}

Power FlashChip::erase(std::uint32_t address, std::size_t length) {
  check_range("flash erase", address, length);
  if (address % kSectorBytes != 0 || length % kSectorBytes != 0) {
    misuse("flash erase", hex(length) + " bytes at " + hex(address) + " are not whole sectors of " +
                              hex(kSectorBytes) + " bytes");
  }
  if (length == 0) return Power::on;
  const Fault fault = begin_operation(OperationKind::erase, address, length);
  if (fault == Fault::cut_before) return cut_power();
  if (fault == Fault::cut_during) {
    tear_erase(address, length);
    return cut_power();
  }
  erase_sectors(address, length);
  pass(static_cast<std::int64_t>(length / kSectorBytes) * kSectorEraseUs);
  return fault == Fault::cut_after ? cut_power() : Power::on;
}

void FlashChip::burn(std::uint32_t address, std::span<const std::uint8_t> data) {
  check_range("flash burn", address, data.size());
  std::ranges::copy(data, cells_.begin() + address);
}

void FlashChip::restore(std::span<const std::uint8_t> data) {
  if (data.size() != cells_.size()) {
    misuse("FlashChip::restore", hex(data.size()) + " bytes to a chip of " + hex(cells_.size()));
  }
  burn(0, data);
}

void FlashChip::program_raw(std::uint32_t address, std::span<const std::uint8_t> data) {
  check_range("flash program", address, data.size());
  for (std::size_t i = 0; i < data.size(); ++i) cells_[address + i] &= data[i];
}

Fault FlashChip::begin_operation(OperationKind kind, std::uint32_t address, std::size_t length) {
  const Operation operation{operation_count_++, kind, address, length};
  return hook_ ? hook_(operation) : Fault::none;
}

Power FlashChip::cut_power() {
  Scheduler* scheduler = Scheduler::current_or_null();
  if (scheduler != nullptr && scheduler->in_task()) scheduler->stop(kernel::StopReason::power_off);
  return Power::lost;
}

std::uint32_t FlashChip::erase_count(std::uint32_t address) const {
  check_range("FlashChip::erase_count", address, 1);
  return erase_counts_[address / kSectorBytes];
}

void FlashChip::check_range(const char* operation, std::uint32_t address,
                            std::size_t length) const {
  if (address > cells_.size() || length > cells_.size() - address) {
    misuse(operation, hex(length) + " bytes at " + hex(address) + " reach behind the chip of " +
                          hex(cells_.size()) + " bytes");
  }
}

void FlashChip::check_programmable(std::uint32_t address,
                                   std::span<const std::uint8_t> data) const {
  for (std::size_t i = 0; i < data.size(); ++i) {
    const std::uint8_t old = cells_[address + i];
    if ((data[i] & ~old) == 0) continue;
    misuse("flash write", "at " + hex(address + i) + ": " + hex(data[i]) + " over " + hex(old) +
                              " needs a 0 to become a 1, which only an erase does");
  }
}

void FlashChip::tear_write(std::uint32_t address, std::span<const std::uint8_t> data) {
  const std::size_t torn_page = below(random_, pages_touched(address, data.size()));
  const std::size_t page_end = kPageBytes - address % kPageBytes;  // of the first page, in `data`
  const std::size_t begin = torn_page == 0 ? 0 : page_end + (torn_page - 1) * kPageBytes;
  const std::size_t end = std::min(data.size(), page_end + torn_page * kPageBytes);
  program_raw(address, data.first(begin));
  // Either the bytes of the page are written one behind the other, or all cells at once.
  if (below(random_, 2) == 0) {
    program_raw(address + static_cast<std::uint32_t>(begin),
                data.subspan(begin, below(random_, end - begin + 1)));
    return;
  }
  const auto untouched_eighths = static_cast<unsigned>(below(random_, 9));
  for (std::size_t i = begin; i < end; ++i) {
    cells_[address + i] &= data[i] | random_mask(random_, untouched_eighths);
  }
}

void FlashChip::tear_erase(std::uint32_t address, std::size_t length) {
  const std::size_t torn_sector = below(random_, length / kSectorBytes);
  const auto torn = static_cast<std::uint32_t>(address + torn_sector * kSectorBytes);
  erase_sectors(address, torn_sector * kSectorBytes);
  ++erase_counts_[torn / kSectorBytes];
  const bool noise = below(random_, 2) == 0;
  const auto ones_eighths = static_cast<unsigned>(below(random_, 9));
  for (std::uint8_t& cell : cells_.subspan(torn, kSectorBytes)) {
    const std::uint8_t mask = random_mask(random_, ones_eighths);
    cell = noise ? mask : cell | mask;
  }
}

void FlashChip::erase_sectors(std::uint32_t address, std::size_t length) {
  std::ranges::fill(cells_.subspan(address, length), kErasedByte);
  for (std::size_t offset = 0; offset < length; offset += kSectorBytes) {
    ++erase_counts_[(address + offset) / kSectorBytes];
  }
}

}  // namespace simulator::flash
