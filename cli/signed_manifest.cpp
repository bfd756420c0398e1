#include "cli/signed_manifest.hpp"

#include <array>
#include <ctime>
#include <utility>

#include "cli/openssl_verifier.hpp"
#include "fuota_protocol/base64url.hpp"

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

Result<std::string> document(std::string_view payload, std::string_view entries) {
  std::string text = R"({"payload":")" + std::string(payload);
  text.append(R"(","signatures":[)").append(entries).append("]}\n");
  if (text.size() > protocol::kSignedManifestBytesMax) {
    return Failure{"the signed manifest would be longer than " +
                   std::to_string(protocol::kSignedManifestBytesMax) + " bytes"};
  }
  return Result<std::string>(boost::system::in_place_value, std::move(text));
}

std::string describe(const protocol::DocumentProblem& problem) {
  std::string text;
  if (!problem.member.empty()) text = "its \"" + std::string(problem.member) + "\" ";
  return text.append(protocol::describe(problem.error));
}

std::string utc(std::chrono::system_clock::time_point now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm fields{};
  std::array<char, protocol::kCreatedBytes + 1> text{};
  if (gmtime_r(&seconds, &fields) == nullptr) return "";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &fields)};
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

Result<protocol::Manifest> make_manifest(const Image& image, std::uint32_t counter,
                                         std::chrono::system_clock::time_point now) {
  protocol::Manifest manifest;
  const bool fits = manifest.product.assign(image.product) &&
                    manifest.version.assign(image.version) && manifest.chip.assign(image.chip) &&
                    manifest.created.assign(utc(now));
  if (!fits) return Failure{"a text of the image's descriptor is too long"};
  manifest.size_bytes = image.size_bytes;
  manifest.sha256 = image.sha256;
  manifest.counter = counter;
  if (const auto problem = protocol::check_manifest(manifest)) {
    return Failure{"the image can't be signed: " + describe(problem) +
                   ". Project name and version are names without control characters, /, \\ and \";"
                   " set them in the project's CMakeLists.txt"};
  }
  return manifest;
}

Result<std::string> sign_manifest(const protocol::Manifest& manifest, const ReleaseKey& key) {
  std::array<char, protocol::kFormattedManifestBytesMax> text;
  const std::size_t bytes = protocol::format_manifest(manifest, text.data());
  const std::string payload = base64url(text.data(), bytes);
  const auto signature = signed_entry(payload, key);
  if (!signature) return signature.error();
  return document(payload, *signature);
}

Result<protocol::Manifest> read_manifest(std::string_view signed_manifest) {
  const auto jws = protocol::parse_jws(signed_manifest);
  if (jws.problem) return Failure{"it is no signed manifest: " + describe(jws.problem)};
  const auto manifest = protocol::manifest_of(jws.jws);
  if (manifest.problem)
    return Failure{"what it signs is no manifest: " + describe(manifest.problem)};
  return manifest.manifest;
}

std::string difference(const protocol::Manifest& manifest, const Image& image) {
  const auto differs = [](std::string_view what, std::string_view in_manifest,
                          std::string_view in_image) {
    return "the manifest is about " + std::string(what) + " \"" + std::string(in_manifest) +
           "\", the image is \"" + std::string(in_image) + "\"";
  };
  if (manifest.product.view() != image.product) {
    return differs("product", manifest.product.view(), image.product);
  }
  if (manifest.version.view() != image.version) {
    return differs("version", manifest.version.view(), image.version);
  }
  if (manifest.chip.view() != image.chip) return differs("chip", manifest.chip.view(), image.chip);
  if (manifest.size_bytes != image.size_bytes || manifest.sha256 != image.sha256) {
    return "the manifest is about an image of the same name with other bytes";
  }
  return "";
}

Result<std::string> add_signature(std::string_view signed_manifest, const ReleaseKey& key) {
  const auto parse = protocol::parse_jws(signed_manifest);
  if (parse.problem) return Failure{"it is no signed manifest: " + describe(parse.problem)};
  const protocol::Jws& jws = parse.jws;
  if (const auto* signature = signature_by(jws, key)) {
    OpensslVerifier verifier;
    const auto outcome = verifier.verify(key.public_key(), protocol::signing_input(jws, *signature),
                                         signature->signature);
    if (outcome == protocol::SignatureVerifier::Outcome::valid) {
      return Result<std::string>(boost::system::in_place_value, signed_manifest);
    }
    return Failure{
        "it has a signature in this key's name that is wrong: remove the manifest and"
        " sign anew"};
  }
  if (jws.signature_count == protocol::kManifestSignaturesMax) {
    return Failure{"it has " + std::to_string(protocol::kManifestSignaturesMax) +
                   " signatures, and can't have more"};
  }
  std::string entries;
  for (std::size_t i = 0; i < jws.signature_count; ++i) {
    entries += entry(jws.signatures[i].protected_header, jws.signatures[i].value) + ",";
  }
  const auto added = signed_entry(jws.payload, key);
  if (!added) return added.error();
  return document(jws.payload, entries + *added);
}

}  // namespace fuota::cli
