#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "tests/simulation/releases/release_draft.hpp"
#include "tests/simulation/update/update_server.hpp"
#include "tests/support/board/test_board.hpp"

extern "C" void app_main(void);

namespace fuota::test {

constexpr std::int64_t kMinuteUs = 60 * kSecondUs;

/// A board with the sample application 0.1.0 in ota_0, that trusts release keys, and a server that
/// answers the native check. Updates go to ota_1 first.
class ReleaseDevice {
 public:
  /// `keys` and `threshold` as they are provisioned.
  explicit ReleaseDevice(const std::string& keys = public_line(release_key(0)),
                         std::uint16_t threshold = 1)
      : server_(board_.network()) {
    board_.world().add(update_access_point());
    board_.set_firmware([this] {
      app_main();
      if (runs("ota_1") && in_new_image_) in_new_image_();
    });
    board_.provision({{"device_id", std::string("00001")},
                      {"server_cert", std::string(kCertificate)},
                      {"trusted_keys", keys},
                      {"key_threshold", threshold}});
    server_.give_length(true);
    server_.override_with(
        [this](const simulator::net::PeerRequest& request) { return answer(request); });
  }

  static Image image(const std::string& version) {
    ImageOptions options = TestBoard::small_image();
    options.version = version;
    options.seed = std::hash<std::string>{}(version);
    return build_image(options);
  }

  /// When the device runs `version`, it gets `offer`, and the file that goes with it.
  void offer(const std::string& version, const std::string& offer, const Image& file) {
    offers_[version] = http10(200,
                              "Content-Type: application/vnd.fuota.offer+json\r\nContent-Length: " +
                                  std::to_string(offer.size()) + "\r\n",
                              offer);
    server_.upload("f", file);
  }
  void offer(const std::string& version, const ReleaseDraft& draft) {
    offer(version, draft.offer(), draft.file);
  }
  /// When the device runs `version`, it gets this answer, byte for byte.
  void answer_with(const std::string& version, const std::string& answer) {
    offers_[version] = answer;
  }

  void set_new_image(std::function<void()> body) { in_new_image_ = std::move(body); }

  [[nodiscard]] bool runs(const char* label) {
    const auto& boot = board_.board().last_boot();
    return boot && boot->partition && boot->partition->label == label;
  }

  /// How many sectors of the slot were erased since the board was made.
  [[nodiscard]] std::uint64_t erases_of(std::string_view label) {
    std::uint64_t erases = 0;
    for (const auto& partition : board_.partitions().partitions()) {
      if (partition.label != label) continue;
      for (std::uint32_t at = 0; at < partition.size; at += 4096) {
        erases += board_.flash().erase_count(partition.offset + at);
      }
    }
    return erases;
  }

  /// The last check so far, "GET /devices/00001?app_ver=…"; empty when there was none.
  [[nodiscard]] std::string last_check() const {
    for (auto line = server_.requests().rbegin(); line != server_.requests().rend(); ++line) {
      if (line->rfind("GET /devices/", 0) == 0) return *line;
    }
    return "";
  }

  TestBoard& board() { return board_; }
  UpdateServer& server() { return server_; }

 private:
  std::string answer(const simulator::net::PeerRequest& request) {
    if (request.target == "/devices/00001/reports") return http10(204, "", "");
    const std::string check = "/devices/00001?app_ver=";
    if (request.target.rfind(check, 0) != 0) return "";
    if (request.header("Accept").find("application/vnd.fuota.offer+json") == std::string::npos) {
      return http10(400, "", "");
    }
    const std::string query = request.target.substr(check.size());
    const auto found = offers_.find(query.substr(0, query.find('&')));
    return found == offers_.end() ? http10(204, "", "") : found->second;
  }

  TestBoard board_;
  UpdateServer server_;
  std::map<std::string, std::string> offers_;
  std::function<void()> in_new_image_;
};

}  // namespace fuota::test
