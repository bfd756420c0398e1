#include "server/api/offer.hpp"

#include "fuota_protocol/manifest.hpp"
#include "fuota_protocol/offer.hpp"
#include "fuota_protocol/percent.hpp"

namespace fuota::server::api {
namespace {

std::string url_of(std::string_view name) {
  std::string escaped(3 * name.size(), '\0');
  escaped.resize(*protocol::percent_encode(name, escaped.data(), escaped.size()));
  return "/files/" + escaped;
}

std::string hexadecimal(const domain::ContentDigest& digest) {
  std::string text(2 * digest.size(), '\0');
  protocol::format_sha256(digest, text.data());
  return text;
}

}  // namespace

std::string to_offer(std::string_view name, const domain::AssignedFile& file) {
  // Without the line end that may stand behind the object.
  const std::string_view manifest =
      std::string_view(file.manifest).substr(0, file.manifest.rfind('}') + 1);
  // None of the texts needs an escape in JSON: base64url, a URL, hexadecimal digits.
  std::string text = R"({"deployment":")" + file.deployment + R"(","manifest":)";
  text += manifest;
  text += R"(,"artifacts":[{"format":")" + std::string(protocol::kFullFormat);
  text += R"(","url":")" + url_of(name) + R"(","size":)" + std::to_string(file.size_bytes);
  text += R"(,"sha256":")" + hexadecimal(file.sha256) + R"("}]})";
  return text;
}

std::string why_not_offerable(std::string_view name, const domain::AssignedFile& file) {
  const std::string offer = to_offer(name, file);
  const auto parse = protocol::parse_offer(offer);
  if (!parse.problem) return "";
  return "an offer with this manifest " + std::string(protocol::describe(parse.problem.error)) +
         " for devices: leave out of the manifest what \"fuota release sign\" doesn't write";
}

}  // namespace fuota::server::api
