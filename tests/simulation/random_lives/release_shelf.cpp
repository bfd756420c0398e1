#include "tests/simulation/random_lives/release_shelf.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

namespace fuota::test {
namespace {

constexpr std::size_t kTrustedKeys = 2;
constexpr std::size_t kStranger = 2;
constexpr std::size_t kSlotBytes = 0x180000;

std::string version_of(unsigned number) {
  return "0.1." + std::to_string(number);
}

/// 4 to 16 KiB, hardly ever a number of whole sectors.
std::size_t size_of(unsigned number) {
  return 4096 + number * 4'688 % 12'288 / 16 * 16;
}

Image image_of(unsigned number, const char* chip = "esp32", const char* version = nullptr) {
  ImageOptions options;
  options.chip = chip;
  options.version = version != nullptr ? version : version_of(number);
  options.size_bytes = number == 0 ? 4096 : size_of(number);
  options.seed = number + (version != nullptr ? 1'000 : 1);
  // Not all builds append the digest, by which images are also compared.
  options.with_digest = number % 4 != 2;
  return build_image(options);
}

Behaviour behaviour_of(unsigned number) {
  constexpr Behaviour kCycle[] = {Behaviour::healthy, Behaviour::healthy, Behaviour::healthy,
                                  Behaviour::crashes, Behaviour::healthy, Behaviour::deaf};
  static_assert(std::size(kCycle) == ReleaseShelf::kBehaviourPeriod);
  return kCycle[number % std::size(kCycle)];
}

std::uint32_t counter_of(unsigned number) {
  return (number + 1) / 2;
}

std::shared_ptr<const HeldFile> held(const Image& content) {
  auto file = std::make_shared<HeldFile>();
  file->content.assign(content.begin(), content.end());
  file->sha256 = hexadecimal(sha256_of(content));
  return file;
}

ReleaseDraft draft_of(unsigned number, Image image) {
  ReleaseDraft draft(std::move(image));
  if (!draft.manifest.version.assign(version_of(number))) std::abort();
  draft.manifest.counter = counter_of(number);
  draft.signers = {&release_key(number % kTrustedKeys)};
  if (number % 3 == 0) draft.signers.push_back(&release_key((number + 1) % kTrustedKeys));
  return draft;
}

/// What the server gets when the operator releases `draft`, whose file is `draft.file`.
Offering offering_of(const ReleaseDraft& draft, const std::string& file_name) {
  Offering offering;
  offering.file_name = file_name;
  offering.file = held(draft.file);
  auto release = std::make_shared<HeldRelease>();
  release->manifest = draft.signed_manifest();
  release->image = hexadecimal(draft.manifest.sha256);
  release->artifacts =
      HeldRelease::full_artifact("/files/" + file_name, draft.file.size(), offering.file->sha256);
  offering.release = std::move(release);
  return offering;
}

std::string payload_of(const std::string& jws) {
  const std::size_t begin = jws.find(R"("payload":")") + 11;
  return jws.substr(begin, jws.find('"', begin) - begin);
}

void change(Offering& offering, void (*edit)(HeldRelease&)) {
  auto release = std::make_shared<HeldRelease>(*offering.release);
  edit(*release);
  offering.release = std::move(release);
}

struct EvilRow {
  std::string_view name;
  Offering (*make)(unsigned number, const std::string& file_name);
};

Offering make_wrong_key(unsigned number, const std::string& file_name) {
  ReleaseDraft draft = draft_of(number, image_of(number, "esp32", "6.6.6"));
  draft.signers = {&release_key(kStranger)};
  return offering_of(draft, file_name);
}

Offering make_tampered_payload(unsigned number, const std::string& file_name) {
  const ReleaseDraft right = draft_of(number, image_of(number));
  ReleaseDraft evil = draft_of(number, image_of(number, "esp32", "6.6.6"));
  evil.manifest.counter = 1'000'000;
  Offering offering = offering_of(evil, file_name);
  auto release = std::make_shared<HeldRelease>(*offering.release);
  release->manifest = right.signed_manifest();
  const std::string payload = payload_of(release->manifest);
  release->manifest.replace(release->manifest.find(payload), payload.size(),
                            payload_of(evil.signed_manifest()));
  offering.release = std::move(release);
  return offering;
}

Offering make_swapped_file(unsigned number, const std::string& file_name) {
  Offering offering = offering_of(draft_of(number, image_of(number)), file_name);
  offering.file = held(image_of(number, "esp32", "6.6.6"));
  return offering;
}

Offering make_swapped_artifact(unsigned number, const std::string& file_name) {
  ReleaseDraft draft = draft_of(number, image_of(number));
  draft.file = image_of(number, "esp32", "6.6.6");
  return offering_of(draft, file_name);
}

Offering make_damaged_file(unsigned number, const std::string& file_name) {
  Offering offering = offering_of(draft_of(number, image_of(number)), file_name);
  auto file = std::make_shared<HeldFile>(*offering.file);
  file->content[file->content.size() * 2 / 3] ^= 0x10;
  offering.file = std::move(file);
  return offering;
}

Offering make_other_chip(unsigned number, const std::string& file_name) {
  ReleaseDraft draft = draft_of(number, image_of(number, "esp32c3"));
  if (!draft.manifest.chip.assign("esp32c3")) std::abort();
  return offering_of(draft, file_name);
}

Offering make_mislabelled_chip(unsigned number, const std::string& file_name) {
  return offering_of(draft_of(number, image_of(number, "esp32c3")), file_name);
}

Offering make_other_product(unsigned number, const std::string& file_name) {
  ReleaseDraft draft = draft_of(number, image_of(number, "esp32", "6.6.6"));
  if (!draft.manifest.product.assign("sensor")) std::abort();
  return offering_of(draft, file_name);
}

Offering make_too_large(unsigned number, const std::string& file_name) {
  ReleaseDraft draft = draft_of(number, image_of(number, "esp32", "6.6.6"));
  draft.manifest.size_bytes = kSlotBytes + 16;
  Offering offering = offering_of(draft, file_name);
  change(offering, [](HeldRelease& release) {
    release.artifacts = HeldRelease::full_artifact("/files/large", kSlotBytes + 16, release.image);
  });
  return offering;
}

Offering make_no_image(unsigned number, const std::string& file_name) {
  Image noise = image_of(number, "esp32", "6.6.6");
  std::reverse(noise.begin(), noise.end());
  return offering_of(draft_of(number, std::move(noise)), file_name);
}

Offering make_other_server(unsigned number, const std::string& file_name) {
  Offering offering = offering_of(draft_of(number, image_of(number)), file_name);
  change(offering, [](HeldRelease& release) {
    release.artifacts.replace(release.artifacts.find("/files/"), 7, "https://evil.example/");
  });
  return offering;
}

Offering make_no_offer(unsigned number, const std::string& file_name) {
  Offering offering = offering_of(draft_of(number, image_of(number)), file_name);
  change(offering,
         [](HeldRelease& release) { release.artifacts += R"(,"artifacts":[[[[[[[[[[]]]]]]]]]])"; });
  return offering;
}

constexpr EvilRow kEvilRows[] = {
    {"wrong_key", make_wrong_key},
    {"tampered_payload", make_tampered_payload},
    {"swapped_file", make_swapped_file},
    {"swapped_artifact", make_swapped_artifact},
    {"damaged_file", make_damaged_file},
    {"other_chip", make_other_chip},
    {"mislabelled_chip", make_mislabelled_chip},
    {"other_product", make_other_product},
    {"too_large", make_too_large},
    {"no_image", make_no_image},
    {"other_server", make_other_server},
    {"no_offer", make_no_offer},
};
static_assert(std::size(kEvilRows) == kEvils, "every kind has its row, in order");

}  // namespace

std::string_view name_of(Evil evil) {
  return kEvilRows[static_cast<std::size_t>(evil)].name;
}

ReleaseShelf::ReleaseShelf() {
  for (unsigned number = 0; number < kReleases; ++number) {
    Release& release = releases_.emplace_back();
    release.number = number;
    release.counter = counter_of(number);
    release.behaviour = behaviour_of(number);
    release.image = image_of(number);
    if (number == 0) continue;
    release.offering =
        offering_of(draft_of(number, release.image), "release-" + std::to_string(number));
  }
}

const Offering& ReleaseShelf::evil(unsigned number, Evil evil) {
  const auto [found, is_new] = evils_.try_emplace({number, evil});
  if (is_new) {
    const EvilRow& row = kEvilRows[static_cast<std::size_t>(evil)];
    found->second = row.make(number, std::string(row.name) + '-' + std::to_string(number));
  }
  return found->second;
}

const ReleaseShelf::Release* ReleaseShelf::identify(std::span<const std::uint8_t> slot) const {
  const auto holds = [slot](const Release& release) {
    return release.image.size() <= slot.size() &&
           std::equal(release.image.begin(), release.image.end(), slot.begin());
  };
  const auto found = std::find_if(releases_.begin(), releases_.end(), holds);
  return found == releases_.end() ? nullptr : &*found;
}

std::string ReleaseShelf::trusted_keys() {
  std::string keys;
  for (std::size_t number = 0; number < kTrustedKeys; ++number) {
    keys += (number == 0 ? "" : " ") + public_line(release_key(number));
  }
  return keys;
}

}  // namespace fuota::test
