#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fuota::test {

/// A root document on its way to a device: right when its signers are, to be spoiled. It is made
/// and signed by the code of `fuota root`. Keys are numbers of `release_key`.
struct RootDraft {
  std::uint32_t version = 1;
  std::size_t threshold = 1;
  std::vector<std::size_t> keys;
  std::vector<std::size_t> signers;

  /// A JWS, as the server holds it.
  [[nodiscard]] std::string signed_root() const;
};

}  // namespace fuota::test
