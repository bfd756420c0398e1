#include <cstdint>
#include <string_view>

#include "fuota_protocol/update_report.hpp"
#include "tests/fuzz/expect.hpp"

using namespace fuota::protocol;

/// Whatever is accepted keeps the rules, and is written so that it reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  const ReportParse parse = parse_report({reinterpret_cast<const char*>(data), bytes});
  if (parse.problem) {
    FUZZ_EXPECT(!describe(parse.problem.error).empty());
    return 0;
  }
  FUZZ_EXPECT(!check_report(parse.report));
  char json[kFormattedReportBytesMax];
  const std::size_t length = format_report(parse.report, json);
  const ReportParse again = parse_report({json, length});
  FUZZ_EXPECT(!again.problem && again.report == parse.report);
  return 0;
}
