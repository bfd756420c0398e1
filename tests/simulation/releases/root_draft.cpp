#include "tests/simulation/releases/root_draft.hpp"

#include <cstdio>
#include <cstdlib>

#include "cli/signed_document.hpp"
#include "cli/signed_root.hpp"
#include "tests/simulation/releases/release_draft.hpp"

namespace fuota::test {
namespace {

template <typename T>
T value_of(cli::Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "root_draft: %s\n", result.error().line.c_str());
  std::abort();
}

}  // namespace

std::string RootDraft::signed_root() const {
  std::vector<protocol::NamedKey> named;
  for (const std::size_t key : keys) {
    named.push_back({release_key(key).public_key(), release_key(key).id()});
  }
  // Any day will do: devices have no clock to compare it with.
  const auto root = value_of(cli::make_root(version, threshold, named, {}));
  std::string text = value_of(cli::sign_root(root, release_key(signers.front())));
  for (std::size_t i = 1; i < signers.size(); ++i) {
    text = value_of(cli::add_signature(text, cli::kRootKind, release_key(signers[i])));
  }
  return text;
}

}  // namespace fuota::test
