#include <cstdint>
#include <string_view>
#include <vector>

#include "fuota_protocol/percent.hpp"
#include "tests/fuzz/expect.hpp"

using namespace fuota::protocol;

/// Any bytes survive encoding and decoding; any text decodes within its own length, or not at all.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  const std::string_view text(reinterpret_cast<const char*>(data), bytes);
  std::vector<char> encoded(3 * bytes + 1);
  const auto length = percent_encode(text, encoded.data(), encoded.size());
  FUZZ_EXPECT(length.has_value() && *length <= 3 * bytes);
  std::vector<char> decoded(bytes + 1);
  const auto back = percent_decode({encoded.data(), *length}, decoded.data(), decoded.size());
  FUZZ_EXPECT(back.has_value() && std::string_view(decoded.data(), *back) == text);

  const auto direct = percent_decode(text, decoded.data(), bytes);
  if (direct.has_value()) FUZZ_EXPECT(*direct <= bytes);
  const auto tight = percent_encode(text, encoded.data(), bytes / 2);
  if (tight.has_value()) FUZZ_EXPECT(*tight <= bytes / 2);
  return 0;
}
