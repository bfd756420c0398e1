#include "key_space.hpp"

#include <gtest/gtest.h>

#include <iomanip>
#include <sstream>

namespace simulator::flash::nvs {

std::ostream& operator<<(std::ostream& out, const Name& name) {
  return out << int{name.namespace_index} << "/" << name.key << " (type 0x" << std::hex
             << static_cast<int>(name.type) << std::dec << ")";
}

Contents read_contents(Storage& storage, const std::vector<Name>& names) {
  Contents contents;
  for (const Name& name : names) {
    const auto size = storage.size_of(name.namespace_index, name.type, name.key);
    if (!size) continue;
    Value value(*size);
    EXPECT_EQ(storage.get(name.namespace_index, name.type, name.key, value), ESP_OK) << name;
    contents.emplace(name, value);
  }
  return contents;
}

std::string difference(const Contents& actual, const Contents& expected) {
  std::ostringstream text;
  for (const auto& [name, value] : expected) {
    const auto found = actual.find(name);
    if (found == actual.end()) {
      text << name << " is lost; ";
    } else if (found->second != value) {
      text << name << " has another value; ";
    }
  }
  for (const auto& [name, value] : actual) {
    if (!expected.contains(name)) text << name << " has appeared; ";
  }
  return text.str();
}

Value bytes_of_kind(std::size_t length, unsigned kind) {
  Value value(length);
  for (std::size_t i = 0; i < length; ++i) {
    value[i] = static_cast<std::uint8_t>(i * 7 + i / 256 + kind * 31);
  }
  return value;
}

Value string_of_kind(std::size_t length, unsigned kind) {
  Value value(length);
  for (std::size_t i = 0; i + 1 < length; ++i) {
    value[i] = static_cast<std::uint8_t>('a' + (i + kind) % 26);
  }
  return value;
}

Value number(std::uint64_t value, std::size_t bytes) {
  Value little_endian;
  for (std::size_t i = 0; i < bytes; ++i) {
    little_endian.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  return little_endian;
}

std::unique_ptr<Storage> Board::mount() {
  auto storage = std::make_unique<Storage>(chip_, kAddress, partition_bytes_);
  EXPECT_EQ(storage->mount(), ESP_OK);
  return storage;
}

}  // namespace simulator::flash::nvs
