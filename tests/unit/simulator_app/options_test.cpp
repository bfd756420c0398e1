#include "simulator/app/options.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace simulator::app {
namespace {

using kernel::IdfVersion;

std::variant<Options, int> parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"virtual-esp32", "--flash", "board.flash"});
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  return parse_options(static_cast<int>(pointers.size()), pointers.data());
}

TEST(IdfVersionOption, IsV5UnlessGiven) {
  EXPECT_EQ(std::get<Options>(parse({})).idf, IdfVersion::v5_5);
}

TEST(IdfVersionOption, TakesEveryVersion) {
  for (const IdfVersion version : kernel::all_idf_versions()) {
    const auto options = parse({"--idf-version", std::string(kernel::name_of(version))});
    EXPECT_EQ(std::get<Options>(options).idf, version);
  }
}

TEST(IdfVersionOption, RefusesAnother) {
  EXPECT_EQ(std::get<int>(parse({"--idf-version", "v3.3"})), 2);
}

TEST(KeyVersionOption, IsWhatTheDeviceCanRead) {
  EXPECT_FALSE(std::get<Options>(parse({})).provisioning.key_version.has_value());
  for (const unsigned version : {0U, 1U, 65'534U}) {
    const auto options = parse({"--key-version", std::to_string(version)});
    EXPECT_EQ(std::get<Options>(options).provisioning.key_version, version);
  }
}

TEST(SeedOption, IsAnotherInEachRunUnlessGiven) {
  EXPECT_FALSE(std::get<Options>(parse({})).seed.has_value());
  EXPECT_EQ(std::get<Options>(parse({"--seed", "7"})).seed, 7U);
}

TEST(FleetKeyOption, IsProvisioned) {
  EXPECT_EQ(std::get<Options>(parse({"--fleet-key", "fuf_x"})).provisioning.fleet_key, "fuf_x");
}

class BadKeyVersion : public testing::TestWithParam<const char*> {};

TEST_P(BadKeyVersion, IsRefused) {
  EXPECT_EQ(std::get<int>(parse({"--key-version", GetParam()})), 2);
}

INSTANTIATE_TEST_SUITE_P(Rows, BadKeyVersion, testing::Values("65535", "65536", "-1", "one", ""));

}  // namespace
}  // namespace simulator::app
