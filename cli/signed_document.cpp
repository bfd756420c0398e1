#include "cli/signed_document.hpp"

#include <array>
#include <ctime>
#include <utility>

#include "cli/openssl_verifier.hpp"
#include "fuota_protocol/base64url.hpp"
#include "fuota_protocol/manifest.hpp"

namespace fuota::cli {
namespace {

std::string base64url(const void* data, std::size_t bytes) {
  std::string text(protocol::base64url_size(bytes), '\0');
  protocol::base64url_encode(data, bytes, text.data());
  return text;
}

std::string protected_header_of(const ReleaseKey& key) {
  std::array<char, protocol::kFormattedHeaderBytes> header;
  protocol::format_protected_header(key.id(), header.data());
  return base64url(header.data(), header.size());
}

std::string entry(std::string_view protected_header, std::string_view value) {
  std::string text = R"({"protected":")" + std::string(protected_header);
  return text.append(R"(","signature":")").append(value).append("\"}");
}

Result<std::string> signed_entry(std::string_view payload, const ReleaseKey& key) {
  const std::string header = protected_header_of(key);
  const auto signature = key.sign({header, payload});
  if (!signature) return signature.error();
  return Result<std::string>(boost::system::in_place_value,
                             entry(header, base64url(signature->data(), signature->size())));
}

Result<std::string> document(const DocumentKind& kind, std::string_view payload,
                             std::string_view entries) {
  std::string text = R"({"payload":")" + std::string(payload);
  text.append(R"(","signatures":[)").append(entries).append("]}\n");
  if (text.size() > protocol::kSignedManifestBytesMax) {
    return Failure{"the signed " + std::string(kind.name) + " would be longer than " +
                   std::to_string(protocol::kSignedManifestBytesMax) + " bytes"};
  }
  return Result<std::string>(boost::system::in_place_value, std::move(text));
}

/// The one in `jws` that names `key`.
const protocol::JwsSignature* signature_by(const protocol::Jws& jws, const ReleaseKey& key) {
  for (std::size_t i = 0; i < jws.signature_count; ++i) {
    const protocol::JwsSignature& signature = jws.signatures[i];
    if (signature.form == protocol::SignatureForm::es256 && signature.key_id == key.id()) {
      return &signature;
    }
  }
  return nullptr;
}

}  // namespace

Result<std::string> sign_document(std::string_view json, const DocumentKind& kind,
                                  const ReleaseKey& key) {
  const std::string payload = base64url(json.data(), json.size());
  const auto signature = signed_entry(payload, key);
  if (!signature) return signature.error();
  return document(kind, payload, *signature);
}

Result<protocol::Jws> read_signed(std::string_view text, const DocumentKind& kind) {
  const auto parse = protocol::parse_jws(text, kind.signatures_max);
  if (!parse.problem) return parse.jws;
  return Failure{"it is no signed " + std::string(kind.name) + ": " + describe(parse.problem)};
}

Result<std::string> add_signature(std::string_view text, const DocumentKind& kind,
                                  const ReleaseKey& key) {
  const auto jws = read_signed(text, kind);
  if (!jws) return jws.error();
  if (const auto* signature = signature_by(*jws, key)) {
    OpensslVerifier verifier;
    const auto outcome = verifier.verify(
        key.public_key(), protocol::signing_input(*jws, *signature), signature->signature);
    if (outcome == protocol::SignatureVerifier::Outcome::valid) {
      return Result<std::string>(boost::system::in_place_value, text);
    }
    return Failure{"it has a signature in this key's name that is wrong: remove the " +
                   std::string(kind.name) + " and sign anew"};
  }
  if (jws->signature_count == kind.signatures_max) {
    return Failure{"it has " + std::to_string(kind.signatures_max) +
                   " signatures, and can't have more"};
  }
  std::string entries;
  for (std::size_t i = 0; i < jws->signature_count; ++i) {
    entries += entry(jws->signatures[i].protected_header, jws->signatures[i].value) + ",";
  }
  const auto added = signed_entry(jws->payload, key);
  if (!added) return added.error();
  return document(kind, jws->payload, entries + *added);
}

std::string describe(const protocol::DocumentProblem& problem) {
  std::string text;
  if (!problem.member.empty()) text = "its \"" + std::string(problem.member) + "\" ";
  return text.append(protocol::describe(problem.error));
}

std::string created_at(std::chrono::system_clock::time_point now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm fields{};
  std::array<char, protocol::kCreatedBytes + 1> text{};
  if (gmtime_r(&seconds, &fields) == nullptr) return "";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &fields)};
}

}  // namespace fuota::cli
