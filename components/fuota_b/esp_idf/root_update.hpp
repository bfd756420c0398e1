#pragma once

#include <cstdint>

#include "http_connection.hpp"
#include "workspace.hpp"

namespace fuota::update {

/// How many root documents a device takes at one contact; the next contact goes on.
constexpr unsigned kRootsPerContactMax = 16;

/// Fetches the root documents behind `work.trusted.version` one by one, up to version `newest`, and
/// makes the keys of each that is signed as it must be (fuota_protocol/root_trust.hpp) the trusted
/// ones, in NVS and in `work.trusted`. None is skipped, and a power cut in between leaves the
/// device with the keys of one of them. Uses the workspace's URL, sector and scratch.
///
/// `updated` when at least one was taken; else `bad_root`, `file_refused`, `nvs`, or what
/// HttpConnection::perform says: the keys are as before. Blocks, for each, as long as a request
/// does and about a second for the signatures.
[[nodiscard]] Code follow_roots(HttpConnection& connection, const Server& server,
                                std::uint32_t newest, Workspace& work);

}  // namespace fuota::update
