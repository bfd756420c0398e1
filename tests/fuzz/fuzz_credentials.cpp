#include <cstdint>
#include <string>
#include <string_view>

#include "server/api/access_token.hpp"
#include "server/api/credentials.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/support/server/basic_authorization.hpp"

using namespace fuota::server::api;

namespace {

using Kind = Credentials::Kind;

bool same(const Credentials& a, const Credentials& b) {
  return a.kind == b.kind && a.token == b.token && a.name == b.name && a.secret == b.secret;
}

/// Whether `text` is a token as it is documented, by a reading that is simple instead of fast.
bool reads_as_token(std::string_view text) {
  // 43 digits have two bits more than 256, which are zero in the last one.
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr std::string_view kLastDigits = "AEIMQUYcgkosw048";
  if (text.size() != kTokenBytes) return false;
  if (!text.starts_with("fud_") && !text.starts_with("fuf_") && !text.starts_with("fut_")) {
    return false;
  }
  return text.substr(kTokenPrefixBytes).find_first_not_of(kDigits) == std::string_view::npos &&
         kLastDigits.find(text.back()) != std::string_view::npos;
}

/// What holds of credentials, wherever they come from.
void expect_sense(const Credentials& credentials) {
  switch (credentials.kind) {
    case Kind::none:
    case Kind::malformed:
      FUZZ_EXPECT(credentials.name.empty() && credentials.secret.empty());
      break;
    case Kind::token:
      FUZZ_EXPECT(reads_as_token(credentials.secret));
      FUZZ_EXPECT(token_kind(credentials.secret) == credentials.token);
      break;
    case Kind::password:
      FUZZ_EXPECT(!reads_as_token(credentials.secret));
      FUZZ_EXPECT(credentials.name.find(':') == std::string::npos);
  }
}

/// `text` is the field as it comes from a client.
void try_field(std::string_view text) {
  const Credentials credentials = parse_credentials(text);
  expect_sense(credentials);
  FUZZ_EXPECT((credentials.kind == Kind::none) == text.empty());
  const auto basic = of_scheme(text, "basic");
  const auto bearer = of_scheme(text, "bearer");
  FUZZ_EXPECT(!basic || !bearer);
  if (credentials.kind != Kind::token && credentials.kind != Kind::password) return;
  FUZZ_EXPECT(basic || bearer);
  if (bearer) {
    FUZZ_EXPECT(credentials.name.empty() && credentials.secret == *bearer);
    FUZZ_EXPECT(credentials.token == TokenKind::api);
    return;
  }
  // Written by the book, they are the same.
  FUZZ_EXPECT(same(
      parse_credentials(test_support::basic_authorization(credentials.name, credentials.secret)),
      credentials));
}

/// `text` is a name, a colon and a secret, which a client encodes by the book.
void try_user_pass(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return;
  std::string field =
      test_support::basic_authorization(text.substr(0, colon), text.substr(colon + 1));
  const Credentials credentials = parse_credentials(field);
  expect_sense(credentials);
  FUZZ_EXPECT(credentials.name + ":" + credentials.secret == text);
  const bool ends_in_token = text.size() > kTokenBytes &&
                             text[text.size() - kTokenBytes - 1] == ':' &&
                             reads_as_token(text.substr(text.size() - kTokenBytes));
  FUZZ_EXPECT(credentials.kind == (ends_in_token ? Kind::token : Kind::password));

  // Neither the case of the scheme nor the padding matters.
  field.replace(0, 5, "bASIC");
  while (field.ends_with('=')) field.pop_back();
  FUZZ_EXPECT(same(parse_credentials(field), credentials));
}

void try_token(std::string_view text) {
  const auto kind = token_kind(text);
  FUZZ_EXPECT(kind.has_value() == reads_as_token(text));
  if (text.starts_with(' ')) return;  // Blanks belong to what stands before.
  const Credentials credentials = parse_credentials("Bearer " + std::string(text));
  FUZZ_EXPECT((credentials.kind == Kind::token) == (kind == TokenKind::api));
}

}  // namespace

/// The first byte says what the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  if (bytes == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, bytes - 1);
  switch (data[0]) {
    case 'p':
      try_user_pass(text);
      break;
    case 't':
      try_token(text);
      break;
    default:
      try_field(text);
  }
  return 0;
}
