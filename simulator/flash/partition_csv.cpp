#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <span>

#include "simulator/flash/flash_chip.hpp"
#include "simulator/flash/hex.hpp"
#include "simulator/flash/partition_table.hpp"

/// PartitionTable::parse_csv: the rules of ESP-IDF's gen_esp32part.py.
namespace simulator::flash {
namespace {

constexpr std::uint32_t kFirstOffset = kPartitionTableAddress + kSectorBytes;
constexpr std::uint32_t kWritableNvsBytesMin = 3 * kSectorBytes;
constexpr std::uint8_t kSubtypeUndefined = 0x06;

struct Keyword {
  std::string_view name;
  std::uint8_t value;
};

constexpr Keyword kTypes[] = {{"app", kTypeApp}, {"data", kTypeData}};

/// Besides ota_0 … ota_15.
constexpr Keyword kAppSubtypes[] = {{"factory", kSubtypeAppFactory}, {"test", kSubtypeAppTest}};

constexpr Keyword kDataSubtypes[] = {
    {"ota", kSubtypeDataOta},
    {"phy", kSubtypeDataPhy},
    {"nvs", kSubtypeDataNvs},
    {"coredump", kSubtypeDataCoredump},
    {"nvs_keys", 0x04},
    {"efuse", 0x05},
    {"undefined", kSubtypeUndefined},
    {"esphttpd", 0x80},
    {"fat", 0x81},
    {"spiffs", 0x82},
    {"littlefs", 0x83},
};

constexpr Keyword kFlags[] = {{"encrypted", kFlagEncrypted}, {"readonly", kFlagReadonly}};

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// Cuts off what is before the first `separator`, or all of `rest`.
std::string_view take(std::string_view& rest, char separator) {
  const auto end = std::min(rest.find(separator), rest.size());
  const std::string_view piece = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trim(piece);
}

std::optional<std::uint8_t> look_up(std::string_view name, std::span<const Keyword> keywords) {
  const auto found = std::ranges::find(keywords, name, &Keyword::name);
  return found == keywords.end() ? std::nullopt : std::optional(found->value);
}

/// Decimal or 0x…, with an optional K or M behind it.
std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint64_t unit = 1;
  if (!text.empty()) {
    const char last = text.back();
    if (last == 'k' || last == 'K') unit = 1024;
    if (last == 'm' || last == 'M') unit = 1024 * 1024;
    if (unit > 1) text.remove_suffix(1);
  }
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) text.remove_prefix(2);
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, code] = std::from_chars(text.data(), end, number, hexadecimal ? 16 : 10);
  if (code != std::errc() || rest != end) return std::nullopt;
  const std::uint64_t value = number * unit;
  if (value > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

std::optional<std::uint8_t> parse_small_number(std::string_view text) {
  const auto number = parse_number(text);
  if (!number || *number >= 0xFF) return std::nullopt;  // 0xFF means "any" or "end"
  return static_cast<std::uint8_t>(*number);
}

std::optional<std::uint8_t> parse_type(std::string_view text) {
  const auto keyword = look_up(text, kTypes);
  return keyword ? keyword : parse_small_number(text);
}

std::optional<std::uint8_t> parse_ota_subtype(std::string_view text) {
  if (!text.starts_with("ota_")) return std::nullopt;
  const auto slot = parse_number(text.substr(4));
  if (!slot || *slot >= kSubtypeAppOtaEnd - kSubtypeAppOta0) return std::nullopt;
  return static_cast<std::uint8_t>(kSubtypeAppOta0 + *slot);
}

std::optional<std::uint8_t> parse_subtype(std::uint8_t type, std::string_view text) {
  if (text.empty() && type != kTypeApp) return kSubtypeUndefined;
  std::optional<std::uint8_t> keyword;
  if (type == kTypeApp) {
    keyword = look_up(text, kAppSubtypes);
    if (!keyword) keyword = parse_ota_subtype(text);
  } else if (type == kTypeData) {
    keyword = look_up(text, kDataSubtypes);
  }
  return keyword ? keyword : parse_small_number(text);
}

std::uint32_t alignment_of(std::uint8_t type) {
  return type == kTypeApp ? kAppAlignmentBytes : static_cast<std::uint32_t>(kSectorBytes);
}

std::string in_quotes(std::string_view text) {
  return "'" + std::string(text) + "'";
}

/// One line, with its offset still open when it says nothing.
struct Row {
  Partition partition;
  bool has_offset = false;
};

Result<Row> parse_row(std::string_view line) {
  const std::string_view name = take(line, ',');
  const std::string_view type_text = take(line, ',');
  const std::string_view subtype_text = take(line, ',');
  const std::string_view offset_text = take(line, ',');
  const std::string_view size_text = take(line, ',');
  std::string_view flags_text = take(line, ',');
  if (!line.empty()) return Error{"more than six fields"};

  Row row;
  if (name.empty()) return Error{"the name is empty"};
  if (name.size() > kPartitionLabelBytesMax) {
    return Error{"the name " + in_quotes(name) + " is longer than 16 bytes"};
  }
  row.partition.label = name;

  const auto type = parse_type(type_text);
  if (!type) return Error{"type " + in_quotes(type_text) + " is neither app, data nor a number"};
  row.partition.type = *type;

  const auto subtype = parse_subtype(*type, subtype_text);
  if (!subtype) return Error{"subtype " + in_quotes(subtype_text) + " is not known for this type"};
  row.partition.subtype = *subtype;

  row.has_offset = !offset_text.empty();
  if (row.has_offset) {
    const auto offset = parse_number(offset_text);
    if (!offset) return Error{"offset " + in_quotes(offset_text) + " is not a number"};
    row.partition.offset = *offset;
  }

  if (size_text.empty()) return Error{"the size is empty"};
  const auto size = parse_number(size_text);
  if (!size) return Error{"size " + in_quotes(size_text) + " is not a number"};
  row.partition.size = *size;

  while (!flags_text.empty()) {
    const std::string_view flag_text = take(flags_text, ':');
    const auto flag = look_up(flag_text, kFlags);
    if (!flag) return Error{"flag " + in_quotes(flag_text) + " is not known"};
    row.partition.flags |= *flag;
  }
  return row;
}

/// Gives the row its offset, if it has none, and moves `end` behind its partition.
std::optional<Error> place(Row& row, std::uint64_t& end) {
  Partition& partition = row.partition;
  if (!row.has_offset) {
    const std::uint32_t alignment = alignment_of(partition.type);
    const std::uint64_t offset = (end + alignment - 1) / alignment * alignment;
    if (offset > std::numeric_limits<std::uint32_t>::max()) return Error{"there is no room left"};
    partition.offset = static_cast<std::uint32_t>(offset);
  } else if (partition.offset < end) {
    return Error{"offset " + hex(partition.offset) + " overlaps what is before it, which ends at " +
                 hex(end)};
  }
  end = std::uint64_t{partition.offset} + partition.size;
  if (end > std::uint64_t{1} << 32) return Error{"the partition ends behind 4 GiB"};
  return std::nullopt;
}

std::optional<Error> check(const Partition& partition) {
  const std::uint32_t alignment = alignment_of(partition.type);
  if (partition.offset % alignment != 0) {
    return Error{"offset " + hex(partition.offset) + " is not aligned to " + hex(alignment)};
  }
  if (partition.type == kTypeApp && partition.size % kSectorBytes != 0) {
    return Error{"size " + hex(partition.size) + " is not aligned to " + hex(kSectorBytes)};
  }
  if (partition.type != kTypeData) return std::nullopt;
  const bool readonly = (partition.flags & kFlagReadonly) != 0;
  const bool always_writable =
      partition.subtype == kSubtypeDataOta || partition.subtype == kSubtypeDataCoredump;
  if (readonly && always_writable) return Error{"can't be readonly"};
  if (partition.subtype == kSubtypeDataOta && partition.size != kOtadataBytes) {
    return Error{"an otadata partition must have the size " + hex(kOtadataBytes)};
  }
  if (partition.subtype == kSubtypeDataNvs && !readonly && partition.size < kWritableNvsBytesMin) {
    return Error{"a writable NVS partition must have at least " + hex(kWritableNvsBytesMin)};
  }
  return std::nullopt;
}

std::optional<Error> check_against_others(const Partition& partition,
                                          std::span<const Partition> others) {
  if (std::ranges::find(others, partition.label, &Partition::label) != others.end()) {
    return Error{"the name " + in_quotes(partition.label) + " is used twice"};
  }
  const auto is_otadata = [](const Partition& candidate) {
    return candidate.type == kTypeData && candidate.subtype == kSubtypeDataOta;
  };
  if (is_otadata(partition) && std::ranges::any_of(others, is_otadata)) {
    return Error{"a second otadata partition"};
  }
  if (others.size() == kPartitionsMax) {
    return Error{"more than " + std::to_string(kPartitionsMax) + " partitions"};
  }
  return std::nullopt;
}

/// Reads one line and puts its partition behind the others.
std::optional<Error> add(std::string_view line, std::vector<Partition>& partitions,
                         std::uint64_t& end) {
  auto row = parse_row(line);
  if (!row) return row.error();
  if (auto error = place(row.value(), end)) return error;
  Partition& partition = row.value().partition;
  if (auto error = check(partition)) return error;
  if (auto error = check_against_others(partition, partitions)) return error;
  partitions.push_back(std::move(partition));
  return std::nullopt;
}

}  // namespace

Result<PartitionTable> PartitionTable::parse_csv(std::string_view csv) {
  std::vector<Partition> partitions;
  std::uint64_t end = kFirstOffset;
  for (std::size_t number = 1; !csv.empty(); ++number) {
    const std::string_view line = take(csv, '\n');
    if (line.empty() || line.front() == '#') continue;
    if (const auto error = add(line, partitions, end)) {
      return Error{"line " + std::to_string(number) + ": " + error->message};
    }
  }
  if (partitions.empty()) return Error{"no partition"};
  return PartitionTable(std::move(partitions));
}

}  // namespace simulator::flash
