#include "report_record.hpp"

#include <string_view>

#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/record_round_trip.hpp"

using namespace fuota;

/// A report that is read from NVS can be sent as it is; a ledger reads the same after it was
/// written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  test::expect_round_trip<update::ReportLedger>(data, bytes);
  protocol::UpdateReport report;
  if (!update::decode(data, bytes, report)) return 0;
  FUZZ_EXPECT(!protocol::check_report(report));
  update::ReportRecordBytes written{};
  const std::size_t length = update::encode(report, written);
  protocol::UpdateReport again;
  FUZZ_EXPECT(update::decode(written.data(), length, again));
  FUZZ_EXPECT(again == report);
  char json[protocol::kFormattedReportBytesMax];
  FUZZ_EXPECT(protocol::format_report(report, json) <= sizeof json);
  return 0;
}
