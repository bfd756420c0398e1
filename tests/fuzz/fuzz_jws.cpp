#include <cstdint>
#include <string_view>

#include "fuota_protocol/jws.hpp"
#include "fuota_protocol/release_trust.hpp"
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

}  // namespace

/// The parts of what is accepted lie within the input; trust needs as many signers as it says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  const std::string_view text(reinterpret_cast<const char*>(data), bytes);
  const JwsParse parse = parse_jws(text);
  if (parse.problem) {
    FUZZ_EXPECT(!describe(parse.problem.error).empty());
    return 0;
  }
  FUZZ_EXPECT(parse.jws.signature_count >= 1 &&
              parse.jws.signature_count <= kManifestSignaturesMax);
  FUZZ_EXPECT(parse.jws.payload.data() >= text.data() &&
              parse.jws.payload.data() + parse.jws.payload.size() <= text.data() + text.size());
  (void)manifest_of(parse.jws);

  // The keys that the input itself names.
  NamedKey keys[2];
  keys[0].id = parse.jws.signatures[0].key_id;
  keys[1].id = parse.jws.signatures[parse.jws.signature_count - 1].key_id;
  keys[1].key.point[0] = 1;
  for (std::size_t threshold = 0; threshold <= 3; ++threshold) {
    FirstByte verifier;
    const TrustDecision decision = verify_signatures(parse.jws, {keys, 2, threshold}, verifier);
    FUZZ_EXPECT(verifier.calls <= kManifestSignaturesMax);
    if (decision.outcome == TrustOutcome::trusted) {
      FUZZ_EXPECT(threshold >= 1 && threshold <= 2 && decision.signers >= threshold);
    }
  }
  return 0;
}
