#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "esp_ota_ops.h"
#include "tests/simulation/update/update_server.hpp"
#include "tests/support/board/test_board.hpp"

extern "C" void app_main(void);

namespace fuota::test {

/// A board with the sample application 0.1.0 in ota_0 and a server that offers it 0.1.1, which goes
/// to ota_1. Both images run the same firmware, plus what a test makes of the new one.
class UpdatedDevice {
 public:
  UpdatedDevice() : server_(board_.network()) {
    board_.world().add(update_access_point());
    board_.set_firmware([this] {
      app_main();
      if (runs("ota_1") && in_new_image_) in_new_image_();
    });
    board_.provision(
        {{"device_id", std::string("00001")}, {"server_cert", std::string(kCertificate)}});
    ImageOptions update = TestBoard::small_image();
    update.version = "0.1.1";
    update.seed = 2;
    server_.assign("00001", "0.1.0", "f");
    server_.upload("f", build_image(update));
    board_.board().set_boot_listener([this](const simulator::boot::BootResult& boot) {
      if (boot.partition->label == "ota_1") ++boots_of_new_image_;
    });
  }

  /// What the main task of the new image does besides, from app_main() on.
  void set_new_image(std::function<void()> body) { in_new_image_ = std::move(body); }

  /// Lets the device update itself, until the new image runs, not confirmed yet, 10 s long. From
  /// then on the server is away.
  [[nodiscard]] bool update_to_trial() {
    for (int second = 0; second < 600; ++second) {
      (void)board_.run(kSecondUs);
      if (!runs("ota_1")) continue;
      server_.stop();
      (void)board_.run(10 * kSecondUs);
      return runs("ota_1");
    }
    return false;
  }

  /// Takes the power away and gives it back; the device is left alone for `duration_us`.
  simulator::chip::Board::Ending cut_and_run(std::int64_t duration_us) {
    board_.board().power_off();
    return board_.run(duration_us);
  }

  /// Whether the partition with this label is what was booted last.
  [[nodiscard]] bool runs(const char* label) {
    const auto& boot = board_.board().last_boot();
    return boot && boot->partition && boot->partition->label == label;
  }
  [[nodiscard]] unsigned boots_of_new_image() const { return boots_of_new_image_; }

  TestBoard& board() { return board_; }
  UpdateServer& server() { return server_; }

 private:
  TestBoard board_;
  UpdateServer server_;
  std::function<void()> in_new_image_;
  unsigned boots_of_new_image_ = 0;
};

}  // namespace fuota::test
