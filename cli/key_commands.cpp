#include "cli/key_commands.hpp"

#include <array>
#include <utility>

#include "cli/file.hpp"
#include "cli/release_key.hpp"

namespace fuota::cli {
namespace {

constexpr std::size_t kKeyFileBytesMax = 16 * 1024;

Result<std::string> text_result(std::string text) {
  return Result<std::string>(boost::system::in_place_value, std::move(text));
}

/// The public key's line, and its id on the next.
std::string lines_of(const ReleaseKey& key) {
  std::array<char, protocol::kPublicKeyTextBytes> line;
  protocol::format_public_key(key.public_key(), line.data());
  return std::string(line.data(), line.size()) + "\n" + std::string(key.id().view()) + "\n";
}

}  // namespace

Result<std::string> new_key(const NewKeyOptions& options) {
  const auto key = ReleaseKey::generate();
  if (!key) return key.error();
  const auto pem = key->to_pem();
  if (!pem) return pem.error();
  if (auto written = write_new_secret(options.out, *pem); !written) {
    return Failure{written.error().line +
                   ". A key is never written over another file: name a new one"};
  }
  return text_result(lines_of(*key));
}

Result<std::string> public_key(const PublicKeyOptions& options) {
  const auto key = read_release_key(options.key);
  if (!key) return key.error();
  if (options.pem) return key->public_pem();
  return text_result(lines_of(*key));
}

Result<ReleaseKey> read_release_key(const std::string& path) {
  const auto pem = read_file(path, kKeyFileBytesMax);
  if (!pem) return pem.error();
  auto key = ReleaseKey::from_pem(*pem);
  if (!key) return Failure{path + ": " + key.error().line};
  return key;
}

}  // namespace fuota::cli
