#include <cstdint>
#include <string>
#include <string_view>

#include "server/api/accept.hpp"
#include "server/api/account_name.hpp"
#include "server/api/arguments.hpp"
#include "tests/fuzz/expect.hpp"

using namespace fuota::server::api;

namespace {

/// What comes out of a segment is a name, and no path.
void try_segment(std::string_view text) {
  for (const auto parse : {parse_device_id, parse_file_name}) {
    const Argument name = parse(text);
    if (!name) continue;
    FUZZ_EXPECT(!name->empty() && *name != "." && *name != "..");
    FUZZ_EXPECT(name->find_first_of("/\\\"\r\n") == std::string::npos);
    FUZZ_EXPECT(name->find('\0') == std::string::npos);
  }
  const Argument account = parse_account_name(text);
  if (account) FUZZ_EXPECT(is_account_name(*account));
  const auto version = parse_root_version(text);
  if (version) FUZZ_EXPECT(*version > 0 && std::to_string(*version) == text);
}

void try_query(std::string_view text) {
  const auto version = parse_version_query(text);
  if (version) FUZZ_EXPECT(!version->empty());
  static_cast<void>(parse_running_query(text));
  const auto page = parse_page_query(text);
  if (page) FUZZ_EXPECT(page->limit > 0 && page->limit <= kPageEventsMax);
  const auto audit = parse_audit_query(text);
  if (!audit) return;
  // What both have in common is read alike.
  FUZZ_EXPECT(page && audit->count_max == page->limit && audit->before == page->before);
  FUZZ_EXPECT(audit->by_prefix.size() <= kAuditPrefixBytesMax);
  FUZZ_EXPECT(audit->action_prefix.size() <= kAuditPrefixBytesMax);
}

}  // namespace

/// The first byte says what the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  if (bytes == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, bytes - 1);
  switch (data[0]) {
    case 's':
      try_segment(text);
      break;
    case 'q':
      try_query(text);
      break;
    default:
      static_cast<void>(wants_offer(text));
  }
  return 0;
}
