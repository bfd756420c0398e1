#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace fuota::server::storage {

/// The SHA-256 of a file's content: the name under which the content is stored.
using Sha256Digest = std::array<std::uint8_t, 32>;

/// 64 lower-case hexadecimal digits.
[[nodiscard]] std::string to_hex(const Sha256Digest& digest);

/// The digest that `text` spells as exactly 64 lower-case hexadecimal digits, or nothing.
[[nodiscard]] std::optional<Sha256Digest> digest_from_hex(std::string_view text);

/// Computes a SHA-256 over data that arrives in pieces.
class Sha256 {
 public:
  Sha256();

  /// Adds `data` to what is hashed.
  void update(std::string_view data);

  /// The digest of everything added. Called once, at the end.
  [[nodiscard]] Sha256Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace fuota::server::storage
