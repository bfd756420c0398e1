#pragma once

#include <optional>
#include <string_view>

#include "fuota_protocol/json_workspace.hpp"
#include "fuota_protocol/jws.hpp"

namespace fuota::protocol {

/// What the payload of `jws` stands for, in `workspace.text`: a document's JSON text. Nothing when
/// it is longer than a document may be.
[[nodiscard]] std::optional<std::string_view> decode_payload(const Jws& jws,
                                                             JsonWorkspace& workspace);

}  // namespace fuota::protocol
