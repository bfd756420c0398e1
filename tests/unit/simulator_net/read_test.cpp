// Reading a body (esp_http_client/esp_http_client.c, esp_http_client_read).

#include <cerrno>

#include "tests/unit/simulator_net/chip.hpp"

namespace simulator::net {
namespace {

Network::ChooseConditions always(std::vector<StreamFault> faults) {
  return [faults](unsigned) {
    Conditions conditions;
    conditions.faults = faults;
    return conditions;
  };
}

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('a' + i % 26);
  return bytes;
}

class Read : public testing::Test {
 protected:
  void serve(const std::string& body, std::vector<StreamFault> faults = {},
             bool with_length = true) {
    const std::string head = with_length
                                 ? http_response(200, "", body)
                                       .substr(0, http_response(200, "", body).size() - body.size())
                                 : "HTTP/1.0 200 OK\r\n\r\n";
    head_bytes_ = head.size();
    for (StreamFault& fault : faults) fault.after_bytes += head_bytes_;
    network_.set_conditions(kServer, always(faults));
    server_.emplace(network_, head + body);
  }

  Network network_;
  std::optional<FixedServer> server_;
  std::size_t head_bytes_ = 0;
  Chip chip_{network_};
};

TEST_F(Read, GivesTheWholeBodyWhateverTheSizes) {
  const std::string body = pattern(100'000);
  serve(body);
  for (const int size : {1, 7, 512, 513, 4096, 100'000, 200'000}) {
    chip_.run([&] {
      Client client(kUrl);
      ASSERT_EQ(client.get(), 100'000);
      EXPECT_EQ(client.read_all(size), body) << size;
      EXPECT_TRUE(esp_http_client_is_complete_data_received(client.handle));
    });
  }
}

TEST_F(Read, FillsTheBufferAcrossSegments) {
  serve(pattern(10'000));
  chip_.run([&] {
    Client client(kUrl);
    client.get();
    std::vector<char> buffer(9'000);
    EXPECT_EQ(esp_http_client_read(client.handle, buffer.data(), 9'000), 9'000);
    EXPECT_EQ(esp_http_client_read(client.handle, buffer.data(), 9'000), 1'000);
    EXPECT_EQ(esp_http_client_read(client.handle, buffer.data(), 9'000), 0);
  });
}

// esp_http_client/esp_http_client.c, esp_http_client_connect.
TEST_F(Read, ComesBackShortWhenTheServerStalls) {
  serve(pattern(10'000), {{4'000, StreamFault::Kind::stall, 8 * kSecond}});
  chip_.run([&] {
    Client client(kUrl);
    client.get();
    std::vector<char> buffer(10'000);
    EXPECT_EQ(esp_http_client_read(client.handle, buffer.data(), 10'000), 4'000);
    EXPECT_FALSE(esp_http_client_is_complete_data_received(client.handle));
    // The timeout is 5 s for each operation, so that the rest comes in the second one.
    EXPECT_EQ(esp_http_client_read(client.handle, buffer.data(), 10'000), 6'000);
    EXPECT_TRUE(esp_http_client_is_complete_data_received(client.handle));
  });
}

// esp_http_client/esp_http_client.c, esp_http_client_read: -ESP_ERR_HTTP_EAGAIN since v5; 0 in
// v4.4.
TEST_F(Read, TimesOutWithEagain) {
  serve(pattern(100), {{0, StreamFault::Kind::stall, 100 * kSecond}});
  chip_.run([&] {
    Client client(kUrl, [](esp_http_client_config_t& config) { config.timeout_ms = 3000; });
    client.get();
    const std::int64_t start_us = chip_.now_us();
    char buffer[10];
    EXPECT_EQ(esp_http_client_read(client.handle, buffer, 10), -ESP_ERR_HTTP_EAGAIN);
    EXPECT_NEAR(static_cast<double>(chip_.now_us() - start_us), 3 * kSecond, kMillisecond);
    EXPECT_EQ(client.events.back().substr(0, 9), "ON_HEADER");
  });
}

TEST(ReadAsV4, TimesOutWithZero) {
  Network network;
  FixedServer server(network, http_response(200, "", "0123456789"));
  network.set_conditions(kServer, always({{40, StreamFault::Kind::stall, 100 * kSecond}}));
  Chip chip(network, IdfVersion::v4_4);
  chip.run([&] {
    Client client(kUrl);
    client.get();
    client.read_all();
    EXPECT_EQ(client.last_read, 0);
    EXPECT_FALSE(esp_http_client_is_complete_data_received(client.handle));
  });
}

// esp_http_client/esp_http_client.c of v4.4.4, esp_http_client_fetch_headers.
TEST(ReadAsV4, AWaitingServerIsAFailureInFetchHeaders) {
  Network network;
  network.set_conditions(kServer, always({{0, StreamFault::Kind::stall, 100 * kSecond}}));
  FixedServer server(network, http_response(204, "", ""));
  Chip chip(network, IdfVersion::v4_4);
  chip.run([&] {
    Client client(kUrl);
    EXPECT_EQ(client.get(), ESP_FAIL);
  });
}

// esp_http_client/esp_http_client.c, esp_http_client_fetch_headers.
TEST_F(Read, AWaitingServerTimesOutInFetchHeaders) {
  network_.set_conditions(kServer, always({{0, StreamFault::Kind::stall, 100 * kSecond}}));
  FixedServer server(network_, http_response(204, "", ""));
  chip_.run([&] {
    Client client(kUrl);
    EXPECT_EQ(client.get(), -ESP_ERR_HTTP_EAGAIN);
  });
}

struct CutCase {
  const char* name;
  StreamFault::Kind kind;
  bool with_length;
  int last_read;  ///< of the read after the last byte
  bool complete;
  int error;
};

class CutBody : public testing::TestWithParam<CutCase> {};

// esp_http_client/esp_http_client.c, esp_http_client_is_complete_data_received: a truncated body
// without a length looks complete.
TEST_P(CutBody, IsToldOrNot) {
  const CutCase& row = GetParam();
  Network network;
  const std::string body = pattern(1'000);
  const std::string whole =
      row.with_length ? http_response(200, "", body) : "HTTP/1.0 200 OK\r\n\r\n" + body;
  network.set_conditions(kServer, always({{whole.size() - 600, row.kind, 0}}));
  FixedServer server(network, whole);
  Chip chip(network);
  chip.run([&] {
    Client client(kUrl);
    client.get();
    EXPECT_EQ(client.read_all(), body.substr(0, 400));
    EXPECT_EQ(client.last_read, row.last_read);
    EXPECT_EQ(esp_http_client_is_complete_data_received(client.handle), row.complete);
    EXPECT_EQ(esp_http_client_get_errno(client.handle), row.error);
    EXPECT_EQ(esp_http_client_get_errno(client.handle), 0);
  });
}

INSTANTIATE_TEST_SUITE_P(
    Rows, CutBody,
    testing::Values(
        CutCase{"LengthAndClose", StreamFault::Kind::close, true, ESP_FAIL, false, ENOTCONN},
        CutCase{"LengthAndReset", StreamFault::Kind::reset, true, ESP_FAIL, false, ECONNRESET},
        CutCase{"NoLengthAndClose", StreamFault::Kind::close, false, 0, true, ENOTCONN},
        CutCase{"NoLengthAndReset", StreamFault::Kind::reset, false, ESP_FAIL, false, ECONNRESET}),
    [](const auto& tested) { return tested.param.name; });

// The bytes before a broken connection are given first; the failure comes with the next read.
TEST_F(Read, GivesWhatItHasBeforeTheFailure) {
  serve(pattern(1'000), {{400, StreamFault::Kind::reset, 0}});
  chip_.run([&] {
    Client client(kUrl);
    client.get();
    std::vector<char> buffer(1'000);
    EXPECT_EQ(esp_http_client_read(client.handle, buffer.data(), 1'000), 400);
    EXPECT_EQ(esp_http_client_read(client.handle, buffer.data(), 1'000), ESP_FAIL);
    EXPECT_THAT(client.events, testing::Contains("ERROR"));
  });
}

// docs/en/api-guides/wifi.rst, "Wi-Fi Power-saving Mode": in modem sleep, downlink data waits at
// the access point until the station listens.
TEST_F(Read, GivesWhatASleepingRadioHears) {
  constexpr std::int64_t kSleep = 1 * kSecond;
  serve(pattern(10'000));
  chip_.link.sleeps_us = kSleep;
  const auto now = [&] { return static_cast<double>(chip_.now_us()); };
  chip_.run([&] {
    Client client(kUrl);
    EXPECT_EQ(client.get(), 10'000);
    EXPECT_NEAR(now(), 2 * kSleep, kMillisecond);  // connected, then answered
    EXPECT_EQ(client.read_all(), pattern(10'000));
    EXPECT_NEAR(now(), 2 * kSleep, kMillisecond);  // all of it waited at the access point
  });
}

TEST_F(Read, TimesOutWhileTheRadioSleeps) {
  serve(pattern(100));
  chip_.run([&] {
    Client client(kUrl, [](esp_http_client_config_t& config) { config.timeout_ms = 3000; });
    ASSERT_EQ(esp_http_client_open(client.handle, 0), ESP_OK);
    chip_.link.sleeps_us = 10 * kSecond;
    EXPECT_EQ(esp_http_client_fetch_headers(client.handle), -ESP_ERR_HTTP_EAGAIN);
    chip_.link.sleeps_us = 1;
    EXPECT_EQ(esp_http_client_fetch_headers(client.handle), 100);
  });
}

TEST_F(Read, ResponseReadsUntilTheBufferIsFull) {
  serve(pattern(10'000), {{4'000, StreamFault::Kind::stall, 4 * kSecond}});
  chip_.run([&] {
    Client client(kUrl);
    client.get();
    std::vector<char> buffer(10'000);
    EXPECT_EQ(esp_http_client_read_response(client.handle, buffer.data(), 10'000), 10'000);
  });
}

TEST_F(Read, FlushReadsTheRestOfTheBody) {
  serve(pattern(10'000));
  chip_.run([&] {
    Client client(kUrl);
    client.get();
    char buffer[10];
    EXPECT_EQ(esp_http_client_read(client.handle, buffer, 10), 10);
    int flushed = 0;
    EXPECT_EQ(esp_http_client_flush_response(client.handle, &flushed), ESP_OK);
    EXPECT_GT(flushed, 9'000);
    EXPECT_TRUE(esp_http_client_is_complete_data_received(client.handle));
  });
}

TEST_F(Read, DataEventsCountTheBody) {
  serve(pattern(3'000));
  chip_.run([&] {
    Client client(kUrl);
    client.get();
    client.read_all();
    int total = 0;
    for (const std::string& event : client.events) {
      if (event.rfind("ON_DATA ", 0) == 0) total += std::stoi(event.substr(8));
    }
    EXPECT_EQ(total, 3'000);
  });
}

TEST(BeforeOpen, NothingCanBeReadOrWritten) {
  Network network;
  Chip chip(network);
  chip.run([] {
    Client client(kUrl);
    EXPECT_EQ(esp_http_client_fetch_headers(client.handle), ESP_FAIL);
    EXPECT_EQ(esp_http_client_write(client.handle, "x", 1), ESP_FAIL);
    EXPECT_EQ(esp_http_client_get_errno(client.handle), -1);
  });
}

}  // namespace
}  // namespace simulator::net
