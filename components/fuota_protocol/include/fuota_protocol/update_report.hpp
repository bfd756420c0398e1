#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuota_protocol/document_error.hpp"
#include "fuota_protocol/fixed_text.hpp"
#include "fuota_protocol/json_workspace.hpp"
#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/manifest.hpp"

/// What a device tells about an update (docs/protocol.md, "Reports").
namespace fuota::protocol {

/// How far an update has come. The values are kept by devices and servers: they never change.
enum class ReportState : std::uint8_t {
  downloading = 1,  ///< The image is being fetched.
  installed,        ///< It lies in its slot, and is what boots next, on trial.
  confirmed,        ///< It has reached the server, and is kept.
  rolled_back,      ///< It was on trial, and the device is back on what it ran before.
  failed,           ///< It was not installed.
};

/// One report. Every text lies in the report itself. A device id, `stream` and `sequence` name it:
/// a report that comes again is the same one.
struct UpdateReport {
  std::uint64_t stream = 0;    ///< random, drawn when the device begins to keep reports
  std::uint32_t sequence = 0;  ///< 1 to 2^32 - 1, one more with each report of the stream
  ReportState state = ReportState::downloading;
  FixedText<kDeploymentBytesMax> deployment;   ///< as in the offer
  FixedText<kReleaseVersionBytesMax> version;  ///< of the update, as in its manifest
  Sha256 image{};                              ///< of the update, as in its manifest

  /// Why it did not succeed: lower-case letters, digits and '_'. There with `rolled_back` and
  /// `failed`, and only with them.
  FixedText<kReportCodeBytesMax> code;

  FixedText<kReportDetailBytesMax> detail;  ///< for a person: printable ASCII; may be empty

  /// Why the chip restarted last: lower-case letters, spaces and '-', such as "power-on"; may be
  /// empty.
  FixedText<kResetReasonBytesMax> reset_reason;

  std::int8_t rssi_dbm = 0;  ///< of the access point, -128 to -1; 0 when it isn't known
  std::uint32_t free_heap_bytes = 0;
  bool has_free_heap = false;  ///< whether `free_heap_bytes` is known

  friend bool operator==(const UpdateReport& a, const UpdateReport& b) {
    return a.stream == b.stream && a.sequence == b.sequence && a.state == b.state &&
           a.deployment == b.deployment && a.version == b.version && a.image == b.image &&
           a.code == b.code && a.detail == b.detail && a.reset_reason == b.reset_reason &&
           a.rssi_dbm == b.rssi_dbm && a.has_free_heap == b.has_free_heap &&
           (!a.has_free_heap || a.free_heap_bytes == b.free_heap_bytes);
  }
  friend bool operator!=(const UpdateReport& a, const UpdateReport& b) { return !(a == b); }
};

struct ReportParse {
  DocumentProblem problem;
  UpdateReport report;
};

/// "rolled_back": the state as it is written. Static storage; "" for a value that is none.
[[nodiscard]] std::string_view name_of(ReportState state);

/// Parses the JSON text of a report, at most kReportBytesMax bytes: an object with the members
/// stream (16 lower-case hexadecimal digits), sequence, state, deployment, version and image, and,
/// where they are known, code, detail, reset_reason, rssi and free_heap; in any order, each once.
/// Members that are not known are ignored, so that later versions can add some. Pure, no
/// allocation; uses `parts` of the workspace.
[[nodiscard]] ReportParse parse_report(std::string_view json, JsonWorkspace& workspace);

/// The same with the workspace on the stack.
[[nodiscard]] ReportParse parse_report(std::string_view json);

/// Checks what `parse_report` would check of the value of each member: for a report that is made
/// from something else.
[[nodiscard]] DocumentProblem check_report(const UpdateReport& report);

/// The longest text that `format_report` writes.
constexpr std::size_t kFormattedReportBytesMax =
    sizeof(R"({"code":"","deployment":"","detail":"","free_heap":4294967295,"image":"",)"
           R"("reset_reason":"","rssi":-128,"sequence":4294967295,"state":"downloading",)"
           R"("stream":"0123456789abcdef","version":""})") -
    1 + kReportCodeBytesMax + kDeploymentBytesMax + kReportDetailBytesMax + 2 * kSha256Bytes +
    kResetReasonBytesMax + kReleaseVersionBytesMax;
static_assert(kFormattedReportBytesMax <= kReportBytesMax);

/// Writes a report that passes `check_report` as canonical JSON (RFC 8785: members in order of
/// their names, no white space) to `out`, which has room for kFormattedReportBytesMax bytes, and
/// returns the number of bytes written. What isn't known is left out. No terminator is written.
[[nodiscard]] std::size_t format_report(const UpdateReport& report, char* out);

}  // namespace fuota::protocol
