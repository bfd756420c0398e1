#include "tests/simulation/random_lives/release_shelf.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "tests/simulation/releases/root_draft.hpp"

namespace fuota::test {
namespace {

constexpr std::size_t kStranger = 9;

/// Whom devices trust, by the version of their root document; 0: as they are provisioned. Keys are
/// numbers of `release_key`.
struct Trust {
  std::size_t threshold;
  std::vector<std::size_t> keys;
  std::vector<std::size_t> signers;       ///< of its releases: enough, and not of the one before
  std::vector<std::size_t> root_signers;  ///< of its root document
  std::vector<std::size_t> retired;       ///< all that were trusted before and are not now
};
const std::vector<Trust> kTrusts = {
    {1, {0, 1}, {0}, {}, {}},
    {1, {1, 2}, {2}, {0, 2}, {0}},
    {2, {2, 3}, {2, 3}, {1, 2, 3}, {0, 1}},
    {2, {3, 4, 5}, {3, 5}, {2, 3, 4}, {0, 1, 2}},
    // Nobody publishes it; evil ones say to be it.
    {1, {5, 6}, {6}, {3, 4, 6}, {0, 1, 2, 3, 4}},
};

std::vector<const cli::ReleaseKey*> keys_of(const std::vector<std::size_t>& numbers) {
  std::vector<const cli::ReleaseKey*> keys;
  for (const std::size_t number : numbers) keys.push_back(&release_key(number));
  return keys;
}
constexpr std::size_t kSlotBytes = 0x180000;

std::string version_of(unsigned number) {
  return "0.1." + std::to_string(number);
}

/// 4 to 16 KiB, hardly ever a number of whole sectors; now and then more than 128 KiB, so that its
/// download leaves a journal (update::kJournalStepBytes) and is taken up from there.
std::size_t size_of(unsigned number) {
  const std::size_t more = number % 6 == 4 ? std::size_t{128} * 1024 : 0;
  return more + 4096 + number * 4'688 % 12'288 / 16 * 16;
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

ReleaseDraft draft_of(unsigned number, Image image, unsigned root) {
  ReleaseDraft draft(std::move(image));
  if (!draft.manifest.version.assign(version_of(number))) std::abort();
  draft.manifest.counter = counter_of(number);
  draft.signers = keys_of(kTrusts[root].signers);
  // Signatures that count for nothing spoil nothing.
  if (number % 3 == 0) draft.signers.push_back(&release_key(kStranger));
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

std::string right_root(unsigned version) {
  const Trust& trust = kTrusts[version];
  return RootDraft{version, trust.threshold, trust.keys, trust.root_signers}.signed_root();
}

struct EvilRow {
  std::string_view name;
  Offering (*make)(unsigned number, const std::string& file_name, unsigned root);
};

Offering make_wrong_key(unsigned number, const std::string& file_name, unsigned root) {
  ReleaseDraft draft = draft_of(number, image_of(number, "esp32", "6.6.6"), root);
  draft.signers = {&release_key(kStranger)};
  return offering_of(draft, file_name);
}

Offering make_retired_key(unsigned number, const std::string& file_name, unsigned root) {
  ReleaseDraft draft = draft_of(number, image_of(number, "esp32", "6.6.7"), root);
  if (root != 0) draft.signers = keys_of(kTrusts[root].retired);
  return offering_of(draft, file_name);
}

Offering make_root_as_manifest(unsigned number, const std::string& file_name, unsigned root) {
  Offering offering =
      offering_of(draft_of(number, image_of(number, "esp32", "6.6.8"), root), file_name);
  auto release = std::make_shared<HeldRelease>(*offering.release);
  release->manifest = right_root(std::max(root, 1U));
  offering.release = std::move(release);
  return offering;
}

Offering make_tampered_payload(unsigned number, const std::string& file_name, unsigned root) {
  const ReleaseDraft right = draft_of(number, image_of(number), root);
  ReleaseDraft evil = draft_of(number, image_of(number, "esp32", "6.6.6"), root);
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

Offering make_swapped_file(unsigned number, const std::string& file_name, unsigned root) {
  Offering offering = offering_of(draft_of(number, image_of(number), root), file_name);
  offering.file = held(image_of(number, "esp32", "6.6.6"));
  return offering;
}

Offering make_swapped_artifact(unsigned number, const std::string& file_name, unsigned root) {
  ReleaseDraft draft = draft_of(number, image_of(number), root);
  draft.file = image_of(number, "esp32", "6.6.6");
  return offering_of(draft, file_name);
}

Offering make_damaged_file(unsigned number, const std::string& file_name, unsigned root) {
  Offering offering = offering_of(draft_of(number, image_of(number), root), file_name);
  auto file = std::make_shared<HeldFile>(*offering.file);
  file->content[file->content.size() * 2 / 3] ^= 0x10;
  offering.file = std::move(file);
  return offering;
}

Offering make_other_chip(unsigned number, const std::string& file_name, unsigned root) {
  ReleaseDraft draft = draft_of(number, image_of(number, "esp32c3"), root);
  if (!draft.manifest.chip.assign("esp32c3")) std::abort();
  return offering_of(draft, file_name);
}

Offering make_mislabelled_chip(unsigned number, const std::string& file_name, unsigned root) {
  return offering_of(draft_of(number, image_of(number, "esp32c3"), root), file_name);
}

Offering make_other_product(unsigned number, const std::string& file_name, unsigned root) {
  ReleaseDraft draft = draft_of(number, image_of(number, "esp32", "6.6.6"), root);
  if (!draft.manifest.product.assign("sensor")) std::abort();
  return offering_of(draft, file_name);
}

Offering make_too_large(unsigned number, const std::string& file_name, unsigned root) {
  ReleaseDraft draft = draft_of(number, image_of(number, "esp32", "6.6.6"), root);
  draft.manifest.size_bytes = kSlotBytes + 16;
  Offering offering = offering_of(draft, file_name);
  change(offering, [](HeldRelease& release) {
    release.artifacts = HeldRelease::full_artifact("/files/large", kSlotBytes + 16, release.image);
  });
  return offering;
}

Offering make_no_image(unsigned number, const std::string& file_name, unsigned root) {
  Image noise = image_of(number, "esp32", "6.6.6");
  std::reverse(noise.begin(), noise.end());
  return offering_of(draft_of(number, std::move(noise), root), file_name);
}

Offering make_other_server(unsigned number, const std::string& file_name, unsigned root) {
  Offering offering = offering_of(draft_of(number, image_of(number), root), file_name);
  change(offering, [](HeldRelease& release) {
    release.artifacts.replace(release.artifacts.find("/files/"), 7, "https://evil.example/");
  });
  return offering;
}

Offering make_no_offer(unsigned number, const std::string& file_name, unsigned root) {
  Offering offering = offering_of(draft_of(number, image_of(number), root), file_name);
  change(offering,
         [](HeldRelease& release) { release.artifacts += R"(,"artifacts":[[[[[[[[[[]]]]]]]]]])"; });
  return offering;
}

constexpr EvilRow kEvilRows[] = {
    {"wrong_key", make_wrong_key},
    {"retired_key", make_retired_key},
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
    {"root_as_manifest", make_root_as_manifest},
};
static_assert(std::size(kEvilRows) == kEvils, "every kind has its row, in order");

struct EvilRootRow {
  std::string_view name;
  std::string (*make)(unsigned version);
};

std::string make_stranger_root(unsigned version) {
  return RootDraft{version, 1, {kStranger}, {kStranger}}.signed_root();
}

std::string make_unproven_root(unsigned version) {
  return RootDraft{version, 1, {kStranger}, kTrusts[version - 1].signers}.signed_root();
}

std::string make_retired_root(unsigned version) {
  std::vector<std::size_t> signers = kTrusts[version - 1].retired;
  signers.push_back(kStranger);
  return RootDraft{version, 1, {kStranger}, signers}.signed_root();
}

std::string make_later_root(unsigned version) {
  Trust trust = kTrusts[version];
  return RootDraft{version + 1, trust.threshold, trust.keys, trust.root_signers}.signed_root();
}

std::string make_past_root(unsigned version) {
  return right_root(std::max(version - 1, 1U));
}

std::string make_manifest_as_root(unsigned version) {
  return draft_of(1, image_of(1), version - 1).signed_manifest();
}

constexpr EvilRootRow kEvilRootRows[] = {
    {"of_a_stranger", make_stranger_root},
    {"of_unproven_keys", make_unproven_root},
    {"of_retired_keys", make_retired_root},
    {"behind_the_next", make_later_root},
    {"from_the_past", make_past_root},
    {"manifest", make_manifest_as_root},
    {"no_root", [](unsigned) { return std::string(R"({"payload":"e30","signatures":[]})"); }},
    {"too_long", [](unsigned) { return std::string(5000, ' '); }},
};
static_assert(std::size(kEvilRootRows) == kEvilRoots, "every kind has its row, in order");

}  // namespace

std::string_view name_of(EvilRoot evil) {
  return kEvilRootRows[static_cast<std::size_t>(evil)].name;
}

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
        offering_of(draft_of(number, release.image, 0), "release-" + std::to_string(number));
  }
}

const Offering& ReleaseShelf::offering(unsigned number, unsigned root) {
  if (root == 0) return at(number).offering;
  const auto [found, is_new] = offerings_.try_emplace({number, root});
  if (is_new) {
    found->second =
        offering_of(draft_of(number, at(number).image, root), at(number).offering.file_name);
  }
  return found->second;
}

const Offering& ReleaseShelf::evil(unsigned number, Evil evil, unsigned root) {
  const auto [found, is_new] = evils_.try_emplace({number, evil, root});
  if (is_new) {
    const EvilRow& row = kEvilRows[static_cast<std::size_t>(evil)];
    found->second = row.make(number, std::string(row.name) + '-' + std::to_string(number), root);
  }
  return found->second;
}

const std::string& ReleaseShelf::root(unsigned version) {
  std::string& root = roots_[version];
  if (root.empty()) root = right_root(version);
  return root;
}

std::string ReleaseShelf::evil_root(unsigned version, EvilRoot evil) {
  std::string& root = evil_roots_[{version, evil}];
  if (root.empty()) root = kEvilRootRows[static_cast<std::size_t>(evil)].make(version);
  return root;
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
  for (const std::size_t key : kTrusts[0].keys) {
    keys += (keys.empty() ? "" : " ") + public_line(release_key(key));
  }
  return keys;
}

}  // namespace fuota::test
