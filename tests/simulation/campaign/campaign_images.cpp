#include "tests/simulation/campaign/campaign_images.hpp"

#include <cstdlib>
#include <utility>

#include "simulator/boot/chip_model.hpp"
#include "tests/simulation/releases/release_draft.hpp"
#include "tests/simulation/releases/root_draft.hpp"

namespace fuota::test {
namespace {

constexpr std::size_t kChipIdOffset = 12;  // esp_image_header_t (esp_app_format.h)
constexpr std::size_t kKey = 0;
constexpr std::size_t kNextKey = 1;
constexpr std::uint32_t kCounterOfFailing = 1;
constexpr std::uint32_t kCounterOfUpdate = 2;

Image failing_image(const std::string& chip) {
  ImageOptions options;
  options.chip = chip;
  options.version = "0.1.1-bad";
  options.seed = 3;
  options.size_bytes = 6'000 / 16 * 16;
  return build_image(options);
}

}  // namespace

CampaignImages::CampaignImages(Image update, bool is_signed) {
  const auto id =
      static_cast<std::uint16_t>(update.at(kChipIdOffset) | update.at(kChipIdOffset + 1) << 8);
  if (const auto* chip = simulator::boot::find_chip(id)) chip_ = chip->name;
  if (is_signed) {
    trusted_keys_ = public_line(release_key(kKey));
    signed_root_ = RootDraft{1, 1, {kNextKey}, {kKey, kNextKey}}.signed_root();
  }
  update_ = hold(update, kCounterOfUpdate, kKey);
  rotated_update_ = hold(std::move(update), kCounterOfUpdate, kNextKey);
  failing_ = hold(failing_image(chip_), kCounterOfFailing, kKey);
}

CampaignImages::Held CampaignImages::hold(Image image, std::uint32_t counter,
                                          std::size_t key) const {
  Held held;
  held.image = std::move(image);
  if (!is_signed()) return held;
  ReleaseDraft draft(held.image);
  if (!draft.manifest.chip.assign(chip_)) std::abort();
  draft.manifest.counter = counter;
  draft.signers = {&release_key(key)};
  auto file = std::make_shared<HeldFile>();
  file->content.assign(held.image.begin(), held.image.end());
  file->sha256 = hexadecimal(draft.manifest.sha256);
  auto release = std::make_shared<HeldRelease>();
  release->manifest = draft.signed_manifest();
  release->image = file->sha256;
  release->artifacts = HeldRelease::full_artifact("/files/f", held.image.size(), file->sha256);
  held.file = std::move(file);
  held.release = std::move(release);
  return held;
}

}  // namespace fuota::test
