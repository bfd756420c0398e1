#include "download_answer.hpp"

#include "check_answer.hpp"

namespace fuota::update {
namespace {

constexpr int kOk = 200;
constexpr int kPartialContent = 206;
constexpr int kRangeNotSatisfiable = 416;

DownloadDecision fail(Code code) {
  return {DownloadStep::fail, code};
}

DownloadDecision judge_whole(const DownloadRequest& request, const AnswerHeaders& headers) {
  const bool is_wrong = request.file_bytes != 0 && headers.has_content_length &&
                        headers.content_length != request.file_bytes;
  if (is_wrong) return fail(Code::wrong_file);
  return {request.received_bytes == 0 ? DownloadStep::take : DownloadStep::skip};
}

/// The part that was asked for begins where the last one stopped, and ends with the file.
bool is_the_rest(const DownloadRequest& request, const AnswerHeaders& headers) {
  if (!headers.has_range || headers.range_begin != request.received_bytes ||
      headers.range_end + 1 != headers.range_total) {
    return false;
  }
  if (request.file_bytes != 0 && headers.range_total != request.file_bytes) return false;
  return !headers.has_content_length ||
         headers.content_length == headers.range_total - headers.range_begin;
}

}  // namespace

DownloadDecision judge_download(const DownloadRequest& request, int http_status,
                                const AnswerHeaders& headers) {
  if (http_status == kOk) return judge_whole(request, headers);
  if (request.received_bytes > 0) {
    if (http_status == kRangeNotSatisfiable) return {DownloadStep::restart};
    if (http_status == kPartialContent) {
      return {is_the_rest(request, headers) ? DownloadStep::take : DownloadStep::restart};
    }
  }
  if (http_status == kPartialContent) return fail(Code::bad_range);
  return fail(code_of_download(http_status));
}

}  // namespace fuota::update
