#include "fuota_b/update.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "conn_wifi_b.h"
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_ota_ops.h"
#include "nvs_flash.h"
#include "simulator/boot/bootloader.hpp"
#include "tests/simulation/update/update_server.hpp"
#include "tests/support/board/test_board.hpp"

namespace fuota::update {

void PrintTo(Code code, std::ostream* out) {
  *out << describe(code);
}

}  // namespace fuota::update

namespace fuota::test {
namespace {

using testing::ElementsAre;
using update::Code;
using update::Report;

constexpr std::uint32_t kSlotBytes = 0x180000;

update::Server server() {
  update::Server server;
  server.name = UpdateServer::kHost;
  server.port = UpdateServer::kPort;
  server.certificate_pem = kCertificate;
  server.username = "server_username";
  server.password = "server_password";
  return server;
}

update::Identity identity(const char* version = "0.1.0") {
  update::Identity identity;
  identity.device_id = "00001";
  identity.app_version = version;
  return identity;
}

Image image(const std::string& version, std::size_t size_bytes = 20'000) {
  ImageOptions options;
  options.version = version;
  options.size_bytes = size_bytes / 16 * 16;
  options.seed = std::hash<std::string>{}(version);
  return build_image(options);
}

/// A device that is connected, with a server in reach.
class Update : public testing::Test {
 protected:
  Update() : server_(board_.network()) {
    board_.world().add(update_access_point());
    server_.assign("00001", "0.1.0", "esp32-fuota.bin.0.1.1");
  }

