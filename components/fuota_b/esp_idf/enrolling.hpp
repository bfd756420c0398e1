#pragma once

#include "http_connection.hpp"
#include "workspace.hpp"

namespace fuota::update {

/// Makes a token and keeps it, before it is told to anybody: whatever happens from then on, the
/// server hears of no other one. In `work.token` and `work.token_text`. ESP_OK, or what NVS says.
[[nodiscard]] esp_err_t draw_token(Workspace& work);

/// Fills in `work.token` from NVS, and `work.token_text` where there is one. ESP_OK also when there
/// is none; or what NVS says.
[[nodiscard]] esp_err_t find_token(Workspace& work);

/// Gives the token of the workspace to the server, with the server's fleet key. From then on the
/// connection uses the device's id and that token, whatever the outcome: `updated` when the server
/// has answered that it knows the token now, what `code_of_enrolment` says of another answer, or
/// what the connection says. Blocks as long as one request at most.
[[nodiscard]] Code enrol(HttpConnection& connection, const Server& server, const Identity& identity,
                         Workspace& work);

/// Notes that the server has taken the token, once. Where that can't be noted, it is given the same
/// one again at the next check.
void note_accepted(Workspace& work);

}  // namespace fuota::update
