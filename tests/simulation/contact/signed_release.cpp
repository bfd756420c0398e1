#include "tests/simulation/contact/signed_release.hpp"

#include <cstdlib>
#include <map>
#include <utility>

#include "tests/simulation/releases/release_draft.hpp"

namespace fuota::test {
namespace {

SignedRelease make_release(const std::string& version, std::size_t size_bytes) {
  ImageOptions options;
  options.version = version;
  options.seed = std::hash<std::string>{}(version) + size_bytes;
  options.size_bytes = size_bytes;
  ReleaseDraft draft(build_image(options));
  if (!draft.manifest.version.assign(version)) std::abort();
  SignedRelease release;
  release.image = draft.file;
  release.file_name = "release-" + version;
  auto file = std::make_shared<HeldFile>();
  file->content.assign(draft.file.begin(), draft.file.end());
  file->sha256 = hexadecimal(draft.manifest.sha256);
  auto held = std::make_shared<HeldRelease>();
  held->manifest = draft.signed_manifest();
  held->image = file->sha256;
  held->artifacts =
      HeldRelease::full_artifact("/files/" + release.file_name, size_bytes, file->sha256);
  release.file = std::move(file);
  release.release = std::move(held);
  return release;
}

}  // namespace

const SignedRelease& signed_release(const std::string& version, std::size_t size_bytes) {
  static std::map<std::pair<std::string, std::size_t>, SignedRelease> releases;
  const auto found = releases.find({version, size_bytes});
  if (found != releases.end()) return found->second;
  return releases.emplace(std::pair(version, size_bytes), make_release(version, size_bytes))
      .first->second;
}

}  // namespace fuota::test
