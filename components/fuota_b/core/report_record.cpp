#include "report_record.hpp"

#include <string_view>

#include "little_endian.hpp"

namespace fuota::update {
namespace {

constexpr std::uint8_t kReportMagic[] = {'F', 'P', 1};
constexpr std::uint8_t kLedgerMagic[] = {'F', 'L', 1, 0};

template <std::size_t N>
void put_text(RecordWriter& out, const protocol::FixedText<N>& text) {
  static_assert(N <= UINT8_MAX, "the length has one byte");
  out.u8(static_cast<std::uint8_t>(text.view().size()));
  out.bytes(text.view().data(), text.view().size());
}

/// Reads fields from bytes that may end anywhere.
class CheckedReader {
 public:
  CheckedReader(const std::uint8_t* data, std::size_t bytes) : reader_(data), left_(bytes) {}

  std::uint8_t u8() { return take(1) ? reader_.u8() : std::uint8_t{0}; }
  std::uint32_t u32() { return take(sizeof(std::uint32_t)) ? reader_.u32() : 0; }
  void bytes(void* out, std::size_t count) {
    if (take(count)) reader_.bytes(out, count);
  }
  template <std::size_t N>
  void text(protocol::FixedText<N>& out) {
    char characters[N];
    const std::size_t count = u8();
    if (count > N) {
      ok_ = false;
      return;
    }
    bytes(characters, count);
    if (ok_) ok_ = out.assign({characters, count});
  }

  /// Whether all that was read was there, and nothing else.
  [[nodiscard]] bool is_done() const { return ok_ && left_ == 0; }

 private:
  bool take(std::size_t count) {
    if (count > left_) ok_ = false;
    if (ok_) left_ -= count;
    return ok_;
  }

  RecordReader reader_;
  std::size_t left_;
  bool ok_ = true;
};

/// FNV-1a (draft-eastlake-fnv).
std::uint32_t hash(std::uint32_t value, const void* data, std::size_t bytes) {
  const auto* byte = static_cast<const std::uint8_t*>(data);
  for (std::size_t i = 0; i < bytes; ++i) value = (value ^ byte[i]) * 16'777'619U;
  return value;
}

std::uint32_t hash(std::uint32_t value, std::string_view text) {
  return hash(hash(value, text.data(), text.size()), "", 1);
}

}  // namespace

std::size_t encode(const protocol::UpdateReport& report, ReportRecordBytes& bytes) {
  RecordWriter out(bytes.data());
  out.bytes(kReportMagic, sizeof kReportMagic);
  out.u32(report.sequence);
  out.u8(static_cast<std::uint8_t>(report.state));
  put_text(out, report.deployment);
  put_text(out, report.version);
  out.bytes(report.image.data(), report.image.size());
  put_text(out, report.code);
  put_text(out, report.detail);
  put_text(out, report.reset_reason);
  out.u8(static_cast<std::uint8_t>(report.rssi_dbm));
  out.u8(report.has_free_heap ? 1 : 0);
  out.u32(report.free_heap_bytes);
  return static_cast<std::size_t>(out.position() - bytes.data());
}

bool decode(const std::uint8_t* data, std::size_t bytes, protocol::UpdateReport& report) {
  std::uint8_t magic[sizeof kReportMagic] = {};
  CheckedReader in(data, bytes);
  in.bytes(magic, sizeof magic);
  if (std::memcmp(magic, kReportMagic, sizeof magic) != 0) return false;
  report.sequence = in.u32();
  report.state = static_cast<protocol::ReportState>(in.u8());
  in.text(report.deployment);
  in.text(report.version);
  in.bytes(report.image.data(), report.image.size());
  in.text(report.code);
  in.text(report.detail);
  in.text(report.reset_reason);
  report.rssi_dbm = static_cast<std::int8_t>(in.u8());
  report.has_free_heap = in.u8() != 0;
  report.free_heap_bytes = in.u32();
  return in.is_done() && !protocol::check_report(report);
}

std::uint32_t meaning_of(const protocol::UpdateReport& report) {
  const auto state = static_cast<std::uint8_t>(report.state);
  std::uint32_t value = hash(2'166'136'261U, &state, sizeof state);
  value = hash(value, report.code.view());
  value = hash(value, report.deployment.view());
  return hash(value, report.image.data(), report.image.size());
}

bool ReportLedger::has_told(const protocol::UpdateReport& report) const {
  const std::uint32_t meaning = meaning_of(report);
  for (const std::uint32_t told : recent) {
    if (told == meaning) return true;
  }
  return false;
}

void ReportLedger::note(const protocol::UpdateReport& report) {
  recent[1] = recent[0];
  recent[0] = meaning_of(report);
  next_sequence = report.sequence + 1;
}

ReportLedgerBytes encode(const ReportLedger& ledger) {
  ReportLedgerBytes bytes{};
  RecordWriter out(bytes.data());
  out.bytes(kLedgerMagic, sizeof kLedgerMagic);
  out.u32(static_cast<std::uint32_t>(ledger.stream));
  out.u32(static_cast<std::uint32_t>(ledger.stream >> 32));
  out.u32(ledger.next_sequence);
  for (const std::uint32_t told : ledger.recent) out.u32(told);
  return bytes;
}

bool decode(const std::uint8_t* data, std::size_t bytes, ReportLedger& ledger) {
  if (bytes != kReportLedgerBytes || std::memcmp(data, kLedgerMagic, sizeof kLedgerMagic) != 0) {
    return false;
  }
  RecordReader in(data + sizeof kLedgerMagic);
  ledger.stream = in.u32();
  ledger.stream |= std::uint64_t{in.u32()} << 32;
  ledger.next_sequence = in.u32();
  for (std::uint32_t& told : ledger.recent) told = in.u32();
  return true;
}

}  // namespace fuota::update
