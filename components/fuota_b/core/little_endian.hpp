#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

/// How the records in NVS are laid out, whatever the chip's own byte order.
namespace fuota::update {

/// Writes fields one behind the other. The caller has counted that there is room.
class RecordWriter {
 public:
  explicit RecordWriter(std::uint8_t* out) : out_(out) {}

  void u8(std::uint8_t value) { *out_++ = value; }
  void u32(std::uint32_t value) {
    for (std::size_t i = 0; i < sizeof value; ++i) u8(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  void bytes(const void* data, std::size_t count) {
    std::memcpy(out_, data, count);
    out_ += count;
  }

  /// Where the next field goes.
  [[nodiscard]] const std::uint8_t* position() const { return out_; }

 private:
  std::uint8_t* out_;
};

/// Reads them back. The caller has checked the length.
class RecordReader {
 public:
  explicit RecordReader(const std::uint8_t* data) : data_(data) {}

  [[nodiscard]] std::uint8_t u8() { return *data_++; }
  [[nodiscard]] std::uint32_t u32() {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value |= std::uint32_t{u8()} << (8 * i);
    return value;
  }
  void bytes(void* out, std::size_t count) {
    std::memcpy(out, data_, count);
    data_ += count;
  }

 private:
  const std::uint8_t* data_;
};

}  // namespace fuota::update
