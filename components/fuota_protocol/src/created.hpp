#pragma once

#include <string_view>

namespace fuota::protocol {

/// Whether `text` is the time at which a document was made: "2026-11-23T05:34:24Z", RFC 3339
/// without fraction, offset and leap second.
[[nodiscard]] bool is_created(std::string_view text);

}  // namespace fuota::protocol
