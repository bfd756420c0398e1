#include "tests/unit/simulator_net/chip.hpp"

namespace simulator::net {
namespace {

std::string outcome_of(Network& network) {
  Chip chip(network);
  std::string outcome;
  chip.run([&] {
    Client client(kUrl);
    if (esp_http_client_open(client.handle, 0) != ESP_OK) {
      outcome = "no connection";
    } else {
      esp_http_client_fetch_headers(client.handle);
      const std::string body = client.read_all();
      outcome = std::to_string(body.size()) + " bytes, then " + std::to_string(client.last_read);
      if (body.find('y') != std::string::npos) outcome += ", corrupt";
    }
    outcome += " at " + std::to_string(chip.now_us());
  });
  return outcome;
}

std::vector<std::string> twenty_outcomes(std::uint64_t seed) {
  Network network;
  FixedServer server(network, http_response(200, "", std::string(20'000, 'x')));
  network.randomize(seed, {100, 50, 0, 200, 200, 200, 200, 20'000, 10 * kSecond});
  std::vector<std::string> outcomes;
  outcomes.reserve(20);
  for (int i = 0; i < 20; ++i) outcomes.push_back(outcome_of(network));
  return outcomes;
}

TEST(RandomFaults, AreTheSameForTheSameSeed) {
  EXPECT_EQ(twenty_outcomes(3), twenty_outcomes(3));
  EXPECT_NE(twenty_outcomes(3), twenty_outcomes(4));
}

TEST(RandomFaults, HappenToSomeConnectionsAndNotToOthers) {
  const std::vector<std::string> outcomes = twenty_outcomes(3);
  EXPECT_THAT(outcomes, testing::Contains(testing::StartsWith("20000 bytes, then 0")));
  EXPECT_THAT(outcomes, testing::Contains(testing::Not(testing::StartsWith("20000 bytes"))));
}

TEST(Conditions, AreChosenForEachConnection) {
  Network network;
  FixedServer server(network, http_response(200, "", "body"));
  network.set_conditions(kServer, [](unsigned connection) {
    Conditions conditions;
    if (connection == 1) conditions.connect = Conditions::Connect::refused;
    return conditions;
  });
  EXPECT_THAT(outcome_of(network), testing::StartsWith("4 bytes"));
  EXPECT_THAT(outcome_of(network), testing::StartsWith("no connection"));
  EXPECT_THAT(outcome_of(network), testing::StartsWith("4 bytes"));
}

TEST(Conditions, CorruptExactlyOneByte) {
  Network network;
  const std::string answer = http_response(200, "", "body");
  FixedServer server(network, answer);
  network.set_conditions(kServer, [&](unsigned) {
    Conditions conditions;
    conditions.faults = {{answer.size() - 3, StreamFault::Kind::corrupt, 0}};
    return conditions;
  });
  Chip chip(network);
  chip.run([] {
    Client client(kUrl);
    client.get();
    EXPECT_EQ(client.read_all(), std::string("b") + static_cast<char>(~'o') + "dy");
  });
}

TEST(Conditions, SetTheTimeThatADownloadTakes) {
  Network network;
  FixedServer server(network, http_response(200, "", std::string(500'000, 'x')));
  network.set_conditions(kServer, [](unsigned) {
    Conditions conditions;
    conditions.bytes_per_second = 100'000;
    return conditions;
  });
  Chip chip(network);
  chip.run([&] {
    Client client(kUrl);
    client.get();
    EXPECT_EQ(client.read_all(4096).size(), 500'000u);
    EXPECT_NEAR(static_cast<double>(chip.now_us()), 5 * kSecond, 250 * kMillisecond);
  });
}

TEST(Network, ForgetsAPeerThatStopsListening) {
  Network network;
  FixedServer server(network, http_response(204, "", ""));
  network.stop_listening(kServer);
  EXPECT_FALSE(network.has_peer(kServer));
}

}  // namespace
}  // namespace simulator::net
