#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "tests/simulation/releases/release_draft.hpp"
#include "tests/support/native_server/native_server.hpp"

namespace fuota::test {

/// How a firmware turns out once it runs. What is signed need not be good.
enum class Behaviour : std::uint8_t {
  healthy,
  crashes,  ///< restarts itself a few seconds after its start
  deaf,     ///< does not trust its server: built with another certificate
};

/// Offers that a device must not take, whoever made them.
enum class Evil : std::uint8_t {
  wrong_key,         ///< signed by a key that the device does not trust
  retired_key,       ///< signed by keys that it trusted once
  tampered_payload,  ///< changed behind the signature
  swapped_file,      ///< another image of the same size in its place
  swapped_artifact,  ///< the same, and the offer says so
  damaged_file,      ///< a bit of the image is another
  other_chip,        ///< signed, for another chip
  mislabelled_chip,  ///< signed for this chip, but built for another
  other_product,     ///< signed, for another product
  too_large,         ///< signed, larger than a slot
  no_image,          ///< signed noise
  other_server,      ///< the file is at another server
  no_offer,          ///< breaks the rules of offers
  root_as_manifest,  ///< a root document in place of the manifest
};
constexpr std::size_t kEvils = static_cast<std::size_t>(Evil::root_as_manifest) + 1;
[[nodiscard]] std::string_view name_of(Evil evil);

/// Root documents that a device must not take.
enum class EvilRoot : std::uint8_t {
  of_a_stranger,     ///< names keys of a stranger, who signed it
  of_unproven_keys,  ///< signed by those who may, but not by the keys that it names
  of_retired_keys,   ///< signed by keys that are not trusted any more
  behind_the_next,   ///< right, but for the version after the one that is asked for
  from_the_past,     ///< the one that is trusted already; evil only where there is one
  manifest,          ///< signed by those who may, but it is a release's manifest
  no_root,           ///< breaks the rules of root documents
  too_long,
};
constexpr std::size_t kEvilRoots = static_cast<std::size_t>(EvilRoot::too_long) + 1;
[[nodiscard]] std::string_view name_of(EvilRoot evil);

/// What an operator, or somebody who wants to be one, can put on a server.
struct Offering {
  std::shared_ptr<const HeldRelease> release;
  std::string file_name;
  std::shared_ptr<const HeldFile> file;
};

/// Releases for simulated devices, from the image that they leave the factory with (number 0) up,
/// and evil variants of each. All is made once per process, so that a device's life costs no
/// signature. Counters rise, but not with every release.
class ReleaseShelf {
 public:
  static constexpr unsigned kReleases = 54;
  /// After so many releases, healthy and other ones follow each other as before.
  static constexpr unsigned kBehaviourPeriod = 6;

  struct Release {
    unsigned number = 0;
    std::uint32_t counter = 0;
    Behaviour behaviour = Behaviour::healthy;
    Image image;
    Offering offering;  ///< by the keys that devices are provisioned with; none for number 0
  };

  ReleaseShelf();

  /// `number` is below kReleases.
  [[nodiscard]] const Release& at(unsigned number) const { return releases_.at(number); }
  /// The same release, `number` from 1 on, signed by the keys of the root document of this version;
  /// 0: by those that devices are provisioned with.
  [[nodiscard]] const Offering& offering(unsigned number, unsigned root);
  /// The same, made evil. `retired_key` is evil only where `root` is not 0.
  [[nodiscard]] const Offering& evil(unsigned number, Evil evil, unsigned root);

  /// Root documents have versions from 1 to this.
  static constexpr unsigned kRoots = 3;
  [[nodiscard]] const std::string& root(unsigned version);
  /// What comes in place of the root document of `version`, 1 to kRoots + 1.
  [[nodiscard]] std::string evil_root(unsigned version, EvilRoot evil);
  /// The release whose image a slot begins with, byte for byte; null when it is none of these.
  [[nodiscard]] const Release* identify(std::span<const std::uint8_t> slot) const;
  /// The keys that devices trust, as they are provisioned. One signature is enough.
  [[nodiscard]] static std::string trusted_keys();

 private:
  std::deque<Release> releases_;  ///< whose elements stay where they are
  std::map<std::tuple<unsigned, unsigned>, Offering> offerings_;
  std::map<std::tuple<unsigned, Evil, unsigned>, Offering> evils_;
  std::map<unsigned, std::string> roots_;
  std::map<std::tuple<unsigned, EvilRoot>, std::string> evil_roots_;
};

}  // namespace fuota::test
