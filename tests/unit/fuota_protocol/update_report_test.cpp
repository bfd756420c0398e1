#include "fuota_protocol/update_report.hpp"

#include <gtest/gtest.h>

#include <string>

namespace fuota::protocol {
namespace {

const std::string kDigest = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// A report of a failure with `replacement` in place of the member `name`, or without that member.
std::string report_with(std::string_view name, std::string_view replacement) {
  const std::pair<std::string_view, std::string> members[] = {
      {"stream", R"("stream":"00f1e2d3c4b5a697")"},
      {"sequence", R"("sequence":12)"},
      {"state", R"("state":"failed")"},
      {"deployment", R"("deployment":"PGXv1bAYj4nTfSJ1c7uLEg")"},
      {"version", R"("version":"0.1.1")"},
      {"image", R"("image":")" + kDigest + "\""},
      {"code", R"("code":"hash")"},
      {"detail", R"("detail":"sector 7")"},
      {"reset_reason", R"("reset_reason":"power-on")"},
      {"rssi", R"("rssi":-61)"},
      {"free_heap", R"("free_heap":153212)"}};
  std::string text = "{";
  for (const auto& [member, written] : members) {
    const std::string_view part = member == name ? replacement : std::string_view(written);
    if (part.empty()) continue;
    if (text.size() > 1) text += ",";
    text += part;
  }
  return text + "}";
}

std::string good_report() {
  return report_with("", "");
}

/// The least that a report has.
std::string short_report() {
  return R"({"stream":"00f1e2d3c4b5a697","sequence":1,"state":"confirmed","deployment":"d",)"
         R"("version":"1","image":")" +
         kDigest + "\"}";
}

std::string formatted(const UpdateReport& report) {
  std::string text(kFormattedReportBytesMax, '?');
  text.resize(format_report(report, text.data()));
  return text;
}

TEST(UpdateReport, HasWhatItsMembersSay) {
  const auto parse = parse_report(good_report());
  ASSERT_EQ(parse.problem.error, DocumentError::none) << parse.problem.member;
  EXPECT_EQ(parse.report.stream, 0x00F1E2D3C4B5A697U);
  EXPECT_EQ(parse.report.sequence, 12U);
  EXPECT_EQ(parse.report.state, ReportState::failed);
  EXPECT_EQ(parse.report.deployment.view(), "PGXv1bAYj4nTfSJ1c7uLEg");
  EXPECT_EQ(parse.report.version.view(), "0.1.1");
  EXPECT_EQ(parse.report.image[31], 0x1F);
  EXPECT_EQ(parse.report.code.view(), "hash");
  EXPECT_EQ(parse.report.detail.view(), "sector 7");
  EXPECT_EQ(parse.report.reset_reason.view(), "power-on");
  EXPECT_EQ(parse.report.rssi_dbm, -61);
  EXPECT_TRUE(parse.report.has_free_heap);
  EXPECT_EQ(parse.report.free_heap_bytes, 153212U);
}

TEST(UpdateReport, MayLeaveOutWhatIsNotKnown) {
  const auto parse = parse_report(short_report());
  ASSERT_EQ(parse.problem.error, DocumentError::none) << parse.problem.member;
  EXPECT_TRUE(parse.report.code.empty());
  EXPECT_TRUE(parse.report.detail.empty());
  EXPECT_TRUE(parse.report.reset_reason.empty());
  EXPECT_EQ(parse.report.rssi_dbm, 0);
  EXPECT_FALSE(parse.report.has_free_heap);
}

TEST(UpdateReport, IsReadFromTheFormItIsWrittenIn) {
  for (const std::string& text : {good_report(), short_report()}) {
    const UpdateReport report = parse_report(text).report;
    const auto parse = parse_report(formatted(report));
    EXPECT_EQ(parse.problem.error, DocumentError::none) << formatted(report);
    EXPECT_EQ(parse.report, report);
  }
}

TEST(UpdateReport, IsWrittenInCanonicalForm) {
  EXPECT_EQ(formatted(parse_report(good_report()).report),
            R"({"code":"hash","deployment":"PGXv1bAYj4nTfSJ1c7uLEg","detail":"sector 7",)"
            R"("free_heap":153212,"image":")" +
                kDigest +
                R"(","reset_reason":"power-on","rssi":-61,"sequence":12,"state":"failed",)"
                R"("stream":"00f1e2d3c4b5a697","version":"0.1.1"})");
}

