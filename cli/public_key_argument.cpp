#include "cli/public_key_argument.hpp"

#include <string_view>

#include "cli/file.hpp"
#include "cli/release_key.hpp"

namespace fuota::cli {
namespace {

constexpr std::size_t kKeyFileBytesMax = 16 * 1024;

}  // namespace

Result<protocol::NamedKey> read_public_key(const std::string& argument) {
  if (const auto key = protocol::parse_public_key(argument)) return with_name(*key);
  const auto content = read_file(argument, kKeyFileBytesMax);
  if (!content) {
    return Failure{"\"" + argument + "\" is neither a public key, which is one line of " +
                   std::to_string(protocol::kPublicKeyTextBytes) +
                   " characters, nor a file: " + content.error().line};
  }
  const std::string_view line = std::string_view(*content).substr(0, content->find('\n'));
  if (const auto key = protocol::parse_public_key(line)) return with_name(*key);
  const auto key = public_key_from_pem(*content);
  if (!key) return Failure{argument + ": " + key.error().line};
  return with_name(*key);
}

}  // namespace fuota::cli
