#include "cli/signed_root.hpp"

#include <array>

#include "cli/signed_document.hpp"

namespace fuota::cli {

Result<protocol::RootDocument> make_root(std::uint32_t version, std::size_t threshold,
                                         const std::vector<protocol::NamedKey>& keys,
                                         std::chrono::system_clock::time_point now) {
  protocol::RootDocument root;
  if (keys.size() > protocol::kRootKeysMax) {
    return Failure{"a root document names at most " + std::to_string(protocol::kRootKeysMax) +
                   " keys: leave out one that is no longer needed"};
  }
  root.version = version;
  root.threshold = threshold;
  for (const protocol::NamedKey& key : keys) root.keys[root.key_count++] = key.key;
  if (!root.created.assign(created_at(now))) return Failure{"the computer's clock is wrong"};
  const auto problem = protocol::check_root(root);
  if (problem.error == protocol::DocumentError::repeated) {
    return Failure{"one key is named twice: name each with --trust once"};
  }
  if (problem.member == "threshold") {
    return Failure{"a threshold of " + std::to_string(threshold) +
                   " needs as many different keys: name each with --trust"};
  }
  if (problem) return Failure{"there is no such root document: " + describe(problem)};
  return root;
}

Result<std::string> sign_root(const protocol::RootDocument& root, const ReleaseKey& key) {
  std::array<char, protocol::kFormattedRootBytesMax> text;
  const std::size_t bytes = protocol::format_root(root, text.data());
  return sign_document({text.data(), bytes}, kRootKind, key);
}

Result<protocol::RootDocument> read_root(std::string_view signed_root) {
  const auto jws = read_signed(signed_root, kRootKind);
  if (!jws) return jws.error();
  const auto parse = protocol::root_of(*jws);
  if (parse.problem) {
    return Failure{"what it signs is no root document: " + describe(parse.problem)};
  }
  return parse.root;
}

std::string difference(const protocol::RootDocument& root, const protocol::RootDocument& wanted) {
  if (root.version != wanted.version) return "version " + std::to_string(root.version);
  if (root.threshold != wanted.threshold) return "a threshold of " + std::to_string(root.threshold);
  if (root.key_count != wanted.key_count || root.keys != wanted.keys) {
    return "other keys, or the same in another order";
  }
  return "";
}

}  // namespace fuota::cli