TEST(UpdateReport, OfTheLongestMembersFitsItsBuffer) {
  UpdateReport report = parse_report(good_report()).report;
  ASSERT_TRUE(report.deployment.assign(std::string(kDeploymentBytesMax, 'd')));
  ASSERT_TRUE(report.version.assign(std::string(kReleaseVersionBytesMax, 'v')));
  ASSERT_TRUE(report.code.assign(std::string(kReportCodeBytesMax, 'c')));
  ASSERT_TRUE(report.detail.assign(std::string(kReportDetailBytesMax, ' ')));
  ASSERT_TRUE(report.reset_reason.assign(std::string(kResetReasonBytesMax, '-')));
  report.state = ReportState::downloading;  // The longest name; that it has no code doesn't matter.
  report.sequence = UINT32_MAX;
  report.free_heap_bytes = UINT32_MAX;
  report.rssi_dbm = -128;
  EXPECT_EQ(formatted(report).size(), kFormattedReportBytesMax);
}

TEST(UpdateReport, IsUnequalWhenAnyMemberIs) {
  const UpdateReport report = parse_report(good_report()).report;
  const std::pair<const char*, const char*> rows[] = {{"stream", R"("stream":"10f1e2d3c4b5a697")"},
                                                      {"sequence", R"("sequence":13)"},
                                                      {"state", R"("state":"rolled_back")"},
                                                      {"deployment", R"("deployment":"d")"},
                                                      {"version", R"("version":"0.1.2")"},
                                                      {"code", R"("code":"has")"},
                                                      {"detail", ""},
                                                      {"reset_reason", ""},
                                                      {"rssi", ""},
                                                      {"rssi", R"("rssi":-62)"},
                                                      {"free_heap", ""},
                                                      {"free_heap", R"("free_heap":0)"}};
  for (const auto& [name, replacement] : rows) {
    const auto other = parse_report(report_with(name, replacement));
    EXPECT_EQ(other.problem.error, DocumentError::none) << name;
    EXPECT_NE(other.report, report) << name;
  }
  UpdateReport other = report;
  other.image[0] = 1;
  EXPECT_NE(other, report);
}

TEST(UpdateReport, NamesItsStates) {
  const std::pair<ReportState, std::string_view> rows[] = {
      {ReportState::downloading, "downloading"},
      {ReportState::installed, "installed"},
      {ReportState::confirmed, "confirmed"},
      {ReportState::rolled_back, "rolled_back"},
      {ReportState::failed, "failed"},
      {ReportState{0}, ""},
      {ReportState{6}, ""}};
  for (const auto& [state, name] : rows) EXPECT_EQ(name_of(state), name);
}

struct GoodMember {
  const char* name;
  std::string written;
};

class GoodReport : public testing::TestWithParam<GoodMember> {};

TEST_P(GoodReport, IsTaken) {
  const auto parse = parse_report(report_with(GetParam().name, GetParam().written));
  EXPECT_EQ(parse.problem.error, DocumentError::none)
      << parse.problem.member << " " << GetParam().written;
}

std::string text_member(std::string_view name, const std::string& text) {
  return "\"" + std::string(name) + "\":\"" + text + "\"";
}

