#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "fuota_protocol/update_report.hpp"

/// Reports that wait in NVS for the next contact with the server: their form, and which of them are
/// kept. Rules only.
namespace fuota::update {

/// How many reports wait at most. The oldest give way: what is true now matters more.
constexpr std::uint32_t kReportsMax = 8;

/// "FP", version, then the report, its texts with their lengths in front. The stream is in the
/// ledger.
constexpr std::size_t kReportRecordBytesMax =
    3 + sizeof(std::uint32_t) + 1 + (1 + protocol::kDeploymentBytesMax) +
    (1 + protocol::kReleaseVersionBytesMax) + protocol::kSha256Bytes +
    (1 + protocol::kReportCodeBytesMax) + (1 + protocol::kReportDetailBytesMax) +
    (1 + protocol::kResetReasonBytesMax) + 1 + 1 + sizeof(std::uint32_t);
using ReportRecordBytes = std::array<std::uint8_t, kReportRecordBytesMax>;

/// Writes `report` to `out` and returns the number of bytes.
[[nodiscard]] std::size_t encode(const protocol::UpdateReport& report, ReportRecordBytes& out);

/// Reads a report back; its `stream` is left alone. False when the bytes are no report of a known
/// version, or one that the server would refuse.
[[nodiscard]] bool decode(const std::uint8_t* data, std::size_t bytes,
                          protocol::UpdateReport& report);

/// What tells one report's meaning from another's, its number and the circumstances (signal,
/// memory) left out: state, code, and which update it is about.
[[nodiscard]] std::uint32_t meaning_of(const protocol::UpdateReport& report);

/// What outlasts the reports themselves.
struct ReportLedger {
  static constexpr std::size_t kRecentMax = 2;

  std::uint64_t stream = 0;         ///< 0: none was drawn yet
  std::uint32_t next_sequence = 1;  ///< of the next report
  /// The meanings of the last reports. A device that fails in the same way at each check says so
  /// once: telling it again would wear the flash and push out what is new.
  std::array<std::uint32_t, kRecentMax> recent{};

  /// True when `report` says nothing that the last reports did not say.
  [[nodiscard]] bool has_told(const protocol::UpdateReport& report) const;

  /// Takes note that `report`, whose sequence is `next_sequence`, is kept.
  void note(const protocol::UpdateReport& report);
};

/// "FL", version, 0, stream, next_sequence, recent (little endian).
constexpr std::size_t kReportLedgerBytes =
    4 + sizeof(std::uint64_t) + (1 + ReportLedger::kRecentMax) * sizeof(std::uint32_t);
using ReportLedgerBytes = std::array<std::uint8_t, kReportLedgerBytes>;

[[nodiscard]] ReportLedgerBytes encode(const ReportLedger& ledger);

/// False when the bytes are no ledger of a known version; `ledger` is unchanged then.
[[nodiscard]] bool decode(const std::uint8_t* data, std::size_t bytes, ReportLedger& ledger);

}  // namespace fuota::update
