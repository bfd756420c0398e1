#include "tests/support/native_server/received_report.hpp"

#include "fuota_protocol/update_report.hpp"

namespace fuota::test {
namespace {

std::string hexadecimal(std::uint64_t number) {
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[number >> shift & 0xF];
  return text;
}

std::string hexadecimal(const protocol::Sha256& digest) {
  std::string text(2 * digest.size(), '?');
  protocol::format_sha256(digest, text.data());
  return text;
}

}  // namespace

std::optional<ReceivedReport> read_report(std::string_view body) {
  const protocol::ReportParse parse = protocol::parse_report(body);
  if (parse.problem) return std::nullopt;
  ReceivedReport report;
  report.stream = hexadecimal(parse.report.stream);
  report.sequence = parse.report.sequence;
  report.state = protocol::name_of(parse.report.state);
  report.deployment = parse.report.deployment.view();
  report.version = parse.report.version.view();
  report.image = hexadecimal(parse.report.image);
  report.code = parse.report.code.view();
  report.body = body;
  return report;
}

}  // namespace fuota::test
