#pragma once

#include <string>
#include <string_view>

#include "server/domain/check.hpp"

namespace fuota::server::api {

/// The offer (docs/protocol.md, "The native check") of `file`, which has a manifest, under the name
/// `name`: JSON of at most protocol::kOfferBytesMax bytes if `protocol::parse_offer` can read it.
[[nodiscard]] std::string to_offer(std::string_view name, const domain::AssignedFile& file);

/// What would keep devices from reading an offer with this manifest under this name: one line for a
/// person that says what to do; empty when they can read it.
[[nodiscard]] std::string why_not_offerable(std::string_view name,
                                            const domain::AssignedFile& file);

}  // namespace fuota::server::api
