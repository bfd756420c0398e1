#include <cstdint>
#include <string_view>

#include "fuota_protocol/manifest.hpp"
#include "tests/fuzz/expect.hpp"

using namespace fuota::protocol;

/// Whatever is accepted keeps the rules, and is written so that it reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  const ManifestParse parse = parse_manifest({reinterpret_cast<const char*>(data), bytes});
  if (parse.problem) {
    FUZZ_EXPECT(!describe(parse.problem.error).empty());
    return 0;
  }
  FUZZ_EXPECT(!check_manifest(parse.manifest));
  char json[kFormattedManifestBytesMax];
  const std::size_t length = format_manifest(parse.manifest, json);
  const ManifestParse again = parse_manifest({json, length});
  FUZZ_EXPECT(!again.problem && again.manifest == parse.manifest);
  return 0;
}
