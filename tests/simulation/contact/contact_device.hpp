#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "fuota_b/update.hpp"
#include "tests/simulation/contact/answer_faults.hpp"
#include "tests/simulation/contact/signed_release.hpp"
#include "tests/support/board/test_board.hpp"
#include "tests/support/native_server/native_server.hpp"

namespace fuota::test {

/// A board with the image 0.1.0 in ota_0, and beside it the server that it asks natively. What runs
/// is a firmware that connects and checks: no sample application, so that each check is a call of
/// the test's.
class ContactDevice {
 public:
  ContactDevice() : ContactDevice(TestBoard::Options{}) {}
  explicit ContactDevice(TestBoard::Options options);

  static constexpr const char* kId = "00001";
  static constexpr std::uint32_t kJournalStepBytes = 64 * 1024;

  /// Puts a release on the server and offers it to the device.
  void offer(const SignedRelease& release);
  /// The answers to the requests for files, in their order; the last fault goes on for ever with
  /// `then_always`, else every later answer is right.
  void spoil_files(std::vector<AnswerFault> faults, bool then_always = false);

  /// Boots and connects; then `body` runs, in the main task. False when the power was cut.
  bool run(const std::function<void()>& body);
  /// One check in a session of its own: boots (the power was off, or is taken away), connects,
  /// checks. `no_update`, HTTP status 0, when the power was cut on the way.
  update::Report check();
  /// The same for the firmware of `run`: one check of the session.
  update::Report check_now();

  /// Takes the power away when the slot ota_1 is written behind `offset_bytes`, once.
  void cut_power_at(std::uint32_t offset_bytes, simulator::flash::Fault fault);
  /// Takes it away before anything changes in the partition with this label, once.
  void cut_power_in(const char* label) { guarded_ = label; }
  /// Lets `call` be called then instead, once: it must not block.
  void when_written(std::uint32_t offset_bytes, std::function<void()> call);

  /// Requests for files so far.
  [[nodiscard]] std::vector<ServedRequest> file_requests() const;
  /// Their fields Range, in order: "" for all of the file.
  [[nodiscard]] std::vector<std::string> ranges() const;

  /// Whether the slot ota_1 begins with this image, byte for byte.
  [[nodiscard]] bool holds(const SignedRelease& release) const;
  /// How often each sector of ota_1 that `release` takes was erased: the different numbers.
  [[nodiscard]] std::set<std::uint32_t> erase_counts(const SignedRelease& release);
  [[nodiscard]] std::uint32_t slot_address();
  /// How much of ota_1 had been written at each of the operations on the partition of NVS since
  /// the last call: the different lengths.
  [[nodiscard]] std::set<std::uint32_t> take_journal_places();
  /// The partition that the bootloader chooses now; the power is off then.
  [[nodiscard]] std::string slot_after_reboot();

  TestBoard& board() { return board_; }
  NativeServer& server() { return server_; }
  /// What each check goes by; a test may change it.
  update::Server address;
  update::Identity identity;
  update::Observer observer;

 private:
  simulator::flash::Fault on_operation(const simulator::flash::Operation& operation);

  TestBoard board_;
  NativeServer server_;
  const std::string keys_;           ///< not on the stack of the firmware, which a power cut drops
  std::uint32_t written_bytes_ = 0;  ///< of ota_1, since the last begin
  std::set<std::uint32_t> journal_places_;
  std::uint32_t trigger_bytes_ = UINT32_MAX;
  std::function<simulator::flash::Fault()> trigger_;
  const char* guarded_ = nullptr;
};

}  // namespace fuota::test

namespace fuota::update {

void PrintTo(Code code, std::ostream* out);

}  // namespace fuota::update
