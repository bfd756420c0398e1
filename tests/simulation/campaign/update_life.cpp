#include "tests/simulation/campaign/update_life.hpp"

#include <utility>

#include "simulator/boot/chip_model.hpp"

extern "C" void app_main(void);

namespace fuota::test {

using simulator::chip::Board;
using simulator::flash::Fault;
using simulator::flash::Operation;

UpdateLife::UpdateLife(const Image& update, std::uint64_t seed)
    : board_(options_for(update)), server_(board_.network()) {
  board_.world().add(update_access_point());
  board_.set_firmware(&app_main);
  board_.provision(
      {{"device_id", std::string("00001")}, {"server_cert", std::string(kCertificate)}});
  server_.assign("00001", "0.1.0", "f");
  server_.upload("f", update);
  board_.flash().seed_torn_results(seed);
  operations_before_ = board_.flash().operation_count();
}

TestBoard::Options UpdateLife::options_for(const Image& update) {
  constexpr std::size_t kChipIdOffset = 12;  // esp_image_header_t (esp_app_format.h)
  const auto id =
      static_cast<std::uint16_t>(update.at(kChipIdOffset) | update.at(kChipIdOffset + 1) << 8);
  TestBoard::Options options;
  if (const auto* chip = simulator::boot::find_chip(id)) options.image.chip = chip->name;
  return options;
}

UpdateLife::End UpdateLife::live(const std::vector<Cut>& cuts) {
  for (const Cut& cut : cuts) {
    const std::uint64_t index = board_.flash().operation_count() + cut.operation;
    board_.flash().set_fault_hook([index, fault = cut.fault](const Operation& operation) {
      return operation.index == index ? fault : Fault::none;
    });
    const Board::Ending ending = board_.run(kRecoveryUs);
    if (ending == Board::Ending::nothing_bootable) return End::bricked;
    if (ending != Board::Ending::power_lost) break;
  }
  board_.flash().set_fault_hook({});
  if (board_.run(kRecoveryUs) == Board::Ending::nothing_bootable) return End::bricked;
  if (!runs_update()) return End::unconverged;
  // What is confirmed outlasts a power cycle; a trial does not.
  board_.board().power_off();
  if (board_.run(kSecondUs) == Board::Ending::nothing_bootable) return End::bricked;
  return runs_update() ? End::confirmed : End::unconverged;
}

std::uint64_t UpdateLife::operations() {
  return board_.flash().operation_count() - operations_before_;
}

bool UpdateLife::runs_update() {
  const auto& boot = board_.board().last_boot();
  return boot && boot->partition && boot->partition->label == "ota_1";
}

}  // namespace fuota::test
