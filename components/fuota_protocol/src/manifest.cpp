#include "fuota_protocol/manifest.hpp"

#include <cstring>

#include "fuota_protocol/names.hpp"
#include "json.hpp"

namespace fuota::protocol {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool is_chip(std::string_view text) {
  for (const char c : text) {
    if (!is_digit(c) && (c < 'a' || c > 'z')) return false;
  }
  return true;
}

unsigned days_of(unsigned year, unsigned month) {
  constexpr std::array<unsigned, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

/// "2026-11-23T05:34:24Z": RFC 3339 without fraction, offset and leap second.
bool is_created(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:ddZ";
  static_assert(kForm.size() == kCreatedBytes);
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kForm[i] == 'd' ? !is_digit(text[i]) : text[i] != kForm[i]) return false;
  }
  const auto number = [&](std::size_t at, std::size_t digits) {
    unsigned value = 0;
    for (const char c : text.substr(at, digits))
      value = value * 10 + static_cast<unsigned>(c - '0');
    return value;
  };
  const unsigned month = number(5, 2);
  const unsigned day = number(8, 2);
  if (month < 1 || month > 12 || day < 1 || day > days_of(number(0, 4), month)) return false;
  return number(11, 2) < 24 && number(14, 2) < 60 && number(17, 2) < 60;
}

DocumentProblem check_text(std::string_view name, std::string_view text) {
  if (text.empty()) return {DocumentError::empty, name};
  // Product and version are used as names too, such as in a device's row.
  if (check_version(text) != NameError::none) return {DocumentError::malformed, name};
  return {};
}

enum Index : std::size_t { kProduct, kVersion, kChip, kSize, kSha256, kCounter, kCreated };

template <std::size_t BytesMax>
DocumentProblem take_text(const Json& json, const Member& member, FixedText<BytesMax>& out) {
  std::string_view text;
  if (const auto problem = read_text(json, member, BytesMax, text)) return problem;
  return out.assign(text) ? DocumentProblem{}
                          : DocumentProblem{DocumentError::overlong, member.name};
}

DocumentProblem read_manifest(const Json& json, Manifest& manifest) {
  using Kind = Json::Kind;
  std::array<Member, 7> members = {{{"product"},
                                    {"version"},
                                    {"chip"},
                                    {"size", Kind::other},
                                    {"sha256"},
                                    {"counter", Kind::other},
                                    {"created"}}};
  if (const auto problem = find_members(json, 0, members)) return problem;
  if (const auto problem = take_text(json, members[kProduct], manifest.product)) return problem;
  if (const auto problem = take_text(json, members[kVersion], manifest.version)) return problem;
  if (const auto problem = take_text(json, members[kChip], manifest.chip)) return problem;
  if (const auto problem =
          read_integer(json, members[kSize], 1, kFileBytesMax, manifest.size_bytes)) {
    return problem;
  }
  std::string_view digest;
  if (const auto problem = read_text(json, members[kSha256], 2 * kSha256Bytes, digest)) {
    return problem;
  }
  if (!parse_sha256(digest, manifest.sha256)) return {DocumentError::malformed, "sha256"};
  if (const auto problem = read_integer(json, members[kCounter], 0, UINT32_MAX, manifest.counter)) {
    return problem;
  }
  if (const auto problem = take_text(json, members[kCreated], manifest.created)) return problem;
  return check_manifest(manifest);
}

}  // namespace

ManifestParse parse_manifest(std::string_view text) {
  ManifestParse result;
  if (text.size() > kManifestBytesMax) {
    result.problem.error = DocumentError::too_long;
    return result;
  }
  Json json;
  result.problem.error = json.read(text);
  if (!result.problem) result.problem = read_manifest(json, result.manifest);
  return result;
}

DocumentProblem check_manifest(const Manifest& manifest) {
  if (const auto problem = check_text("product", manifest.product.view())) return problem;
  if (const auto problem = check_text("version", manifest.version.view())) return problem;
  if (manifest.chip.empty()) return {DocumentError::empty, "chip"};
  if (!is_chip(manifest.chip.view())) return {DocumentError::malformed, "chip"};
  if (manifest.size_bytes == 0 || manifest.size_bytes > kFileBytesMax) {
    return {DocumentError::malformed, "size"};
  }
  if (!is_created(manifest.created.view())) return {DocumentError::malformed, "created"};
  return {};
}

std::size_t format_manifest(const Manifest& manifest, char* out) {
  std::size_t written = 0;
  const auto put = [&](std::string_view text) {
    std::memcpy(out + written, text.data(), text.size());
    written += text.size();
  };
  const auto put_number = [&](std::uint32_t value) {
    std::array<char, 10> digits{};
    std::size_t first = digits.size();
    do {
      digits[--first] = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    put({digits.data() + first, digits.size() - first});
  };
  char digest[2 * kSha256Bytes];
  format_sha256(manifest.sha256, digest);

  put("{\"chip\":\"");
  put(manifest.chip.view());
  put("\",\"counter\":");
  put_number(manifest.counter);
  put(",\"created\":\"");
  put(manifest.created.view());
  put("\",\"product\":\"");
  put(manifest.product.view());
  put("\",\"sha256\":\"");
  put({digest, sizeof digest});
  put("\",\"size\":");
  put_number(manifest.size_bytes);
  put(",\"version\":\"");
  put(manifest.version.view());
  put("\"}");
  return written;
}

bool parse_sha256(std::string_view text, Sha256& out) {
  if (text.size() != 2 * kSha256Bytes) return false;
  for (std::size_t i = 0; i < kSha256Bytes; ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

void format_sha256(const Sha256& digest, char out[2 * kSha256Bytes]) {
  for (std::size_t i = 0; i < kSha256Bytes; ++i) {
    out[2 * i] = kHexDigits[digest[i] >> 4];
    out[2 * i + 1] = kHexDigits[digest[i] & 0x0F];
  }
}

}  // namespace fuota::protocol
