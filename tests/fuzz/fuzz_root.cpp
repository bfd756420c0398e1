#include <cstdint>
#include <string_view>

#include "fuota_protocol/root_document.hpp"
#include "fuota_protocol/root_trust.hpp"
#include "tests/fuzz/expect.hpp"

using namespace fuota::protocol;

namespace {

/// Takes any signature whose first byte is the key's for valid, so that trust can be reached.
class FirstByte final : public SignatureVerifier {
 public:
  Outcome verify(const PublicKey& key, const SigningInput& input,
                 const Signature& signature) override {
    FUZZ_EXPECT(!input.protected_header.empty());
    ++calls;
    return signature[0] == key.point[0] ? Outcome::valid : Outcome::invalid;
  }
  std::size_t calls = 0;
};

/// Names a key by its first character alone, so that an input can name it.
bool first_character(const void* data, std::size_t bytes, Sha256& out) {
  constexpr std::string_view kBegin = R"({"crv":"P-256","kty":"EC","x":")";
  const std::string_view text(static_cast<const char*>(data), bytes);
  FUZZ_EXPECT(text.size() > kBegin.size() && text.substr(0, kBegin.size()) == kBegin);
  out.fill(static_cast<std::uint8_t>(text[kBegin.size()]));
  return true;
}

/// Whatever is accepted keeps the rules, and is written so that it reads the same.
void read_as_payload(std::string_view text) {
  const RootParse parse = parse_root(text);
  if (parse.problem) {
    FUZZ_EXPECT(!describe(parse.problem.error).empty());
    return;
  }
  FUZZ_EXPECT(!check_root(parse.root));
  char json[kFormattedRootBytesMax];
  const std::size_t length = format_root(parse.root, json);
  const RootParse again = parse_root({json, length});
  FUZZ_EXPECT(!again.problem && again.root == parse.root);
}

/// Trust needs the next version, and as many signers of both kinds as it says.
void read_as_document(std::string_view text) {
  const JwsParse parse = parse_jws(text, kRootSignaturesMax);
  if (parse.problem) return;
  const Jws& jws = parse.jws;
  FUZZ_EXPECT(jws.signature_count >= 1 && jws.signature_count <= kRootSignaturesMax);
  // The keys that the input itself names.
  NamedKey keys[2];
  keys[0].id = jws.signatures[0].key_id;
  keys[1].id = jws.signatures[jws.signature_count - 1].key_id;
  keys[1].key.point[0] = 1;
  for (std::size_t threshold = 0; threshold <= 3; ++threshold) {
    for (const std::uint32_t version : {0U, 1U, UINT32_MAX}) {
      FirstByte verifier;
      const RootDecision decision =
          verify_root(jws, {keys, 2, threshold}, version, verifier, first_character);
      FUZZ_EXPECT(verifier.calls <= 2 * kRootSignaturesMax);
      FUZZ_EXPECT(!describe(decision.outcome).empty());
      FUZZ_EXPECT((decision.outcome == RootOutcome::malformed) ==
                  static_cast<bool>(decision.problem));
      if (decision.outcome != RootOutcome::trusted) continue;
      FUZZ_EXPECT(decision.root.version - 1 == version && version != UINT32_MAX);
      FUZZ_EXPECT(threshold >= 1 && decision.current_signers == threshold);
      FUZZ_EXPECT(decision.new_signers == decision.root.threshold);
      FUZZ_EXPECT(!check_root(decision.root));
    }
  }
}

}  // namespace

/// The input is a root document, or a signed one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  const std::string_view text(reinterpret_cast<const char*>(data), bytes);
  read_as_payload(text);
  read_as_document(text);
  return 0;
}
