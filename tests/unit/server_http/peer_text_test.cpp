#include "server/http/peer_text.hpp"

#include <gtest/gtest.h>

#include <boost/asio/ip/address.hpp>
#include <string>

namespace fuota::server::http {
namespace {

struct Row {
  const char* address;
  std::uint16_t port;
  const char* with_port;
};

class PeerTexts : public testing::TestWithParam<Row> {};

TEST_P(PeerTexts, HaveTheAddressAloneAndWithItsPort) {
  const Row& row = GetParam();
  const PeerText text({boost::asio::ip::make_address(row.address), row.port});
  EXPECT_EQ(text.address(), row.address);
  EXPECT_EQ(text.with_port(), row.with_port);
}

INSTANTIATE_TEST_SUITE_P(
    Addresses, PeerTexts,
    testing::Values(Row{"0.0.0.0", 0, "0.0.0.0:0"}, Row{"192.0.2.1", 49152, "192.0.2.1:49152"},
                    Row{"255.255.255.255", 65535, "255.255.255.255:65535"},
                    Row{"2001:db8::1", 443, "[2001:db8::1]:443"},
                    Row{"1111:2222:3333:4444:5555:6666:7777:8888%4294967295", 65535,
                        "[1111:2222:3333:4444:5555:6666:7777:8888%4294967295]:65535"}));

}  // namespace
}  // namespace fuota::server::http
