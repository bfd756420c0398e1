#include "report_record.hpp"

#include <gtest/gtest.h>

namespace fuota::update {
namespace {

using protocol::ReportState;
using protocol::UpdateReport;

UpdateReport report() {
  UpdateReport report;
  report.sequence = 7;
  report.state = ReportState::failed;
  EXPECT_TRUE(report.deployment.assign("PGXv1bAYj4nTfSJ1c7uLEg"));
  EXPECT_TRUE(report.version.assign("0.1.1"));
  report.image.fill(0xA5);
  EXPECT_TRUE(report.code.assign("hash"));
  EXPECT_TRUE(report.detail.assign("ESP_FAIL"));
  EXPECT_TRUE(report.reset_reason.assign("power-on"));
  report.rssi_dbm = -61;
  report.free_heap_bytes = 153'212;
  report.has_free_heap = true;
  return report;
}

/// Every text as long as it may be.
UpdateReport longest() {
  UpdateReport longest = report();
  longest.sequence = UINT32_MAX;
  EXPECT_TRUE(longest.deployment.assign(std::string(64, 'd')));
  EXPECT_TRUE(longest.version.assign(std::string(32, 'v')));
  EXPECT_TRUE(longest.code.assign(std::string(48, 'c')));
  EXPECT_TRUE(longest.detail.assign(std::string(64, 'e')));
  EXPECT_TRUE(longest.reset_reason.assign(std::string(32, 'r')));
  return longest;
}

class ReportRecord : public testing::TestWithParam<UpdateReport (*)()> {};

TEST_P(ReportRecord, IsReadAsItWasWritten) {
  const UpdateReport written = GetParam()();
  ReportRecordBytes bytes{};
  const std::size_t length = encode(written, bytes);
  UpdateReport read;
  ASSERT_TRUE(decode(bytes.data(), length, read));
  EXPECT_EQ(read, written);
}

INSTANTIATE_TEST_SUITE_P(Rows, ReportRecord, testing::Values(&report, &longest));

TEST(ReportRecords, OfTheLongestReportFillTheirRoom) {
  ReportRecordBytes bytes{};
  EXPECT_EQ(encode(longest(), bytes), kReportRecordBytesMax);
}

TEST(ReportRecords, ThatEndAnywhereAreNotRead) {
  ReportRecordBytes bytes{};
  const std::size_t length = encode(report(), bytes);
  UpdateReport read;
  for (std::size_t cut = 0; cut < length; ++cut) {
    EXPECT_FALSE(decode(bytes.data(), cut, read)) << cut;
  }
  EXPECT_FALSE(decode(bytes.data(), length + 1, read)) << "something behind it";
}

TEST(ReportRecords, ThatTheServerWouldRefuseAreNotRead) {
  ReportRecordBytes bytes{};
  UpdateReport read;
  UpdateReport bad = report();
  bad.code = {};
  EXPECT_FALSE(decode(bytes.data(), encode(bad, bytes), read)) << "a failure without its code";
  bad = report();
  bad.state = static_cast<ReportState>(9);
  EXPECT_FALSE(decode(bytes.data(), encode(bad, bytes), read)) << "no state";
  bad = report();
  bad.sequence = 0;
  EXPECT_FALSE(decode(bytes.data(), encode(bad, bytes), read)) << "no number";
}

TEST(Meaning, IsOfWhatHappenedToWhichUpdate) {
  const std::uint32_t meaning = meaning_of(report());
  UpdateReport other = report();
  other.sequence = 8;
  other.rssi_dbm = -80;
  other.free_heap_bytes = 1;
  EXPECT_EQ(meaning_of(other), meaning);
  other.state = ReportState::rolled_back;
  EXPECT_NE(meaning_of(other), meaning);
  other = report();
  EXPECT_TRUE(other.code.assign("flash"));
  EXPECT_NE(meaning_of(other), meaning);
  other = report();
  EXPECT_TRUE(other.deployment.assign("another"));
  EXPECT_NE(meaning_of(other), meaning);
}

TEST(ReportLedger, RemembersWhatWasToldLast) {
  ReportLedger ledger;
  UpdateReport downloading = report();
  downloading.state = ReportState::downloading;
  downloading.code = {};
  EXPECT_FALSE(ledger.has_told(report()));
  ledger.note(downloading);
  ledger.note(report());
  EXPECT_TRUE(ledger.has_told(report()));
  EXPECT_TRUE(ledger.has_told(downloading)) << "a download that breaks again and again";
  EXPECT_EQ(ledger.next_sequence, 8U);
}

TEST(ReportLedger, TellsAgainWhatLiesFurtherBack) {
  ReportLedger ledger;
  ledger.note(report());
  for (const char* code : {"flash", "dns"}) {
    UpdateReport other = report();
    EXPECT_TRUE(other.code.assign(code));
    ledger.note(other);
  }
  EXPECT_FALSE(ledger.has_told(report()));
}

TEST(ReportLedger, IsReadAsItWasWritten) {
  ReportLedger written;
  written.stream = 0x0123456789ABCDEF;
  written.note(report());
  const ReportLedgerBytes bytes = encode(written);
  ReportLedger read;
  ASSERT_TRUE(decode(bytes.data(), bytes.size(), read));
  EXPECT_EQ(read.stream, written.stream);
  EXPECT_EQ(read.next_sequence, 8U);
  EXPECT_EQ(read.recent, written.recent);
}

TEST(ReportLedger, ThatIsNoneIsNotRead) {
  ReportLedgerBytes bytes = encode(ReportLedger{});
  ReportLedger read;
  EXPECT_FALSE(decode(bytes.data(), bytes.size() - 1, read));
  bytes[2] = 2;
  EXPECT_FALSE(decode(bytes.data(), bytes.size(), read));
}

}  // namespace
}  // namespace fuota::update
