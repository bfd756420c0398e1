#include "tests/simulation/campaign/update_life.hpp"

#include <algorithm>

extern "C" void app_main(void);

namespace fuota::test {

using simulator::chip::Board;
using simulator::flash::Fault;
using simulator::flash::Operation;
using simulator::net::Conditions;

namespace {

constexpr const char* kId = "00001";
constexpr const char* kFile = "f";
constexpr std::int64_t kMinuteUs = 60 * kSecondUs;

}  // namespace

UpdateLife::UpdateLife(const CampaignImages& images, const Scenario& scenario, std::uint64_t seed)
    : images_(images), scenario_(scenario), board_(options_for(images)) {
  board_.world().add(update_access_point());
  board_.set_firmware(&app_main);
  std::vector<simulator::chip::NvsValue> provisioned = {{"device_id", std::string(kId)},
                                                        {"server_cert", std::string(kCertificate)}};
  if (images.is_signed()) {
    native_.emplace(board_.network());
    provisioned.push_back({"trusted_keys", images.trusted_keys()});
    if (scenario_.fleet_key != nullptr) {
      provisioned.push_back({"fleet_key", std::string(scenario_.fleet_key)});
      native_->set_fleet_key(scenario_.fleet_key);
      native_->take_shared_user(false);
    }
  } else {
    compatible_.emplace(board_.network());
  }
  board_.provision(provisioned);
  scenario_.prepare(*this);
  board_.board().set_boot_listener(
      [this](const simulator::boot::BootResult&) { scenario_.on_boot(*this); });
  board_.flash().seed_torn_results(seed);
  operations_before_ = board_.flash().operation_count();
}

TestBoard::Options UpdateLife::options_for(const CampaignImages& images) {
  TestBoard::Options options;
  options.image.chip = images.chip();
  return options;
}

void UpdateLife::offer(const CampaignImages::Held& held) {
  if (native_) {
    native_->upload(kFile, held.file);
    native_->assign(kId, held.release);
  } else {
    compatible_->upload(kFile, held.image);
    compatible_->assign(kId, "0.1.0", kFile);
  }
}

void UpdateLife::set_trusting(bool trusting) {
  const auto choose = [trusting](unsigned) {
    Conditions conditions;
    if (!trusting) conditions.connect = Conditions::Connect::tls_refused;
    return conditions;
  };
  native_ ? native_->set_conditions(choose) : compatible_->set_conditions(choose);
}

UpdateLife::End UpdateLife::live(const std::vector<Cut>& cuts) {
  const std::int64_t recovery_us = scenario_.recovery_minutes * kMinuteUs;
  for (const Cut& cut : cuts) {
    const std::uint64_t index = board_.flash().operation_count() + cut.operation;
    board_.flash().set_fault_hook([index, fault = cut.fault](const Operation& operation) {
      return operation.index == index ? fault : Fault::none;
    });
    const Board::Ending ending = board_.run(recovery_us);
    if (ending == Board::Ending::nothing_bootable) return End::bricked;
    if (ending != Board::Ending::power_lost) break;
  }
  board_.flash().set_fault_hook({});
  if (board_.run(recovery_us) == Board::Ending::nothing_bootable) return End::bricked;
  if (!runs(images_.update()) || !scenario_.is_done(*this)) return End::unconverged;
  // What is confirmed outlasts a power cycle; a trial does not.
  board_.board().power_off();
  if (board_.run(kSecondUs) == Board::Ending::nothing_bootable) return End::bricked;
  return runs(images_.update()) ? End::confirmed : End::unconverged;
}

std::uint64_t UpdateLife::operations() {
  return board_.flash().operation_count() - operations_before_;
}

bool UpdateLife::runs(const CampaignImages::Held& held) {
  const auto& boot = board_.board().last_boot();
  if (!boot || !boot->partition) return false;
  const auto slot = board_.content_of(boot->partition->label).first(held.image.size());
  return std::equal(slot.begin(), slot.end(), held.image.begin());
}

}  // namespace fuota::test
