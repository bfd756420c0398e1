#include <cstdint>
#include <string_view>

#include "fuota_protocol/jws.hpp"
#include "fuota_protocol/offer.hpp"
#include "tests/fuzz/expect.hpp"

using namespace fuota::protocol;

/// A URL that is accepted stays on the server that made the offer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  const OfferParse parse = parse_offer({reinterpret_cast<const char*>(data), bytes});
  if (parse.problem) {
    FUZZ_EXPECT(!describe(parse.problem.error).empty());
    return 0;
  }
  FUZZ_EXPECT(parse.offer.artifact_count >= 1 && parse.offer.artifact_count <= kArtifactsMax);
  for (std::size_t i = 0; i < parse.offer.artifact_count; ++i) {
    const std::string_view url = parse.offer.artifacts[i].url;
    FUZZ_EXPECT(!url.empty() && url[0] == '/' && url.substr(0, 2) != "//");
    for (const char c : url) FUZZ_EXPECT(c > ' ' && c < 0x7f && c != '\\');
  }
  (void)parse_jws(parse.offer.manifest);
  return 0;
}
