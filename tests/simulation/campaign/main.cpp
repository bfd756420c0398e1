// powercut_campaign: cuts the power at every operation on flash of a whole update, before it, in
// the middle and after it, and in pairs, and lets the device recover.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/simulation/campaign/update_life.hpp"

namespace fuota::test {
namespace {

using simulator::flash::Fault;
using Cut = UpdateLife::Cut;

constexpr Fault kFaults[] = {Fault::cut_before, Fault::cut_during, Fault::cut_after};
constexpr const char* kFaultNames[] = {"before", "during", "after"};

/// "23:during,4:after", as --replay takes it.
std::string text_of(const std::vector<Cut>& cuts) {
  std::string text;
  for (const Cut& cut : cuts) {
    if (!text.empty()) text += ',';
    const auto fault = static_cast<int>(cut.fault) - static_cast<int>(Fault::cut_before);
    text += std::to_string(cut.operation) + ':' + kFaultNames[fault];
  }
  return text;
}

std::vector<Cut> cuts_of(const std::string& text) {
  std::vector<Cut> cuts;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t colon = part.find(':');
    for (int i = 0; i < 3; ++i) {
      if (colon == std::string::npos || part.substr(colon + 1) != kFaultNames[i]) continue;
      cuts.push_back({std::stoull(part), kFaults[i]});
    }
  }
  if (text_of(cuts) != text)
    throw CLI::ValidationError("--replay", "not OPERATION:before|during|after,…");
  return cuts;
}

class Campaign {
 public:
  Campaign(Image image, bool is_signed, const Scenario& scenario, std::uint64_t seed,
           std::string repeat)
      : images_(std::move(image), is_signed),
        scenario_(scenario),
        seed_(seed),
        repeat_(std::move(repeat)) {}

  /// How many operations an update without cuts takes; 0 when it does not succeed.
  std::uint64_t operations() {
    UpdateLife life(images_, scenario_, seed_);
    if (life.live({}) == UpdateLife::End::confirmed) return life.operations();
    std::fprintf(stderr, "%s\npowercut_campaign: without any cut, the update does not succeed\n",
                 life.transcript().c_str());
    return 0;
  }

  void live(const std::vector<Cut>& cuts, bool verbose = false) {
    // What is torn depends on the cuts alone, so that one life can be lived again.
    std::uint64_t seed = seed_;
    for (const Cut& cut : cuts) {
      seed = seed * 1'000'003 + cut.operation * 4 + static_cast<std::uint64_t>(cut.fault);
    }
    UpdateLife life(images_, scenario_, seed);
    const UpdateLife::End end = life.live(cuts);
    cuts_ += cuts.size();
    if (verbose) std::printf("%s\n", life.transcript().c_str());
    if (end == UpdateLife::End::confirmed) return;
    const bool is_brick = end == UpdateLife::End::bricked;
    ++(is_brick ? bricked_ : unconverged_);
    std::printf("%s: again with: powercut_campaign %s --seed %llu --replay %s\n",
                is_brick ? "bricked" : "unconverged", repeat_.c_str(),
                static_cast<unsigned long long>(seed_), text_of(cuts).c_str());
  }

  [[nodiscard]] bool report() const {
    std::printf("cuts=%llu bricked=%llu unconverged=%llu seed=%llu\n",
                static_cast<unsigned long long>(cuts_), static_cast<unsigned long long>(bricked_),
                static_cast<unsigned long long>(unconverged_),
                static_cast<unsigned long long>(seed_));
    return bricked_ == 0 && unconverged_ == 0;
  }

 private:
  CampaignImages images_;
  const Scenario& scenario_;
  std::uint64_t seed_;
  std::string repeat_;  ///< the options that make the same campaign
  std::uint64_t cuts_ = 0;
  std::uint64_t bricked_ = 0;
  std::uint64_t unconverged_ = 0;
};

struct Options {
  std::string image;
  bool is_signed = false;
  std::string scenario = "update";
  std::size_t size_bytes = 12'288;
  std::uint64_t stride = 1;
  std::uint64_t pairs = 1000;
  std::uint64_t seed = std::random_device{}();
  std::string replay;
};

Image load(const Options& options) {
  if (!options.image.empty()) {
    std::ifstream file(options.image, std::ios::binary);
    return Image(std::istreambuf_iterator<char>(file), {});
  }
  ImageOptions image;
  image.version = "0.1.1";
  image.seed = 2;
  image.size_bytes = options.size_bytes;
  return build_image(image);
}

bool run(const Options& options) {
  const Scenario& scenario = *find_scenario(options.scenario);
  const bool is_signed = options.is_signed || scenario.is_signed;
  const std::string repeat = (options.image.empty() ? "--size " + std::to_string(options.size_bytes)
                                                    : "--image " + options.image) +
                             " --scenario " + options.scenario + (is_signed ? " --signed" : "");
  Campaign campaign(load(options), is_signed, scenario, options.seed, repeat);
  if (!options.replay.empty()) {
    campaign.live(cuts_of(options.replay), true);
    return campaign.report();
  }
  const std::uint64_t operations = campaign.operations();
  if (operations == 0) return false;
  std::printf("%llu operations on flash from power-on to the confirmation\n",
              static_cast<unsigned long long>(operations));
  for (std::uint64_t at = 0; at < operations; at += options.stride) {
    for (const Fault fault : kFaults) campaign.live({{at, fault}});
  }
  std::mt19937_64 random(options.seed);
  for (std::uint64_t pair = 0; pair < options.pairs; ++pair) {
    const Cut first = {random() % operations, kFaults[random() % 3]};
    // Many a recovery is short: half of the second cuts come soon.
    const std::uint64_t reach = random() % 2 == 0 ? 20 : operations;
    campaign.live({first, {random() % reach, kFaults[random() % 3]}});
  }
  return campaign.report();
}

}  // namespace
}  // namespace fuota::test

int main(int argc, char** argv) {
  fuota::test::Options options;
  CLI::App app{
      "Cuts the power at every operation on flash of a whole update, before it, in the middle and "
      "after it, then twice per update at random, and counts the devices that are lost.\n"
      "FUOTA_IDF_VERSION=v4.4|v5.5|v6.0 chooses the ESP-IDF that the device behaves as."};
  app.add_option("--image", options.image, "Application image to update to")
      ->check(CLI::ExistingFile);
  app.add_option("--size", options.size_bytes, "Bytes of the image that is made without --image")
      ->check(CLI::Range(std::size_t{512}, std::size_t{0x180000}))
      ->capture_default_str();
  app.add_flag("--signed", options.is_signed,
               "Devices trust a release key, and ask a native server");
  std::string scenario_help = "What happens besides the cuts";
  std::vector<std::string> scenario_names;
  for (const fuota::test::Scenario& scenario : fuota::test::scenarios()) {
    scenario_names.emplace_back(scenario.name);
    scenario_help.append("; ").append(scenario.name).append(": ").append(scenario.what);
  }
  app.add_option("--scenario", options.scenario, scenario_help)
      ->check(CLI::IsMember(scenario_names))
      ->capture_default_str();
  app.add_option("--stride", options.stride, "Take every N-th operation")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--pairs", options.pairs, "How many updates are cut twice")->capture_default_str();
  app.add_option("--seed", options.seed, "Fixes the pairs and what torn operations leave behind");
  app.add_option("--replay", options.replay, "Live one life again, with its log");
  CLI11_PARSE(app, argc, argv);
  try {
    return fuota::test::run(options) ? 0 : 1;
  } catch (const CLI::Error& error) {
    return app.exit(error);
  }
}
