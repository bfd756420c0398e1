#pragma once

#include "fuota_b/code.hpp"

/// What the server's answers mean: rules only (docs/protocol.md, layer 1).
namespace fuota::update {

/// What the status of an answer to `GET /devices/<id>?app_ver=<v>` means. `updated` stands for
/// 200: there is an update to fetch.
[[nodiscard]] Code code_of_check(int http_status);

/// The same for `GET /files/<name>`; `updated` stands for 200: the image follows.
[[nodiscard]] Code code_of_download(int http_status);

/// The same for `POST /devices/<id>/enrolment`; `updated` stands for 204: the server has the token.
[[nodiscard]] Code code_of_enrolment(int http_status);

/// True when there is nothing to be mended: an update, or none.
[[nodiscard]] bool is_success(Code code);

/// True for what may be over in some seconds: a link that was lost, a server that restarts.
[[nodiscard]] bool is_connection_failure(Code code);

/// True when a check that ended with `check` was answered as the protocol says: the proof that the
/// firmware that asked can be updated again. An answer without a signature is one: that of a server
/// which has no signed release for the device yet.
[[nodiscard]] bool is_valid_answer(Code check);

/// The reason phrase of a status that the protocol knows (RFC 9110 section 15), else "". Static
/// storage.
[[nodiscard]] const char* reason_phrase(int http_status);

}  // namespace fuota::update
