#include "download_answer.hpp"

#include <gtest/gtest.h>

namespace fuota::update {
namespace {

constexpr std::uint32_t kFileBytes = 100'000;
constexpr std::uint32_t kReceivedBytes = 65'536;

AnswerHeaders part(std::int64_t begin, std::int64_t end, std::int64_t total) {
  AnswerHeaders headers;
  headers.has_range = true;
  headers.range_begin = begin;
  headers.range_end = end;
  headers.range_total = total;
  headers.has_content_length = true;
  headers.content_length = end - begin + 1;
  return headers;
}

AnswerHeaders length(std::int64_t bytes) {
  AnswerHeaders headers;
  headers.has_content_length = true;
  headers.content_length = bytes;
  return headers;
}

struct Case {
  const char* title;
  DownloadRequest request;
  int status;
  AnswerHeaders headers;
  DownloadStep step;
  Code code = Code::updated;  ///< with `fail`
};

constexpr DownloadRequest kWhole = {0, kFileBytes};
constexpr DownloadRequest kRest = {kReceivedBytes, kFileBytes};
constexpr DownloadRequest kUnsigned = {0, 0};
constexpr auto kFail = DownloadStep::fail;

class DownloadAnswer : public testing::TestWithParam<Case> {};

TEST_P(DownloadAnswer, Means) {
  const Case& row = GetParam();
  const DownloadDecision decision = judge_download(row.request, row.status, row.headers);
  EXPECT_EQ(decision.step, row.step);
  if (row.step == kFail) {
    EXPECT_EQ(decision.code, row.code) << describe(decision.code);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, DownloadAnswer,
    testing::Values(
        Case{"AllOfTheFile", kWhole, 200, length(kFileBytes), DownloadStep::take},
        Case{"AllOfTheFileWithoutALength", kWhole, 200, {}, DownloadStep::take},
        Case{"AnotherLength", kWhole, 200, length(kFileBytes + 1), kFail, Code::wrong_file},
        Case{"AnyLengthOfAnUnsignedFile", kUnsigned, 200, length(7), DownloadStep::take},
        Case{"Missing", kWhole, 404, length(0), kFail, Code::file_refused},
        Case{"Forbidden", kWhole, 403, length(0), kFail, Code::credentials_refused},
        Case{"ServerError", kWhole, 503, length(0), kFail, Code::server_error},
        Case{"Redirection", kWhole, 302, length(0), kFail, Code::redirected},
        Case{"PartThatNobodyAskedFor", kWhole, 206, part(0, 99'999, kFileBytes), kFail,
             Code::bad_range},
        Case{"RangeRefusedThatNobodyAskedFor", kWhole, 416, length(0), kFail, Code::client_error},
        Case{"TheRest", kRest, 206, part(kReceivedBytes, 99'999, kFileBytes), DownloadStep::take},
        Case{"AllInsteadOfTheRest", kRest, 200, length(kFileBytes), DownloadStep::skip},
        Case{"AllInsteadOfTheRestWithoutALength", kRest, 200, {}, DownloadStep::skip},
        Case{"AnotherFileInsteadOfTheRest", kRest, 200, length(kFileBytes - 1), kFail,
             Code::wrong_file},
        Case{"RangeRefused", kRest, 416, length(0), DownloadStep::restart},
        Case{"AnEarlierPart", kRest, 206, part(kReceivedBytes - 1, 99'999, kFileBytes),
             DownloadStep::restart},
        Case{"ALaterPart", kRest, 206, part(kReceivedBytes + 1, 99'999, kFileBytes),
             DownloadStep::restart},
        Case{"APartThatEndsEarly", kRest, 206, part(kReceivedBytes, 99'998, kFileBytes),
             DownloadStep::restart},
        Case{"APartOfALongerFile", kRest, 206, part(kReceivedBytes, 100'000, kFileBytes + 1),
             DownloadStep::restart},
        Case{"APartWithoutItsRange", kRest, 206, length(kFileBytes - kReceivedBytes),
             DownloadStep::restart},
        Case{"MissingByNow", kRest, 404, length(0), kFail, Code::file_refused}),
    [](const auto& row) { return row.param.title; });

TEST(DownloadAnswerToARange, WithALengthThatIsNotTheParts) {
  AnswerHeaders headers = part(kReceivedBytes, 99'999, kFileBytes);
  headers.content_length = kFileBytes;
  EXPECT_EQ(judge_download(kRest, 206, headers).step, DownloadStep::restart);
}

TEST(DownloadAnswerWithoutARange, NeverAsksForTheSameAgain) {
  for (int status = 0; status < 600; ++status) {
    EXPECT_NE(judge_download(kWhole, status, {}).step, DownloadStep::restart) << status;
  }
}

}  // namespace
}  // namespace fuota::update
