#include "tests/simulation/native/native_device.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <utility>

#include "simulator/boot/otadata.hpp"
#include "tests/simulation/update/update_server.hpp"

extern "C" void app_main(void);

namespace fuota::test {

using simulator::chip::Board;
using simulator::flash::Fault;
using simulator::flash::Operation;

NativeDevice::NativeDevice(const Keys& keys) : server_(board_.network()), firmware_(&app_main) {
  board_.world().add(update_access_point());
  board_.set_firmware([this] { run_firmware(); });
  board_.provision({{"device_id", std::string(kId)}, {"server_cert", std::string(kCertificate)}});
  provision(keys);
  server_.add_device(kId);
  board_.board().set_boot_listener([this](const simulator::boot::BootResult& boot) {
    if (boot.partition->label == "ota_1") ++boots_of_new_image_;
  });
}

void NativeDevice::run_firmware() {
  firmware_();
  if (runs("ota_1") && in_new_image_) in_new_image_();
}

void NativeDevice::run_aside(const std::function<void()>& body) {
  EXPECT_TRUE(board_.run_to_end(body)) << board_.transcript();
  board_.set_firmware([this] { run_firmware(); });
}

void NativeDevice::provision(const Keys& keys) {
  std::string lines;
  for (const std::size_t number : keys.numbers) {
    lines += (lines.empty() ? "" : " ") + public_line(release_key(number));
  }
  board_.provision({{"trusted_keys", lines}, {"key_threshold", keys.threshold}});
  if (keys.version) board_.provision({{"key_version", *keys.version}});
}

Image NativeDevice::image(const std::string& version) {
  ImageOptions options = TestBoard::small_image();
  options.version = version;
  options.seed = std::hash<std::string>{}(version);
  return build_image(options);
}

ReleaseDraft NativeDevice::release(const std::string& version) {
  ReleaseDraft draft(image(version));
  if (!draft.manifest.version.assign(version)) std::abort();
  return draft;
}

void NativeDevice::offer(const ReleaseDraft& draft) {
  auto file = std::make_shared<HeldFile>();
  file->content.assign(draft.file.begin(), draft.file.end());
  file->sha256 = hexadecimal(sha256_of(draft.file));
  auto release = std::make_shared<HeldRelease>();
  release->manifest = draft.signed_manifest();
  release->image = hexadecimal(draft.manifest.sha256);
  release->artifacts = HeldRelease::full_artifact(draft.url, draft.file.size(), file->sha256);
  server_.upload("f", std::move(file));
  server_.assign(kId, std::move(release));
}

bool NativeDevice::run_until(const std::function<bool()>& is_reached, std::int64_t duration_us) {
  for (std::int64_t passed_us = 0; !is_reached(); passed_us += kSecondUs) {
    if (passed_us >= duration_us) return false;
    (void)board_.run(kSecondUs);
  }
  return true;
}

Board::Ending NativeDevice::cut_and_run(std::int64_t duration_us) {
  board_.board().power_off();
  return board_.run(duration_us);
}

void NativeDevice::cut_at(std::uint64_t operation, Fault fault) {
  const std::uint64_t index = board_.flash().operation_count() + operation;
  board_.flash().set_fault_hook(
      [index, fault](const Operation& now) { return now.index == index ? fault : Fault::none; });
}

bool NativeDevice::runs(std::string_view label) {
  const auto& boot = board_.board().last_boot();
  return boot && boot->partition && boot->partition->label == label;
}

bool NativeDevice::has_confirmed(std::string_view label) {
  simulator::boot::Otadata otadata;
  const auto entries = board_.content_of("otadata");
  for (std::size_t i = 0; i < otadata.size(); ++i) {
    std::memcpy(&otadata[i], entries.data() + i * simulator::flash::kSectorBytes,
                sizeof otadata[i]);
  }
  const auto active = simulator::boot::active_entry(otadata);
  if (!active) return false;
  const auto& entry = otadata[static_cast<std::size_t>(*active)];
  const unsigned slot = label == "ota_0" ? 0 : 1;
  return simulator::boot::slot_of(entry, 2) == slot && entry.ota_state == ESP_OTA_IMG_VALID;
}

std::vector<protocol::UpdateReport> NativeDevice::reports() const {
  std::vector<protocol::UpdateReport> reports;
  for (const ReceivedReport& received : server_.reports()) {
    if (!received.is_repeat) reports.push_back(protocol::parse_report(received.body).report);
  }
  return reports;
}

std::vector<std::string> NativeDevice::story() const {
  std::vector<std::string> story;
  for (const protocol::UpdateReport& report : reports()) {
    std::string words(protocol::name_of(report.state));
    if (!report.code.empty()) words.append(": ").append(report.code.view());
    story.push_back(std::move(words));
  }
  return story;
}

void NativeDevice::expect_no_gap(std::uint32_t first) const {
  const std::vector<protocol::UpdateReport> all = reports();
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].stream, all.front().stream) << "report " << i;
    EXPECT_EQ(all[i].sequence, first + i);
  }
}

std::vector<std::string> NativeDevice::told_in_checks(std::string_view parameter) const {
  std::vector<std::string> told;
  for (const ServedRequest& request : server_.requests()) {
    if (request.kind != ServedRequest::Kind::check) continue;
    told.push_back(request.parameter(parameter).value_or("absent"));
  }
  return told;
}

AnswerFault status_fault(int status) {
  AnswerFault fault;
  fault.kind = AnswerFault::Kind::status;
  fault.number = static_cast<std::uint64_t>(status);
  return fault;
}

}  // namespace fuota::test
