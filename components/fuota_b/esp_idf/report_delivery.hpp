#pragma once

#include "http_connection.hpp"
#include "workspace.hpp"

namespace fuota::update {

/// Tells the server what waits to be told, oldest first, each until the server has it (204). What
/// can't be delivered waits for the next contact, with one exception: a report that the server will
/// never take (400, 413) is dropped, so that it does not hold up the others. Uses the workspace's
/// sector. Blocks as long as kReportsMax requests at most.
void deliver_reports(HttpConnection& connection, const Server& server, const Identity& identity,
                     Workspace& work);

}  // namespace fuota::update
