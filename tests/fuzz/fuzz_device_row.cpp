#include <cstdint>
#include <string_view>

#include "fuota_protocol/device_row.hpp"
#include "tests/fuzz/expect.hpp"

using namespace fuota::protocol;

/// Whatever is accepted is three valid names, and is written so that it reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  const DeviceRowParse parse = parse_device_row({reinterpret_cast<const char*>(data), bytes});
  if (parse.error != DeviceRowError::none) {
    FUZZ_EXPECT(!describe(parse.error).empty());
    return 0;
  }
  const DeviceRow& row = parse.row;
  FUZZ_EXPECT(check_device_id(row.id()) == NameError::none);
  FUZZ_EXPECT(check_version(row.version()) == NameError::none);
  FUZZ_EXPECT(check_file_name(row.file()) == NameError::none);
  char line[kFormattedRowBytesMax];
  const std::size_t length = format_device_row(row.id(), row.version(), row.file(), line);
  const DeviceRowParse again = parse_device_row({line, length});
  FUZZ_EXPECT(again.error == DeviceRowError::none);
  FUZZ_EXPECT(again.row.id() == row.id() && again.row.version() == row.version() &&
              again.row.file() == row.file());
  return 0;
}
