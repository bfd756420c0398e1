#include "cli/root_commands.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <utility>

#include "cli/file.hpp"
#include "cli/key_commands.hpp"
#include "cli/openssl_verifier.hpp"
#include "cli/public_key_argument.hpp"
#include "cli/signed_document.hpp"
#include "cli/signed_root.hpp"
#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/root_trust.hpp"

namespace fuota::cli {
namespace {

Result<std::string> text_result(std::string text) {
  return Result<std::string>(boost::system::in_place_value, std::move(text));
}

Result<std::vector<protocol::NamedKey>> read_keys(const std::vector<std::string>& arguments) {
  std::vector<protocol::NamedKey> keys;
  for (const std::string& argument : arguments) {
    const auto key = read_public_key(argument);
    if (!key) return key.error();
    keys.push_back(*key);
  }
  return keys;
}

/// The keys that devices are to trust. One that can't verify anything would be found out when it is
/// needed.
Result<std::vector<protocol::NamedKey>> read_new_keys(const std::vector<std::string>& arguments) {
  auto keys = read_keys(arguments);
  if (!keys) return keys;
  for (std::size_t i = 0; i < keys->size(); ++i) {
    if (is_usable((*keys)[i].key)) continue;
    return Failure{"\"" + arguments[i] +
                   "\" is no key on the curve P-256: take it from \"fuota key public\" again"};
  }
  return keys;
}

/// "root 2, 2 of 3 keys".
std::string title_of(const protocol::RootDocument& root) {
  return "root " + std::to_string(root.version) + ", " + std::to_string(root.threshold) + " of " +
         std::to_string(root.key_count) + " keys";
}

std::string line_of(const protocol::PublicKey& key) {
  std::array<char, protocol::kPublicKeyTextBytes> line;
  protocol::format_public_key(key, line.data());
  return {line.data(), line.size()};
}

/// Writes `after` over `before`, what the file holds, and says so.
Result<std::string> write_signed(const std::string& path, const std::string& before,
                                 const std::string& after, const ReleaseKey& key) {
  const auto root = read_root(after);
  if (!root) return root.error();
  if (after != before) {
    if (auto written = replace_file(path, after); !written) return written.error();
  }
  return text_result(path + ": " + title_of(*root) + ", signed by " + std::string(key.id().view()) +
                     (after == before ? " already\n" : "\n"));
}

Result<std::string> sign_again(const std::string& path, const std::string& before,
                               const ReleaseKey& key) {
  const auto after = add_signature(before, kRootKind, key);
  if (!after) return Failure{path + ": " + after.error().line};
  return write_signed(path, before, *after, key);
}

Result<std::string> read_document(const std::string& path) {
  return read_file(path, protocol::kSignedRootBytesMax);
}

/// The same with the root document that is in it.
Result<protocol::RootDocument> root_in(const std::string& path, const std::string& text) {
  auto root = read_root(text);
  if (!root) return Failure{path + ": " + root.error().line};
  return root;
}

/// Whose signature it is, and what it is worth.
std::string account_of(const protocol::Jws& jws, const protocol::JwsSignature& signature,
                       const std::vector<protocol::NamedKey>& keys) {
  if (signature.form != protocol::SignatureForm::es256) {
    return "a signature that " + std::string(protocol::describe(signature.form));
  }
  const std::string by = "signed by " + std::string(signature.key_id.view());
  const auto key = std::find_if(keys.begin(), keys.end(),
                                [&](const auto& named) { return named.id == signature.key_id; });
  if (key == keys.end()) return by + ", another key: not verified";
  OpensslVerifier verifier;
  switch (verifier.verify(key->key, protocol::signing_input(jws, signature), signature.signature)) {
    case protocol::SignatureVerifier::Outcome::valid:
      return by + ", a key of its own";
    case protocol::SignatureVerifier::Outcome::invalid:
      return by + ", a key of its own: the signature is wrong";
    case protocol::SignatureVerifier::Outcome::failed:
      break;
  }
  return by + ", a key of its own: can't be verified";
}

std::string count_of(std::size_t signers, std::size_t needed) {
  return std::to_string(signers) + " of " + std::to_string(needed) + " needed";
}

/// What is wrong and what to do.
Failure refusal(const VerifyRootOptions& options, const protocol::RootDecision& decision) {
  const std::string what = options.document + " " + std::string(describe(decision.outcome));
  switch (decision.outcome) {
    case protocol::RootOutcome::malformed:
      return Failure{what + ": " + describe(decision.problem)};
    case protocol::RootOutcome::not_next_version:
      return Failure{what + ": it is version " + std::to_string(decision.root.version) +
                     ", and the current one is " + std::to_string(options.version) +
                     ". Devices take one after the other: verify each with the keys before it"};
    case protocol::RootOutcome::no_such_threshold:
      return Failure{"a threshold of " + std::to_string(options.threshold) +
                     " needs as many different keys, and at most " +
                     std::to_string(protocol::kTrustedKeysMax) + ": name each with --key"};
    case protocol::RootOutcome::too_few_of_current:
      return Failure{what + ": " + count_of(decision.current_signers, options.threshold) +
                     ". \"fuota root sign --document\" adds a signature"};
    case protocol::RootOutcome::too_few_of_new:
      return Failure{what + ": " + count_of(decision.new_signers, decision.root.threshold) +
                     ". \"fuota root sign --document\" adds a signature"};
    case protocol::RootOutcome::trusted:
    case protocol::RootOutcome::failed:
      break;
  }
  return Failure{what};
}

}  // namespace

Result<std::string> sign_new_root(const NewRootOptions& options) {
  const auto keys = read_new_keys(options.trusted_keys);
  if (!keys) return keys.error();
  const auto root =
      make_root(options.version, options.threshold, *keys, std::chrono::system_clock::now());
  if (!root) return root.error();
  const auto key = read_release_key(options.key);
  if (!key) return key.error();
  const std::string path =
      options.out.empty() ? "root." + std::to_string(options.version) + ".json" : options.out;
  if (!std::filesystem::exists(path)) {
    const auto text = sign_root(*root, *key);
    if (!text) return text.error();
    return write_signed(path, "", *text, *key);
  }
  const auto before = read_document(path);
  if (!before) return before.error();
  const auto present = root_in(path, *before);
  if (!present) return present.error();
  if (const std::string other = difference(*present, *root); !other.empty()) {
    return Failure{path + ": the root document that is there has " + other +
                   ". Remove it to sign anew, or name another with --out"};
  }
  return sign_again(path, *before, *key);
}

Result<std::string> sign_present_root(const SignRootOptions& options) {
  const auto key = read_release_key(options.key);
  if (!key) return key.error();
  const auto before = read_document(options.document);
  if (!before) return before.error();
  const auto root = root_in(options.document, *before);
  if (!root) return root.error();
  return sign_again(options.document, *before, *key);
}

Result<std::string> verify_root_file(const VerifyRootOptions& options) {
  const auto keys = read_keys(options.keys);
  if (!keys) return keys.error();
  const auto text = read_document(options.document);
  if (!text) return text.error();
  const auto jws = read_signed(*text, kRootKind);
  if (!jws) return Failure{options.document + ": " + jws.error().line};
  OpensslVerifier verifier;
  const auto decision = protocol::verify_root(*jws, {keys->data(), keys->size(), options.threshold},
                                              options.version, verifier, sha256);
  if (decision.outcome != protocol::RootOutcome::trusted) return refusal(options, decision);
  return text_result(title_of(decision.root) + ", created " +
                     std::string(decision.root.created.view()) + ": signed by " +
                     count_of(decision.current_signers, options.threshold) +
                     " of the current keys, and by " +
                     count_of(decision.new_signers, decision.root.threshold) + " of its own\n");
}

Result<std::string> show_root(const ShowRootOptions& options) {
  const auto text = read_document(options.document);
  if (!text) return text.error();
  const auto root = root_in(options.document, *text);
  if (!root) return root.error();
  const auto jws = read_signed(*text, kRootKind);
  if (!jws) return jws.error();
  std::string shown = title_of(*root) + ", created " + std::string(root->created.view()) + "\n";
  std::vector<protocol::NamedKey> keys;
  for (std::size_t i = 0; i < root->key_count; ++i) {
    const auto named = with_name(root->keys[i]);
    if (!named) return named.error();
    keys.push_back(*named);
    shown += "key " + line_of(named->key) + " " + std::string(named->id.view()) + "\n";
  }
  for (std::size_t i = 0; i < jws->signature_count; ++i) {
    shown += account_of(*jws, jws->signatures[i], keys) + "\n";
  }
  return text_result(std::move(shown));
}

}  // namespace fuota::cli
