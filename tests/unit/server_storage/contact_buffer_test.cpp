#include "server/storage/contact_buffer.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace fuota::server::storage {
namespace {

using domain::Contact;
using domain::Time;
using testing::SizeIs;

Contact contact(const std::string& device, int at = 0) {
  return {device, Time(std::chrono::seconds(at)), "0.1.0", "192.0.2.1"};
}

TEST(ContactBuffer, HasTheNewestContactOfADevice) {
  ContactBuffer buffer(8);
  EXPECT_FALSE(buffer.record(contact("a", 1)));
  EXPECT_FALSE(buffer.record(contact("a", 2)));
  EXPECT_EQ(buffer.find("a"), contact("a", 2));
  EXPECT_EQ(buffer.find("b"), std::nullopt);
  EXPECT_EQ(buffer.counts().recorded, 2U);
  EXPECT_EQ(buffer.counts().pending, 1U);
}

TEST(ContactBuffer, SaysOnceThatItIsAQuarterFull) {
  ContactBuffer buffer(8);
  EXPECT_FALSE(buffer.record(contact("a")));
  EXPECT_TRUE(buffer.record(contact("b")));
  EXPECT_FALSE(buffer.record(contact("b")));
  EXPECT_FALSE(buffer.record(contact("c")));
}

TEST(ContactBuffer, DropsDevicesForWhichThereIsNoRoomAndCountsThem) {
  ContactBuffer buffer(2);
  static_cast<void>(buffer.record(contact("a", 1)));
  static_cast<void>(buffer.record(contact("b", 1)));
  static_cast<void>(buffer.record(contact("c", 1)));
  static_cast<void>(buffer.record(contact("a", 2)));
  EXPECT_EQ(buffer.find("a"), contact("a", 2));
  EXPECT_EQ(buffer.find("c"), std::nullopt);
  EXPECT_EQ(buffer.counts().dropped, 1U);
}

TEST(ContactBuffer, FindsWhatIsInABatchUntilItIsDone) {
  ContactBuffer buffer(8);
  static_cast<void>(buffer.record(contact("a", 1)));
  EXPECT_THAT(buffer.begin_batch(), SizeIs(1));
  EXPECT_EQ(buffer.find("a"), contact("a", 1));
  static_cast<void>(buffer.record(contact("a", 2)));
  EXPECT_EQ(buffer.find("a"), contact("a", 2));
  buffer.batch_done();
  EXPECT_EQ(buffer.find("a"), contact("a", 2));
  EXPECT_EQ(buffer.counts().batches, 1U);
}

TEST(ContactBuffer, CountsNoBatchWithoutContacts) {
  ContactBuffer buffer(8);
  EXPECT_THAT(buffer.begin_batch(), SizeIs(0));
  buffer.batch_done();
  EXPECT_EQ(buffer.counts().batches, 0U);
}

TEST(ContactBuffer, KeepsTheContactsOfABatchThatFailed) {
  ContactBuffer buffer(2);
  static_cast<void>(buffer.record(contact("a", 1)));
  static_cast<void>(buffer.record(contact("b", 1)));
  static_cast<void>(buffer.begin_batch());
  static_cast<void>(buffer.record(contact("c", 1)));
  buffer.batch_failed();
  EXPECT_EQ(buffer.counts().dropped, 1U);  // There was room for two, the batch included.
  EXPECT_EQ(buffer.counts().failed_batches, 1U);
  EXPECT_THAT(buffer.begin_batch(), SizeIs(2));
}

TEST(ContactBuffer, PrefersANewerContactToThatOfABatchThatFailed) {
  ContactBuffer buffer(8);
  static_cast<void>(buffer.record(contact("a", 1)));
  static_cast<void>(buffer.begin_batch());
  static_cast<void>(buffer.record(contact("a", 2)));
  buffer.batch_failed();
  EXPECT_EQ(buffer.find("a"), contact("a", 2));
  EXPECT_EQ(buffer.counts().pending, 1U);
}

TEST(ContactBuffer, ForgetsADevice) {
  ContactBuffer buffer(8);
  static_cast<void>(buffer.record(contact("a")));
  buffer.forget("a");
  buffer.forget("b");
  EXPECT_EQ(buffer.find("a"), std::nullopt);
}

TEST(ContactBuffer, LosesNothingBetweenThreadsAndBatches) {
  constexpr int kThreads = 3;
  constexpr int kDevices = 2'000;
  ContactBuffer buffer(kThreads * kDevices);
  std::atomic<int> running{kThreads};
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&buffer, &running, t] {
      for (int i = 0; i < kDevices; ++i) {
        static_cast<void>(buffer.record(contact(std::to_string(t) + "-" + std::to_string(i))));
      }
      --running;
    });
  }
  std::size_t taken = 0;
  for (bool fails = true; running > 0 || buffer.counts().pending > 0; fails = !fails) {
    const std::size_t in_batch = buffer.begin_batch().size();
    if (fails) {
      buffer.batch_failed();
    } else {
      taken += in_batch;
      buffer.batch_done();
    }
  }
  EXPECT_EQ(taken, static_cast<std::size_t>(kThreads) * kDevices);
  EXPECT_EQ(buffer.counts().dropped, 0U);
}

}  // namespace
}  // namespace fuota::server::storage
