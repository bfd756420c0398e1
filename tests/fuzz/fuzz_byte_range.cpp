#include <cstdint>
#include <limits>
#include <string_view>

#include "server/http/byte_range.hpp"
#include "tests/fuzz/expect.hpp"

using namespace fuota::server::http;

/// Whatever is asked for, what is sent lies inside the file. The input is the Range field, a line
/// end, and the If-Range field; its last byte chooses the file's length.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  if (bytes == 0) return 0;
  constexpr std::uint64_t kSizes[] = {
      0, 1, 2, 10, 65536, 1ULL << 32, std::numeric_limits<std::uint64_t>::max()};
  const std::uint64_t size = kSizes[data[bytes - 1] % (sizeof(kSizes) / sizeof(kSizes[0]))];
  const std::string_view text(reinterpret_cast<const char*>(data), bytes - 1);
  const std::size_t line = text.find('\n');
  const std::string_view range = text.substr(0, line);
  std::optional<std::string_view> if_range;
  if (line != std::string_view::npos) if_range = text.substr(line + 1);

  const RangeDecision decision = decide_range(range, if_range, "\"tag\"", size);
  if (decision.outcome == RangeOutcome::part) {
    FUZZ_EXPECT(decision.length_bytes > 0 && decision.length_bytes <= size);
    FUZZ_EXPECT(decision.first <= size - decision.length_bytes);
    FUZZ_EXPECT(!if_range || *if_range == "\"tag\"");
  } else if (decision.outcome == RangeOutcome::whole) {
    FUZZ_EXPECT(decision.first == 0 && decision.length_bytes == size);
  } else {
    FUZZ_EXPECT(decision.length_bytes == 0);
  }
  return 0;
}
