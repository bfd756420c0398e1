#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace test_support {

/// A signed manifest about an image with this content, as "fuota release sign" writes it, but for
/// the signature, which nobody has made: the server doesn't look at it.
[[nodiscard]] std::string signed_manifest(std::string_view content);

/// A signed root document of this version, as "fuota root sign" writes it, but for key and
/// signature, which mean nothing.
[[nodiscard]] std::string signed_root(std::uint32_t version);

}  // namespace test_support
