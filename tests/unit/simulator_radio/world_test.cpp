#include "simulator/radio/world.hpp"

#include "tests/unit/simulator_radio/chip.hpp"

namespace simulator::radio {
namespace {

TEST(World, RunsWhatIsDueWhileTheChipIsOff) {
  World world;
  std::vector<std::int64_t> times;
  world.call_at(2 * kSecond, [&](World& at) { times.push_back(at.now_us()); });
  world.call_at(1 * kSecond, [&](World& at) { times.push_back(at.now_us()); });
  world.pass(5 * kSecond);
  EXPECT_THAT(times, testing::ElementsAre(1 * kSecond, 2 * kSecond));
  EXPECT_EQ(world.now_us(), 5 * kSecond);
}

TEST(World, GoesOnWithEachSessionWhereTheOneBeforeLeftIt) {
  World world;
  for (int session = 0; session < 3; ++session) {
    Chip chip(world);
    EXPECT_EQ(world.now_us(), session * 10 * kSecond);
    world.call_at(world.now_us() + 1, [](World&) {});
    chip.pass(10 * kSecond);
  }
  EXPECT_EQ(world.now_us(), 30 * kSecond);
}

TEST(World, RunsAHappeningInTheSessionInWhichItIsDue) {
  World world;
  const AccessPointId id = world.add(access_point());
  world.call_at(15 * kSecond, [&](World& at) {
    at.change(id, [](AccessPoint& changed) { changed.present = false; });
  });
  {
    Chip chip(world);
    chip.pass(10 * kSecond);
    EXPECT_TRUE(world.at(id).present);
  }
  Chip chip(world);
  chip.pass(4 * kSecond);
  EXPECT_TRUE(world.at(id).present);
  chip.pass(2 * kSecond);
  EXPECT_FALSE(world.at(id).present);
}

TEST(World, RunsHappeningsThatHappeningsPlan) {
  World world;
  int count = 0;
  std::function<void(World&)> again = [&](World& at) {
    if (++count < 5) at.call_at(at.now_us() + kSecond, again);
  };
  Chip chip(world);
  world.call_at(kSecond, again);
  chip.pass(10 * kSecond);
  EXPECT_EQ(count, 5);
}

TEST(WorldDeathTest, RefusesAnSsidOfMoreThan32Bytes) {
  World world;
  EXPECT_DEATH(world.add(access_point(std::string(33, 'x'))), "32 bytes");
}

}  // namespace
}  // namespace simulator::radio
