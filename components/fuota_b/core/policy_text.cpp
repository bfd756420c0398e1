#include "policy_text.hpp"

namespace fuota::update {
namespace {

/// In the order of PolicyProblem.
constexpr const char* kDescriptions[] = {
    "usable",
    "no key",
    "not a public key",
    "the same key twice",
    "more than 4 keys",
    "the threshold is 0, or more than there are keys",
    "not enough memory",
};
static_assert(sizeof kDescriptions / sizeof kDescriptions[0] ==
                  static_cast<std::size_t>(PolicyProblem::no_memory) + 1,
              "every problem has its description");

constexpr std::string_view kSeparators = " \t\r\n";

/// Takes the next word off the front of `text`; empty when there is none.
std::string_view next_word(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(kSeparators);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin);
  const std::string_view word = text.substr(0, text.find_first_of(kSeparators));
  text.remove_prefix(word.size());
  return word;
}

bool has_key(const ReleasePolicy& policy, const protocol::PublicKey& key) {
  for (std::size_t i = 0; i < policy.key_count; ++i) {
    if (policy.keys[i].key == key) return true;
  }
  return false;
}

PolicyProblem add_key(std::string_view text, const KeyLibrary& library, ReleasePolicy& policy) {
  const auto key = protocol::parse_public_key(text);
  if (!key) return PolicyProblem::bad_key;
  if (has_key(policy, *key)) return PolicyProblem::repeated_key;
  if (policy.key_count == kReleaseKeysMax) return PolicyProblem::too_many_keys;
  const KeyLibrary::Outcome outcome = library.check(*key);
  if (outcome == KeyLibrary::Outcome::failed) return PolicyProblem::no_memory;
  if (outcome == KeyLibrary::Outcome::unusable) return PolicyProblem::bad_key;
  protocol::NamedKey& added = policy.keys[policy.key_count++];
  added.key = *key;
  added.id = protocol::key_id_of(*key, library.sha256);
  return added.id.empty() ? PolicyProblem::no_memory : PolicyProblem::none;
}

}  // namespace

PolicyProblem read_policy(std::string_view keys, unsigned threshold, const KeyLibrary& library,
                          ReleasePolicy& out) {
  ReleasePolicy policy;
  for (;;) {
    const std::string_view word = next_word(keys);
    if (word.empty()) break;
    const PolicyProblem problem = add_key(word, library, policy);
    if (problem != PolicyProblem::none) return problem;
  }
  if (policy.key_count == 0) return PolicyProblem::no_key;
  if (threshold == 0 || threshold > policy.key_count) return PolicyProblem::bad_threshold;
  policy.threshold = threshold;
  out = policy;
  return PolicyProblem::none;
}

const char* describe(PolicyProblem problem) {
  return kDescriptions[static_cast<std::size_t>(problem)];
}

}  // namespace fuota::update