  /// Boots, connects, and calls `body` in the main task.
  void run_connected(const std::function<void()>& body) {
    const bool returned = board_.run_until_returned([&body] {
      ASSERT_EQ(nvs_flash_init(), ESP_OK);
      ASSERT_EQ(esp_netif_init(), ESP_OK);
      ASSERT_EQ(esp_event_loop_create_default(), ESP_OK);
      ASSERT_EQ(cwb_connect_b(reinterpret_cast<const uint8_t*>("fuota_ap"),
                              reinterpret_cast<const uint8_t*>("fuota_pw"), 10'000),
                CWB_OK);
      body();
    });
    ASSERT_TRUE(returned) << board_.transcript();
  }

  /// One call of the C++ API on a device that is connected.
  Report update_once(const update::Server& from = server(),
                     const update::Identity& who = identity()) {
    Report report;
    run_connected([&] { report = update::check_and_update(from, who); });
    return report;
  }

  /// Boots once more, as the bootloader alone sees it: the slot that runs then.
  std::string slot_after_reboot() {
    board_.board().power_off();
    simulator::boot::BootOptions options;
    options.model = simulator::boot::find_chip("esp32");
    const auto result = simulator::boot::boot(board_.flash(), options);
    return result.partition ? result.partition->label : "none";
  }

  std::vector<std::uint8_t> beginning_of(const char* slot, std::size_t bytes) {
    const auto content = board_.content_of(slot).first(bytes);
    return {content.begin(), content.end()};
  }

  TestBoard board_;
  UpdateServer server_;
};

TEST_F(Update, InstallsWhatAnHttp10ServerSendsWithoutALength) {
  const Image file = image("0.1.1");
  server_.upload("esp32-fuota.bin.0.1.1", file);

  EXPECT_EQ(update_once().code, Code::updated) << board_.transcript();
  EXPECT_TRUE(beginning_of("ota_1", file.size()) == file);
  EXPECT_EQ(slot_after_reboot(), "ota_1");
}

TEST_F(Update, InstallsAnImageOfAnyLengthAroundASector) {
  server_.give_length(true);
  for (const std::size_t bytes : {4096 - 16, 4096, 4096 + 16, 8192, 8192 + 16}) {
    TestBoard board;
    UpdateServer server(board.network());
    board.world().add(update_access_point());
    const Image file = image("0.1.1", bytes);
    server.assign("00001", "0.1.0", "f");
    server.upload("f", file);
    ASSERT_TRUE(board.run_to_end([] {
      (void)nvs_flash_init();
      (void)esp_netif_init();
      (void)esp_event_loop_create_default();
      (void)cwb_connect_b(reinterpret_cast<const uint8_t*>("fuota_ap"),
                          reinterpret_cast<const uint8_t*>("fuota_pw"), 10'000);
      EXPECT_EQ(update::check_and_update(test::server(), identity()).code, Code::updated);
    }));
    const auto slot = board.content_of("ota_1").first(bytes);
    EXPECT_TRUE(std::equal(slot.begin(), slot.end(), file.begin(), file.end())) << bytes;
  }
}

TEST_F(Update, ChangesNothingButTheIdleSlotAndOtadata) {
  server_.upload("esp32-fuota.bin.0.1.1", image("0.1.1"));
  std::vector<std::uint8_t> running;
  run_connected([&] {
    running = beginning_of("ota_0", kSlotBytes);
    EXPECT_EQ(update::check_and_update(server(), identity()).code, Code::updated);
  });
  EXPECT_TRUE(beginning_of("ota_0", kSlotBytes) == running);
}

TEST_F(Update, AsksAndFetchesAsTheOriginalDoes) {
  server_.upload("esp32-fuota.bin.0.1.1", image("0.1.1"));
  (void)update_once();
  EXPECT_THAT(server_.requests(),
              ElementsAre("GET /devices/00001?app_ver=0.1.0", "GET /files/esp32-fuota.bin.0.1.1"));
}

TEST_F(Update, EscapesIdVersionAndFileName) {
  server_.override_with([](const simulator::net::PeerRequest& request) {
    if (request.target.rfind("/devices", 0) != 0) return http10(404, "", "");
    return http10(200, "Content-Length: 5\r\n", "a b#c");
  });
  update::Identity who;
  who.device_id = "a&b c";
  who.app_version = "1.0+2#3";
  EXPECT_EQ(update_once(server(), who).code, Code::file_refused);
  EXPECT_THAT(server_.requests(),
              ElementsAre("GET /devices/a%26b%20c?app_ver=1.0%2B2%233", "GET /files/a%20b%23c"));
}

TEST_F(Update, FetchesAShorterNameAfterALongerOneWithoutItsTail) {
  std::vector<std::string> names = {"a-rather-long-name.bin", "short"};
  std::size_t next = 0;
  server_.override_with([&](const simulator::net::PeerRequest& request) {
    if (request.target.rfind("/devices", 0) != 0) return http10(404, "", "");
    const std::string& name = names[next++];
    return http10(200, "Content-Length: " + std::to_string(name.size()) + "\r\n", name);
  });
  run_connected([] {
    EXPECT_EQ(update::check_and_update(server(), identity()).code, Code::file_refused);
    EXPECT_EQ(update::check_and_update(server(), identity()).code, Code::file_refused);
  });
  EXPECT_EQ(server_.requests().at(1), "GET /files/a-rather-long-name.bin");
  EXPECT_EQ(server_.requests().at(3), "GET /files/short");
}

TEST_F(Update, ReadsANameThatArrivesByteByByte) {
  server_.upload("esp32-fuota.bin.0.1.1", image("0.1.1", 4096));
  server_.set_conditions([](unsigned connection) {
    simulator::net::Conditions conditions;
    if (connection == 0) conditions.segment_bytes = 1;
    return conditions;
  });
  EXPECT_EQ(update_once().code, Code::updated);
}

struct AnswerCase {
  const char* title;
  std::string check;  ///< the answer to the check
  Code code;
};

class UpdateAnswer : public Update, public testing::WithParamInterface<AnswerCase> {};

TEST_P(UpdateAnswer, EndsWithItsCodeAndWithoutATrace) {
  server_.override_with([](const simulator::net::PeerRequest&) { return GetParam().check; });
  std::uint64_t operations = 0;
  std::size_t blocks = 0;
  Report report;
  run_connected([&] {
    operations = board_.flash().operation_count();
    blocks = board_.board().session()->heap().blocks_alive();
    report = update::check_and_update(server(), identity());
  });
  EXPECT_EQ(report.code, GetParam().code) << board_.transcript();
  EXPECT_EQ(board_.flash().operation_count(), operations) << "flash was touched";
  EXPECT_LE(board_.board().session()->http().statistics().clients_alive, 1U) << "the kept one";
  EXPECT_EQ(board_.board().session()->heap().blocks_alive(), blocks);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, UpdateAnswer,
    testing::Values(
        AnswerCase{"NothingNew", http10(204, "", ""), Code::no_update},
        AnswerCase{"UnknownDevice", http10(404, "Content-Length: 4\r\n", "none"),
                   Code::unknown_device},
        AnswerCase{"BadRequest", http10(400, "", ""), Code::request_refused},
        AnswerCase{"Unauthorized", http10(401, "", ""), Code::credentials_refused},
        AnswerCase{"Forbidden", http10(403, "", ""), Code::credentials_refused},
        AnswerCase{"Redirection", http10(302, "Location: https://evil.example/\r\n", ""),
                   Code::redirected},
        AnswerCase{"ServerError", http10(500, "", ""), Code::server_error},
        AnswerCase{"Unavailable", http10(503, "Retry-After: 5\r\n", ""), Code::server_error},
        AnswerCase{"EmptyName", http10(200, "Content-Length: 0\r\n", ""), Code::bad_answer},
        AnswerCase{"EmptyNameWithoutLength", http10(200, "", ""), Code::bad_answer},
        AnswerCase{"NameOfADirectory", http10(200, "Content-Length: 2\r\n", ".."),
                   Code::bad_answer},
        AnswerCase{"NameWithASlash", http10(200, "Content-Length: 9\r\n", "../secret"),
                   Code::bad_answer},
        AnswerCase{"NameWithALineEnd", http10(200, "Content-Length: 6\r\n", "a\r\nX:y"),
                   Code::bad_answer},
        AnswerCase{"NameWithANul", http10(200, "Content-Length: 3\r\n", std::string("a\0b", 3)),
                   Code::bad_answer},
        AnswerCase{"NameTooLong", http10(200, "Content-Length: 256\r\n", std::string(256, 'x')),
                   Code::bad_answer},
        AnswerCase{"NameCutShort", http10(200, "Content-Length: 21\r\n", "esp32"),
                   Code::short_read},
        AnswerCase{"NoHttp", "220 mail.example.com ESMTP\r\n", Code::no_answer}),
    [](const auto& row) { return row.param.title; });

struct FileCase {
  const char* title;
  std::function<std::string()> answer;  ///< to the request for the file
  Code code;
};

std::string with_length(const Image& file) {
  return http10(200, "Content-Length: " + std::to_string(file.size()) + "\r\n",
                {file.begin(), file.end()});
}

std::string without_length(const Image& file) {
  return http10(200, "", {file.begin(), file.end()});
}

Image cut(Image file, std::size_t bytes) {
  file.resize(bytes);
  return file;
}

Image for_c3() {
  ImageOptions options;
  options.chip = "esp32c3";
  options.size_bytes = 20'000;
  return build_image(options);
}

class RefusedFile : public Update, public testing::WithParamInterface<FileCase> {};

TEST_P(RefusedFile, LeavesTheRunningImageInCharge) {
  const std::string answer = GetParam().answer();
  server_.override_with([&](const simulator::net::PeerRequest& request) {
    return request.target.rfind("/files", 0) == 0 ? answer : std::string();
  });
  EXPECT_EQ(update_once().code, GetParam().code) << board_.transcript();
  EXPECT_LE(board_.board().session()->http().statistics().clients_alive, 1U) << "the kept one";
  EXPECT_EQ(slot_after_reboot(), "ota_0");
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RefusedFile,
    testing::Values(
        FileCase{"Missing", [] { return http10(404, "", ""); }, Code::file_refused},
        FileCase{"Forbidden", [] { return http10(403, "", ""); }, Code::credentials_refused},
        FileCase{"ServerError", [] { return http10(500, "", ""); }, Code::server_error},
        FileCase{"Empty", [] { return http10(200, "Content-Length: 0\r\n", ""); },
                 Code::corrupt_image},
        FileCase{"NoImage", [] { return http10(200, "", "<!DOCTYPE html><html></html>"); },
                 Code::not_an_image},
        FileCase{"OtherChip", [] { return with_length(for_c3()); }, Code::wrong_chip},
        FileCase{"Corrupt",
                 [] { return with_length(damaged(image("0.1.1"), Damage::payload_bit)); },
                 Code::corrupt_image},
        FileCase{"CorruptBehindTheChecksum",
                 [] { return with_length(damaged(image("0.1.1"), Damage::payload_two_bits)); },
                 Code::corrupt_image},
        FileCase{"NotCongruent",
                 [] { return with_length(damaged(image("0.1.1"), Damage::segment_not_congruent)); },
                 Code::image_refused},
        FileCase{"CutShortWithALength",
                 [] {
                   const Image file = cut(image("0.1.1"), 9'000);
                   return http10(200, "Content-Length: 20000\r\n", {file.begin(), file.end()});
                 },
                 Code::short_read},
        FileCase{"CutShortWithoutALength",
                 [] { return without_length(cut(image("0.1.1"), 9'000)); }, Code::corrupt_image},
        FileCase{"CutShortWithoutALengthAtASectorEnd",
                 [] { return without_length(cut(image("0.1.1"), 8192)); }, Code::corrupt_image},
        FileCase{"TooBigByItsLength", [] { return with_length(image("0.1.1", kSlotBytes + 16)); },
                 Code::too_big},
        FileCase{"TooBigWithoutALength",
                 [] { return without_length(image("0.1.1", kSlotBytes + 16)); }, Code::too_big}),
    [](const auto& row) { return row.param.title; });

TEST_F(Update, InstallsAnImageThatFillsTheSlot) {
  server_.upload("esp32-fuota.bin.0.1.1", image("0.1.1", kSlotBytes));
  EXPECT_EQ(update_once().code, Code::updated) << board_.transcript();
  EXPECT_EQ(slot_after_reboot(), "ota_1");
}

TEST_F(Update, ErasesNothingForAnImageOfAnotherChip) {
  server_.upload("esp32-fuota.bin.0.1.1", for_c3());
  std::uint64_t operations = 0;
  run_connected([&] {
    operations = board_.flash().operation_count();
    EXPECT_EQ(update::check_and_update(server(), identity()).code, Code::wrong_chip);
  });
  EXPECT_EQ(board_.flash().operation_count(), operations);
}

TEST_F(Update, DoesNotInstallTheImageThatRuns) {
  server_.upload("esp32-fuota.bin.0.1.1", build_image(TestBoard::small_image()));
  EXPECT_EQ(update_once().code, Code::same_image);
  EXPECT_EQ(slot_after_reboot(), "ota_0");
}

struct LinkCase {
  const char* title;
  std::function<simulator::net::Conditions(unsigned connection)> conditions;
  Code code;
};

class BrokenConnection : public Update, public testing::WithParamInterface<LinkCase> {};

TEST_P(BrokenConnection, IsToldWithinItsBound) {
  server_.give_length(true);
  server_.upload("esp32-fuota.bin.0.1.1", image("0.1.1", 100'000));
  server_.set_conditions(GetParam().conditions);
  Report report;
  std::int64_t took_us = 0;
  run_connected([&] {
    const std::int64_t began_us = board_.board().now_us();
    report = update::check_and_update(server(), identity());
    took_us = board_.board().now_us() - began_us;
  });
  EXPECT_EQ(report.code, GetParam().code) << board_.transcript();
  EXPECT_LE(took_us, 45 * kSecondUs) << "30 s without progress, and what came before";
  EXPECT_LE(board_.board().session()->http().statistics().clients_alive, 1U) << "the kept one";
  EXPECT_EQ(slot_after_reboot(), "ota_0");
}

simulator::net::Conditions with_connect(simulator::net::Conditions::Connect connect) {
  simulator::net::Conditions conditions;
  conditions.connect = connect;
  return conditions;
}

simulator::net::Conditions with_fault(simulator::net::StreamFault::Kind kind,
                                      std::size_t after_bytes) {
  simulator::net::Conditions conditions;
  simulator::net::StreamFault fault;
  fault.kind = kind;
  fault.after_bytes = after_bytes;
  fault.stall_us = kHourUs;
  conditions.faults.push_back(fault);
  return conditions;
}

using Connect = simulator::net::Conditions::Connect;
using FaultKind = simulator::net::StreamFault::Kind;

/// Good for the first connection, the check; `second` for the download.
LinkCase download_case(const char* title, simulator::net::Conditions second, Code code) {
  return {title,
          [second](unsigned connection) {
            return connection == 0 ? simulator::net::Conditions{} : second;
          },
          code};
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BrokenConnection,
    testing::Values(
        LinkCase{"Refused", [](unsigned) { return with_connect(Connect::refused); }, Code::connect},
        LinkCase{"Unanswered", [](unsigned) { return with_connect(Connect::unanswered); },
                 Code::connect},
        LinkCase{"UntrustedCertificate",
                 [](unsigned) { return with_connect(Connect::tls_refused); }, Code::tls_verify},
        LinkCase{"ClosedInTheHeaders", [](unsigned) { return with_fault(FaultKind::close, 30); },
                 Code::no_answer},
        LinkCase{"SilentInTheHeaders", [](unsigned) { return with_fault(FaultKind::stall, 30); },
                 Code::no_answer},
        download_case("RefusedForTheDownload", with_connect(Connect::refused), Code::connect),
        download_case("ResetInTheDownload", with_fault(FaultKind::reset, 50'000), Code::short_read),
        download_case("ClosedInTheDownload", with_fault(FaultKind::close, 50'000),
                      Code::short_read),
        download_case("SilentInTheDownload", with_fault(FaultKind::stall, 50'000),
                      Code::short_read),
        download_case("GarbledInTheDownload", with_fault(FaultKind::corrupt, 50'000),
                      Code::corrupt_image)),
    [](const auto& row) { return row.param.title; });

/// A byte a second: never silent for long, and never done.
simulator::net::Conditions trickle(unsigned) {
  simulator::net::Conditions conditions;
  conditions.segment_bytes = 1;
  conditions.bytes_per_second = 1;
  return conditions;
}

TEST_F(Update, GivesUpOnACheckThatTricklesIn) {
  server_.set_conditions(trickle);
  std::int64_t took_us = 0;
  run_connected([&] {
    const std::int64_t began_us = board_.board().now_us();
    EXPECT_EQ(update::check_and_update(server(), identity()).code, Code::too_slow);
    took_us = board_.board().now_us() - began_us;
  });
  EXPECT_LE(took_us, 4 * 60 * kSecondUs) << board_.transcript();
}

TEST_F(Update, GivesUpOnADownloadThatTricklesIn) {
  server_.upload("esp32-fuota.bin.0.1.1", image("0.1.1"));
  server_.set_conditions([](unsigned connection) {
    return connection == 0 ? simulator::net::Conditions{} : trickle(1);
  });
  std::int64_t took_us = 0;
  run_connected([&] {
    const std::int64_t began_us = board_.board().now_us();
    EXPECT_EQ(update::check_and_update(server(), identity()).code, Code::too_slow);
    took_us = board_.board().now_us() - began_us;
  });
  EXPECT_LE(took_us, 31 * 60 * kSecondUs);
  EXPECT_EQ(slot_after_reboot(), "ota_0");
}

TEST_F(Update, TellsBadParametersWithoutAskingTheServer) {
  const auto code_with = [](auto change) {
    update::Server to = server();
    update::Identity who = identity();
    change(to, who);
    return update::check_and_update(to, who).code;
  };
  run_connected([&] {
    using S = update::Server;
    using I = update::Identity;
    EXPECT_EQ(code_with([](S& to, I&) { to.name = nullptr; }), Code::bad_parameter);
    EXPECT_EQ(code_with([](S& to, I&) { to.name = "a b"; }), Code::bad_parameter);
    EXPECT_EQ(code_with([](S& to, I&) { to.port = 0; }), Code::bad_parameter);
    EXPECT_EQ(code_with([](S& to, I&) { to.certificate_pem = ""; }), Code::bad_parameter);
    EXPECT_EQ(code_with([](S& to, I&) { to.username = nullptr; }), Code::bad_parameter);
    EXPECT_EQ(code_with([](S& to, I&) { to.password = ""; }), Code::bad_parameter);
    EXPECT_EQ(code_with([](S&, I& who) { who.device_id = nullptr; }), Code::bad_parameter);
    EXPECT_EQ(code_with([](S&, I& who) { who.device_id = "a/b"; }), Code::bad_parameter);
    EXPECT_EQ(code_with([](S&, I& who) { who.app_version = ""; }), Code::bad_parameter);
    EXPECT_EQ(ota_update_b(nullptr, 1, nullptr, nullptr, nullptr, nullptr, nullptr), OTA_PARAM_ERR);
  });
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(Update, IsToldByTheCApiInItsOwnCodes) {
  server_.upload("esp32-fuota.bin.0.1.1", image("0.1.1"));
  run_connected([] {
    const auto call = [](const char* version) {
      return ota_update_b(UpdateServer::kHost, UpdateServer::kPort, kCertificate, "server_username",
                          "server_password", "00001", version);
    };
    EXPECT_EQ(call("0.1.0"), OTA_UPDATED);
    EXPECT_EQ(call("0.1.1"), OTA_NO_UPDATE);
  });
}

/// What the running image is to the bootloader.
std::optional<esp_ota_img_states_t> running_state() {
  esp_ota_img_states_t state;
  if (esp_ota_get_state_partition(esp_ota_get_running_partition(), &state) != ESP_OK) {
    return std::nullopt;
  }
  return state;
}

/// A device that was just updated, with its power off.
class TrialBoot : public Update {
 protected:
  TrialBoot() {
    server_.upload("esp32-fuota.bin.0.1.1", image("0.1.1"));
    EXPECT_EQ(update_once().code, Code::updated);
    board_.board().power_off();
  }
};

TEST_F(TrialBoot, IsConfirmedByAnAnswerOfTheServer) {
  run_connected([] {
    EXPECT_EQ(running_state(), ESP_OTA_IMG_PENDING_VERIFY);
    EXPECT_EQ(update::check_and_update(server(), identity("0.1.1")).code, Code::no_update);
    EXPECT_EQ(running_state(), ESP_OTA_IMG_VALID);
  });
  EXPECT_EQ(slot_after_reboot(), "ota_1");
}

TEST_F(TrialBoot, IsNotConfirmedWhenTheServerRefusesTheDevice) {
  server_.override_with([](const simulator::net::PeerRequest&) { return http10(403, "", ""); });
  run_connected([] {
    EXPECT_EQ(update::check_and_update(server(), identity("0.1.1")).code,
              Code::credentials_refused);
    EXPECT_EQ(running_state(), ESP_OTA_IMG_PENDING_VERIFY);
  });
  EXPECT_EQ(slot_after_reboot(), "ota_0") << "the bootloader falls back";
}

TEST_F(TrialBoot, IsConfirmedBeforeTheOldImageIsOverwritten) {
  server_.assign("00001", "0.1.1", "next");
  server_.upload("next", image("0.1.2"));
  run_connected(
      [] { EXPECT_EQ(update::check_and_update(server(), identity("0.1.1")).code, Code::updated); });
  EXPECT_EQ(slot_after_reboot(), "ota_0") << "that is where 0.1.2 went";
}

}  // namespace
}  // namespace fuota::test
