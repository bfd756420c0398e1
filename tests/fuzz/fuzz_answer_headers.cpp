#include <algorithm>
#include <string>

#include "answer_headers.hpp"
#include "download_answer.hpp"
#include "tests/fuzz/expect.hpp"

using namespace fuota::update;

/// Header lines as they come, "name\0value\0" and so on. Whatever they say, a part of a file that
/// is taken is the one that was asked for, and no request without a range is repeated for ever.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  AnswerHeaders headers;
  std::string text(reinterpret_cast<const char*>(data), bytes);
  text.append(2, '\0');
  for (std::size_t at = 0; at + 2 < text.size();) {
    const std::string name = text.c_str() + at;
    at = std::min(at + name.size() + 1, text.size() - 1);
    const std::string value = text.c_str() + at;
    at += value.size() + 1;
    headers.note(name.c_str(), value.c_str());
  }
  FUZZ_EXPECT(headers.retry_after_s <= kRetryAfterSMax);
  FUZZ_EXPECT(!headers.has_content_length || headers.content_length >= 0);
  constexpr std::uint32_t kReceived = 65'536;
  const DownloadDecision rest = judge_download({kReceived, 100'000}, 206, headers);
  if (rest.step == DownloadStep::take) {
    FUZZ_EXPECT(headers.range_begin == kReceived && headers.range_total == 100'000);
  }
  FUZZ_EXPECT(judge_download({0, 100'000}, 206, headers).step == DownloadStep::fail);
  return 0;
}
