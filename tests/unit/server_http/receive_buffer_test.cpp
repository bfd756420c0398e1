#include "server/http/receive_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace fuota::server::http {
namespace {

void receive(ReceiveBuffer& buffer, std::string_view bytes) {
  const std::span<char> room = buffer.room();
  ASSERT_GE(room.size(), bytes.size());
  std::copy(bytes.begin(), bytes.end(), room.begin());
  buffer.received(bytes.size());
}

TEST(ReceiveBuffer, GivesBackWhatWasReceivedInOrder) {
  ReceiveBuffer buffer(8);
  receive(buffer, "abc");
  receive(buffer, "de");
  EXPECT_EQ(buffer.unread(), "abcde");
}

TEST(ReceiveBuffer, GivesRoomAgainForWhatWasConsumed) {
  ReceiveBuffer buffer(8);
  receive(buffer, "abcdefgh");
  buffer.consume(6);
  EXPECT_EQ(buffer.room().size(), 6U);
  EXPECT_EQ(buffer.unread(), "gh");
}

TEST(ReceiveBuffer, IsFullWhenNothingWasConsumed) {
  ReceiveBuffer buffer(4);
  receive(buffer, "abcd");
  EXPECT_TRUE(buffer.room().empty());
}

TEST(ReceiveBuffer, LeavesWhatIsPinnedInItsPlace) {
  ReceiveBuffer buffer(8);
  receive(buffer, "headbod");
  const std::string_view head = buffer.unread().substr(0, 4);
  buffer.consume(4);
  buffer.pin();
  buffer.consume(1);
  receive(buffer, "y!");
  EXPECT_EQ(head, "head");
  EXPECT_EQ(buffer.unread(), "ody!");
}

TEST(ReceiveBuffer, GivesThePinnedRoomBackWhenUnpinned) {
  ReceiveBuffer buffer(8);
  receive(buffer, "headbody");
  buffer.consume(4);
  buffer.pin();
  buffer.consume(4);
  buffer.unpin();
  EXPECT_EQ(buffer.room().size(), 8U);
}

TEST(ReceiveBuffer, PinsNoMoreThanWasConsumedSinceItWasUnpinned) {
  ReceiveBuffer buffer(8);
  receive(buffer, "1122body");
  for (int request = 0; request < 2; ++request) {
    buffer.consume(2);
    buffer.pin();
    if (request == 0) buffer.unpin();
  }
  buffer.consume(4);
  EXPECT_EQ(buffer.room().size(), 6U);
}

}  // namespace
}  // namespace fuota::server::http
