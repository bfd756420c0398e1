#include "server/app/commands.hpp"

#include <gmock/gmock.h>

#include <array>
#include <set>
#include <vector>

namespace {

using namespace fuota::server::app;

int first(int, char**) {
  return 0;
}
int second(int, char**) {
  return 1;
}

constexpr std::array<Command, 2> kTable = {{
    {"one", "Does one thing", first},
    {"another", "Does another thing", second},
}};

const Command* find(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return find_command(kTable, static_cast<int>(argv.size()), argv.data());
}

TEST(Commands, AreFoundByTheFirstArgument) {
  EXPECT_EQ(find({"fuota-server", "one"}), &kTable[0]);
  EXPECT_EQ(find({"fuota-server", "another", "--flag"}), &kTable[1]);
}

TEST(Commands, AreNotFoundElsewhere) {
  EXPECT_EQ(find({"fuota-server"}), nullptr);
  EXPECT_EQ(find({"fuota-server", "--host", "one"}), nullptr);
  EXPECT_EQ(find({"fuota-server", "on"}), nullptr);
}

TEST(Commands, AreDescribedALineEach) {
  EXPECT_EQ(describe(kTable),
            "  one      Does one thing\n"
            "  another  Does another thing\n");
}

TEST(Commands, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const Command& command : commands()) EXPECT_TRUE(names.insert(command.name).second);
}

}  // namespace
