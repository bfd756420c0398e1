#include "simulator/net/peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace simulator::net {
namespace {

class Recorder final : public PeerSide {
 public:
  void send(std::string_view bytes, std::int64_t) override { sent.append(bytes); }
  void close(std::int64_t) override { sent += "<close>"; }
  void reset(std::int64_t) override { sent += "<reset>"; }
  std::string sent;
};

constexpr char kTwoRequests[] =
    "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
    "PUT /b HTTP/1.1\r\nX-Name: v\r\nContent-Length: 3\r\n\r\nabc";

class Portions : public testing::TestWithParam<std::size_t> {};

TEST_P(Portions, OfAnySizeGiveTheSameRequests) {
  Recorder recorder;
  std::vector<PeerRequest> requests;
  HttpPeer peer([&](const PeerRequest& request) {
    requests.push_back(request);
    return PeerAnswer{"answer", false};
  });
  for (std::string_view rest = kTwoRequests; !rest.empty();) {
    peer.on_data(recorder, rest.substr(0, GetParam()));
    rest.remove_prefix(std::min(GetParam(), rest.size()));
  }
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].raw, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(requests[0].method, "GET");
  EXPECT_EQ(requests[1].method, "PUT");
  EXPECT_EQ(requests[1].target, "/b");
  EXPECT_EQ(requests[1].header("x-name"), "v");
  EXPECT_EQ(requests[1].body, "abc");
  EXPECT_EQ(recorder.sent, "answeranswer");
}

INSTANTIATE_TEST_SUITE_P(Sizes, Portions, testing::Values(1, 2, 5, 27, 28, 1000));

TEST(HttpPeer, AnswersGarbageWith400AndCloses) {
  Recorder recorder;
  HttpPeer peer([](const PeerRequest&) { return PeerAnswer{}; });
  peer.on_data(recorder, "\x16\x03\x01");
  EXPECT_THAT(recorder.sent, testing::StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(recorder.sent, testing::EndsWith("<close>"));
}

}  // namespace
}  // namespace simulator::net
