#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulator/flash/fault_hook.hpp"
#include "tests/simulation/campaign/campaign_images.hpp"
#include "tests/simulation/campaign/scenario.hpp"
#include "tests/simulation/update/update_server.hpp"
#include "tests/support/board/test_board.hpp"
#include "tests/support/native_server/native_server.hpp"

namespace fuota::test {

/// A board with the sample application in ota_0 and a server that offers it images, from power-on
/// until the update is confirmed. The server speaks layer 1, or natively where images are signed.
class UpdateLife {
 public:
  /// One cut of the power: at which operation on flash, counted from the boot before, and how.
  struct Cut {
    std::uint64_t operation;
    simulator::flash::Fault fault;
  };

  enum class End {
    confirmed,    ///< the update runs and stays, and the scenario is done
    bricked,      ///< there was a boot that found nothing to boot
    unconverged,  ///< left alone, it does not come there, or not for good
  };

  /// `images` and `scenario` must outlive it. `seed` fixes what torn operations leave behind.
  UpdateLife(const CampaignImages& images, const Scenario& scenario, std::uint64_t seed);

  /// Lives with these cuts, one after the other, and then without. A cut behind the last operation
  /// does not take place.
  [[nodiscard]] End live(const std::vector<Cut>& cuts);

  /// Operations on flash since the first power-on.
  [[nodiscard]] std::uint64_t operations();
  [[nodiscard]] std::string transcript() const { return board_.transcript(); }

  // For scenarios.

  [[nodiscard]] const CampaignImages& images() const { return images_; }
  /// From now on the server offers this one, in place of the one before.
  void offer(const CampaignImages::Held& held);
  /// Whether the image that runs trusts the server.
  void set_trusting(bool trusting);
  /// Whether the slot that runs holds this image.
  [[nodiscard]] bool runs(const CampaignImages::Held& held);
  /// Of signed campaigns only.
  [[nodiscard]] NativeServer& native_server() { return *native_; }

 private:
  static TestBoard::Options options_for(const CampaignImages& images);

  const CampaignImages& images_;
  const Scenario& scenario_;
  TestBoard board_;
  std::optional<UpdateServer> compatible_;
  std::optional<NativeServer> native_;  ///< one of the two
  std::uint64_t operations_before_;
};

}  // namespace fuota::test
