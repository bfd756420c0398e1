#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fuota_protocol/update_report.hpp"
#include "tests/simulation/releases/release_draft.hpp"
#include "tests/simulation/releases/root_draft.hpp"
#include "tests/support/board/test_board.hpp"
#include "tests/support/native_server/native_server.hpp"

namespace fuota::test {

constexpr std::int64_t kMinuteUs = 60 * kSecondUs;

/// A board that trusts release keys, with 0.1.0 in ota_0, and a server that speaks natively. It
/// runs the sample application unless a test says otherwise. Updates go to ota_1 first.
class NativeDevice {
 public:
  static constexpr const char* kId = "00001";

  /// What is provisioned about release keys; their numbers are those of `release_key`.
  struct Keys {
    std::vector<std::size_t> numbers = {0};
    std::uint16_t threshold = 1;
    std::optional<std::uint16_t> version = {};
  };

  NativeDevice() : NativeDevice(Keys{}) {}
  explicit NativeDevice(const Keys& keys);

  /// Before the power comes back: takes the place of what was provisioned before.
  void provision(const Keys& keys);

  /// An image of a few KiB; another one for each version.
  static Image image(const std::string& version);
  /// A release of it, right in everything.
  static ReleaseDraft release(const std::string& version);

  /// From now on the server offers that, as a new deployment.
  void offer(const ReleaseDraft& draft);
  /// Publishes a root document under its version.
  void publish(const RootDraft& root) { server_.publish_root(root.version, root.signed_root()); }

  /// What the image in ota_1 does besides, in the main task, from app_main() on.
  void set_new_image(std::function<void()> body) { in_new_image_ = std::move(body); }
  /// What both images run, in place of the sample application.
  void set_firmware(std::function<void()> body) { firmware_ = std::move(body); }
  /// Runs `body` once, as another firmware would, and cuts the power.
  void run_aside(const std::function<void()>& body);

  /// Lets time pass until `is_reached`, which is looked at each second. False when it is not after
  /// `duration_us`.
  [[nodiscard]] bool run_until(const std::function<bool()>& is_reached, std::int64_t duration_us);
  /// Takes the power away and gives it back.
  simulator::chip::Board::Ending cut_and_run(std::int64_t duration_us);
  /// The power goes at that operation on flash, counted from now on, from 0.
  void cut_at(std::uint64_t operation, simulator::flash::Fault fault);

  /// Whether the partition with this label is what was booted last.
  [[nodiscard]] bool runs(std::string_view label);
  [[nodiscard]] unsigned boots_of_new_image() const { return boots_of_new_image_; }
  /// Whether otadata names that partition, and its image may stay.
  [[nodiscard]] bool has_confirmed(std::string_view label);

  /// What the server was told, in the order in which it came, each report once.
  [[nodiscard]] std::vector<protocol::UpdateReport> reports() const;
  /// The same in words: "downloading", "failed: hash".
  [[nodiscard]] std::vector<std::string> story() const;
  /// The reports are of one stream, and their numbers are `first`, `first` + 1 and so on.
  void expect_no_gap(std::uint32_t first = 1) const;

  /// How many checks, reports and so on the server got.
  [[nodiscard]] std::size_t count(ServedRequest::Kind kind) const { return server_.count(kind); }
  /// A parameter of each check so far.
  [[nodiscard]] std::vector<std::string> told_in_checks(std::string_view parameter) const;

  TestBoard& board() { return board_; }
  NativeServer& server() { return server_; }

 private:
  void run_firmware();

  TestBoard board_;
  NativeServer server_;
  std::function<void()> firmware_;
  std::function<void()> in_new_image_;
  unsigned boots_of_new_image_ = 0;
};

/// An answer with a status and nothing else.
[[nodiscard]] AnswerFault status_fault(int status);

}  // namespace fuota::test
