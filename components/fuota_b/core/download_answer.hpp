#pragma once

#include <cstdint>

#include "answer_headers.hpp"
#include "fuota_b/code.hpp"

/// What the answer to a request for a file means: rules only.
namespace fuota::update {

/// What was asked for. The first `received_bytes` of the file are there already; with any, the
/// request had `Range: bytes=<received_bytes>-` and `If-Range` (RFC 9110 sections 14.2 and 13.1.5).
struct DownloadRequest {
  std::uint32_t received_bytes = 0;
  std::uint32_t file_bytes = 0;  ///< what was signed; 0: nothing was, and any length is right
};

enum class DownloadStep : std::uint8_t {
  take,     ///< the body goes on where it stopped
  skip,     ///< the body is all of the file: its first `received_bytes` are there already
  restart,  ///< ask again, for all of the file
  fail,     ///< `code` says why
};

struct DownloadDecision {
  DownloadStep step = DownloadStep::fail;
  Code code = Code::updated;  ///< counts only with `fail`
};

/// A server may ignore a range, refuse it (416), or have another file by now; none of it makes the
/// device write in the wrong place or ask the same again and again: a request without a range is
/// never answered with `restart`.
[[nodiscard]] DownloadDecision judge_download(const DownloadRequest& request, int http_status,
                                              const AnswerHeaders& headers);

}  // namespace fuota::update
