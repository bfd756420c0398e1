#include "tests/simulation/contact/contact_device.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "conn_wifi_b.h"
#include "esp_event.h"
#include "esp_netif.h"
#include "nvs_flash.h"
#include "simulator/boot/bootloader.hpp"
#include "tests/simulation/releases/release_draft.hpp"
#include "tests/simulation/update/update_server.hpp"

namespace fuota::update {

void PrintTo(Code code, std::ostream* out) {
  *out << name_of(code);
}

}  // namespace fuota::update

namespace fuota::test {
namespace {

using simulator::flash::Fault;
using simulator::flash::Operation;
using simulator::flash::OperationKind;
using simulator::flash::Partition;

bool is_in(const Operation& operation, const Partition& partition) {
  return operation.address >= partition.offset &&
         operation.address < partition.offset + partition.size;
}

/// Large enough that its first sector does not tell whether the rest is missing.
TestBoard::Options with_image_of_some_size(TestBoard::Options options) {
  options.image.size_bytes = 64 * 1024;
  return options;
}

void connect() {
  ASSERT_EQ(nvs_flash_init(), ESP_OK);
  ASSERT_EQ(esp_netif_init(), ESP_OK);
  ASSERT_EQ(esp_event_loop_create_default(), ESP_OK);
  ASSERT_EQ(cwb_connect_b(reinterpret_cast<const std::uint8_t*>("fuota_ap"),
                          reinterpret_cast<const std::uint8_t*>("fuota_pw"), 10'000),
            CWB_OK);
}

}  // namespace

ContactDevice::ContactDevice(TestBoard::Options options)
    : board_(with_image_of_some_size(std::move(options))),
      server_(board_.network()),
      keys_(public_line(release_key(0))) {
  board_.world().add(update_access_point());
  board_.flash().set_fault_hook(
      [this](const Operation& operation) { return on_operation(operation); });
  server_.add_device(kId);
  address.name = NativeServer::kHost;
  address.port = NativeServer::kPort;
  address.certificate_pem = kCertificate;
  address.username = "server_username";
  address.password = "server_password";
  identity.device_id = kId;
  identity.app_version = "0.1.0";
}

void ContactDevice::offer(const SignedRelease& release) {
  server_.upload(release.file_name, release.file);
  server_.assign(kId, release.release);
}

void ContactDevice::spoil_files(std::vector<AnswerFault> faults, bool then_always) {
  server_.spoil_with([faults = std::move(faults), then_always,
                      number = std::size_t{0}](const ServedRequest& request) mutable {
    if (request.kind != ServedRequest::Kind::file || faults.empty()) return AnswerFault{};
    const std::size_t now = number++;
    if (now < faults.size()) return faults[now];
    return then_always ? faults.back() : AnswerFault{};
  });
}

bool ContactDevice::run(const std::function<void()>& body) {
  return board_.run_until_returned([&body] {
    connect();
    if (!testing::Test::HasFatalFailure()) body();
  });
}

update::Report ContactDevice::check() {
  update::Report report;
  (void)run([&] { report = check_now(); });
  return report;
}

update::Report ContactDevice::check_now() {
  update::ReleasePolicy policy;
  EXPECT_EQ(update::parse_release_policy(keys_.c_str(), 1, policy), update::PolicyProblem::none);
  return update::check_and_update(address, identity, observer, policy);
}

Fault ContactDevice::on_operation(const Operation& operation) {
  const Partition& slot = *board_.partitions().find_label("ota_1");
  if (is_in(operation, *board_.partitions().find_label("nvs"))) {
    journal_places_.insert(written_bytes_);
  }
  if (guarded_ != nullptr && is_in(operation, *board_.partitions().find_label(guarded_))) {
    guarded_ = nullptr;
    return Fault::cut_before;
  }
  if (operation.kind != OperationKind::write || !is_in(operation, slot)) return Fault::none;
  const std::uint32_t end =
      operation.address + static_cast<std::uint32_t>(operation.length) - slot.offset;
  // The first bytes are written last.
  if (end > 16) written_bytes_ = end;
  if (end < trigger_bytes_) return Fault::none;
  trigger_bytes_ = UINT32_MAX;
  return trigger_();
}

void ContactDevice::cut_power_at(std::uint32_t offset_bytes, Fault fault) {
  trigger_bytes_ = offset_bytes;
  trigger_ = [fault] { return fault; };
}

void ContactDevice::when_written(std::uint32_t offset_bytes, std::function<void()> call) {
  trigger_bytes_ = offset_bytes;
  trigger_ = [call = std::move(call)] {
    call();
    return Fault::none;
  };
}

std::vector<ServedRequest> ContactDevice::file_requests() const {
  std::vector<ServedRequest> found;
  for (const ServedRequest& request : server_.requests()) {
    if (request.kind == ServedRequest::Kind::file) found.push_back(request);
  }
  return found;
}

std::vector<std::string> ContactDevice::ranges() const {
  std::vector<std::string> found;
  for (const ServedRequest& request : file_requests()) found.push_back(request.range);
  return found;
}

bool ContactDevice::holds(const SignedRelease& release) const {
  const auto slot = board_.content_of("ota_1");
  return std::equal(release.image.begin(), release.image.end(), slot.begin());
}

std::uint32_t ContactDevice::slot_address() {
  return board_.partitions().find_label("ota_1")->offset;
}

std::set<std::uint32_t> ContactDevice::erase_counts(const SignedRelease& release) {
  std::set<std::uint32_t> counts;
  for (std::uint32_t at = 0; at < release.image.size(); at += 4096) {
    counts.insert(board_.flash().erase_count(slot_address() + at));
  }
  return counts;
}

std::set<std::uint32_t> ContactDevice::take_journal_places() {
  return std::exchange(journal_places_, {});
}

std::string ContactDevice::slot_after_reboot() {
  board_.board().power_off();
  simulator::boot::BootOptions options;
  options.model = simulator::boot::find_chip("esp32");
  const auto result = simulator::boot::boot(board_.flash(), options);
  return result.partition ? result.partition->label : "none";
}

}  // namespace fuota::test
