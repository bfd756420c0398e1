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

}  // namespace
}  // namespace simulator::app
