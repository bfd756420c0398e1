#include <cstdint>
#include <cstring>
#include <string>

#include "request_url.hpp"
#include "tests/fuzz/expect.hpp"

using namespace fuota::update;

namespace {

/// A URL is printable ASCII without spaces, and nothing of a name gets out of its place.
void expect_plain(const char* url, int questions) {
  int found = 0;
  for (const char* c = url; *c != '\0'; ++c) {
    FUZZ_EXPECT(*c > ' ' && *c < 0x7f && *c != '"' && *c != '#');
    if (*c == '?') ++found;
  }
  FUZZ_EXPECT(found == questions);
  FUZZ_EXPECT(std::strlen(url) < kUrlBytesMax);
}

}  // namespace

/// The input is three lines: host, device id or file name, version.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  std::string texts[3];
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes && at < 3; ++i) {
    if (data[i] == '\n') {
      ++at;
    } else {
      texts[at] += static_cast<char>(data[i]);
    }
  }
  const auto port = static_cast<std::uint16_t>(bytes * 7);
  char url[kUrlBytesMax];
  if (write_check_url(texts[0].c_str(), port, texts[1].c_str(), texts[2].c_str(), url)) {
    expect_plain(url, 1);
  }
  if (write_file_url(texts[0].c_str(), port, texts[1].c_str(), url)) expect_plain(url, 0);
  return 0;
}
