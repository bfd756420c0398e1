#include "tests/support/native_server/received_report.hpp"

#include <charconv>

namespace fuota::test {
namespace {

/// What is behind `"name":`, up to the end; nothing when there is no such member.
std::optional<std::string_view> value_of(std::string_view body, std::string_view name) {
  std::string member = "\"";
  member.append(name).append("\":");
  const std::size_t at = body.find(member);
  if (at == std::string_view::npos) return std::nullopt;
  return body.substr(at + member.size());
}

bool read_text(std::string_view body, std::string_view name, std::string& out) {
  const auto value = value_of(body, name);
  if (!value || value->empty() || value->front() != '"') return false;
  const std::size_t end = value->find('"', 1);
  if (end == std::string_view::npos) return false;
  out = value->substr(1, end - 1);
  return true;
}

bool read_number(std::string_view body, std::string_view name, std::uint64_t& out) {
  const auto value = value_of(body, name);
  if (!value) return false;
  return std::from_chars(value->data(), value->data() + value->size(), out).ec == std::errc();
}

}  // namespace

std::optional<ReceivedReport> read_report(std::string_view body) {
  ReceivedReport report;
  const bool is_whole =
      body.starts_with('{') && body.ends_with('}') && read_text(body, "stream", report.stream) &&
      read_number(body, "sequence", report.sequence) && report.sequence > 0 &&
      read_text(body, "state", report.state) && read_text(body, "deployment", report.deployment) &&
      read_text(body, "version", report.version) && read_text(body, "image", report.image);
  if (!is_whole) return std::nullopt;
  (void)read_text(body, "code", report.code);
  report.body = body;
  return report;
}

}  // namespace fuota::test