INSTANTIATE_TEST_SUITE_P(
    Rows, GoodReport,
    testing::Values(
        GoodMember{"stream", R"("stream":"0000000000000000")"},
        GoodMember{"stream", R"("stream":"ffffffffffffffff")"},
        GoodMember{"sequence", R"("sequence":1)"},
        GoodMember{"sequence", R"("sequence":4294967295)"},
        GoodMember{"state", R"("state":"rolled_back")"},
        GoodMember{"deployment", text_member("deployment", std::string(kDeploymentBytesMax, '~'))},
        GoodMember{"version", text_member("version", std::string(kReleaseVersionBytesMax, 'v'))},
        GoodMember{"version", R"("version":"ä b")"},
        GoodMember{"code", text_member("code", std::string(kReportCodeBytesMax, '_'))},
        GoodMember{"code", R"("code":"z_09a")"},
        GoodMember{"detail", text_member("detail", std::string(kReportDetailBytesMax, ' '))},
        GoodMember{"detail", R"("detail":"!#[]~")"},
        GoodMember{"reset_reason",
                   text_member("reset_reason", std::string(kResetReasonBytesMax, 'z'))},
        GoodMember{"reset_reason", R"("reset_reason":"task watchdog - a")"},
        GoodMember{"rssi", R"("rssi":-1)"}, GoodMember{"rssi", R"("rssi":-128)"},
        GoodMember{"free_heap", R"("free_heap":0)"},
        GoodMember{"free_heap", R"("free_heap":4294967295)"},
        GoodMember{"rssi", R"("unknown":[{"rssi":1}])"}));

struct BadMember {
  const char* name;
  std::string written;
  DocumentError error;
};

class BadReport : public testing::TestWithParam<BadMember> {};

TEST_P(BadReport, IsRefusedForItsReason) {
  const auto parse = parse_report(report_with(GetParam().name, GetParam().written));
  EXPECT_EQ(parse.problem.error, GetParam().error) << GetParam().written;
  EXPECT_EQ(parse.problem.member, GetParam().name) << GetParam().written;
}

using E = DocumentError;

INSTANTIATE_TEST_SUITE_P(
    Rows, BadReport,
    testing::Values(
        BadMember{"stream", "", E::missing}, BadMember{"stream", R"("stream":1)", E::wrong_type},
        BadMember{"stream", R"("stream":"")", E::empty},
        BadMember{"stream", R"("stream":"00f1e2d3c4b5a69")", E::malformed},
        BadMember{"stream", R"("stream":"00f1e2d3c4b5a6977")", E::overlong},
        BadMember{"stream", R"("stream":"00F1E2D3C4B5A697")", E::malformed},
        BadMember{"stream", R"("stream":"00f1e2d3c4b5a69g")", E::malformed},
        BadMember{"stream", R"("stream":"00f1e2d3c4b5a697","stream":"00f1e2d3c4b5a697")",
                  E::duplicate},
        BadMember{"sequence", "", E::missing},
        BadMember{"sequence", R"("sequence":0)", E::malformed},
        BadMember{"sequence", R"("sequence":-1)", E::malformed},
        BadMember{"sequence", R"("sequence":1.5)", E::malformed},
        BadMember{"sequence", R"("sequence":4294967296)", E::malformed},
        BadMember{"sequence", R"("sequence":"1")", E::wrong_type},
        BadMember{"state", "", E::missing}, BadMember{"state", R"("state":"")", E::empty},
        BadMember{"state", R"("state":"done")", E::malformed},
        BadMember{"state", R"("state":"Failed")", E::malformed},
        BadMember{"state", R"("state":5)", E::wrong_type}, BadMember{"deployment", "", E::missing},
        BadMember{"deployment", R"("deployment":"")", E::empty},
        BadMember{"deployment", R"("deployment":"a b")", E::malformed},
        BadMember{"deployment", R"("deployment":"ä")", E::malformed},
        BadMember{"deployment", R"("deployment":"\u0061")", E::escaped},
        BadMember{"deployment",
                  text_member("deployment", std::string(kDeploymentBytesMax + 1, 'd')),
                  E::overlong},
        BadMember{"version", "", E::missing}, BadMember{"version", R"("version":"")", E::empty},
        BadMember{"version", R"("version":"a/b")", E::malformed},
        BadMember{"version", R"("version":"..")", E::malformed},
        BadMember{"version", text_member("version", std::string(kReleaseVersionBytesMax + 1, 'v')),
                  E::overlong},
        BadMember{"image", "", E::missing},
        BadMember{"image", text_member("image", std::string(63, 'a')), E::malformed},
        BadMember{"image", text_member("image", std::string(64, 'A')), E::malformed},
        BadMember{"image", text_member("image", std::string(65, 'a')), E::overlong},
        BadMember{"code", "", E::missing}, BadMember{"code", R"("code":"")", E::empty},
        BadMember{"code", R"("code":"Hash")", E::malformed},
        BadMember{"code", R"("code":"a-b")", E::malformed},
        BadMember{"code", text_member("code", std::string(kReportCodeBytesMax + 1, 'c')),
                  E::overlong},
        BadMember{"detail", R"("detail":"")", E::empty},
        BadMember{"detail", R"("detail":"ä")", E::malformed},
        BadMember{"detail", R"("detail":"\"")", E::escaped},
        BadMember{"detail", "\"detail\":\"\x7f\"", E::malformed},
        BadMember{"detail", text_member("detail", std::string(kReportDetailBytesMax + 1, 'd')),
                  E::overlong},
        BadMember{"detail", R"("detail":7)", E::wrong_type},
        BadMember{"detail", R"("detail":null)", E::wrong_type},
        BadMember{"reset_reason", R"("reset_reason":"")", E::empty},
        BadMember{"reset_reason", R"("reset_reason":"Panic")", E::malformed},
        BadMember{"reset_reason", R"("reset_reason":"a_b")", E::malformed},
        BadMember{"reset_reason",
                  text_member("reset_reason", std::string(kResetReasonBytesMax + 1, 'r')),
                  E::overlong},
        BadMember{"rssi", R"("rssi":0)", E::malformed},
        BadMember{"rssi", R"("rssi":-0)", E::malformed},
        BadMember{"rssi", R"("rssi":-129)", E::malformed},
        BadMember{"rssi", R"("rssi":-1000)", E::malformed},
        BadMember{"rssi", R"("rssi":-1.5)", E::malformed},
        BadMember{"rssi", R"("rssi":-1e1)", E::malformed},
        BadMember{"rssi", R"("rssi":61)", E::malformed},
        BadMember{"rssi", R"("rssi":null)", E::wrong_type},
        BadMember{"rssi", R"("rssi":-1,"rssi":-1)", E::duplicate},
        BadMember{"free_heap", R"("free_heap":-1)", E::malformed},
        BadMember{"free_heap", R"("free_heap":4294967296)", E::malformed},
        BadMember{"free_heap", R"("free_heap":true)", E::wrong_type}));

TEST(UpdateReport, HasACodeExactlyWhereSomethingDidNotSucceed) {
  for (const char* state : {"downloading", "installed", "confirmed"}) {
    const auto parse = parse_report(report_with("state", text_member("state", state)));
    EXPECT_EQ(parse.problem.error, DocumentError::malformed) << state;
    EXPECT_EQ(parse.problem.member, "code") << state;
  }
  std::string rolled_back = short_report();
  rolled_back.replace(rolled_back.find("confirmed"), 9, "rolled_back");
  EXPECT_EQ(parse_report(rolled_back).problem.error, DocumentError::missing);
}

TEST(UpdateReport, IsOneJsonObjectWithinItsLimit) {
  const std::pair<std::string, DocumentError> rows[] = {
      {"", E::not_json},
      {"[]", E::not_an_object},
      {"failed", E::not_json},
      {good_report() + good_report(), E::not_json},
      {"{\"a\":\"\xff\"}", E::not_utf8},
      {std::string(kReportBytesMax + 1, ' '), E::too_long}};
  for (const auto& [text, error] : rows) EXPECT_EQ(parse_report(text).problem.error, error) << text;
  std::string padded = good_report();
  padded.resize(kReportBytesMax, ' ');
  EXPECT_EQ(parse_report(padded).problem.error, E::none);
}

TEST(UpdateReport, ThatIsMadeFromSomethingElseIsCheckedToo) {
  const UpdateReport good = parse_report(good_report()).report;
  EXPECT_EQ(check_report(good).error, E::none);
  UpdateReport report = good;
  report.sequence = 0;
  EXPECT_EQ(check_report(report).member, "sequence");
  report = good;
  report.state = ReportState{0};
  EXPECT_EQ(check_report(report).member, "state");
  report = good;
  report.rssi_dbm = 1;
  EXPECT_EQ(check_report(report).member, "rssi");
  report = good;
  report.deployment = {};
  EXPECT_EQ(check_report(report).member, "deployment");
  report = good;
  report.version = {};
  EXPECT_EQ(check_report(report).member, "version");
}

}  // namespace
}  // namespace fuota::protocol
