#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulator/flash/fault_hook.hpp"
#include "tests/simulation/update/update_server.hpp"
#include "tests/support/board/test_board.hpp"

namespace fuota::test {

/// A board with the sample application in ota_0 and a server that offers it an update, from
/// power-on until the update is confirmed in ota_1.
class UpdateLife {
 public:
  /// One cut of the power: at which operation on flash, counted from the boot before, and how.
  struct Cut {
    std::uint64_t operation;
    simulator::flash::Fault fault;
  };

  enum class End {
    confirmed,    ///< the update runs and stays
    bricked,      ///< there was a boot that found nothing to boot
    unconverged,  ///< left alone for kRecoveryUs, it does not run the update, or not for good
  };

  /// `update` is an application image, for any chip that images can be built for. `seed` fixes what
  /// torn operations leave behind.
  UpdateLife(const Image& update, std::uint64_t seed);

  /// Lives with these cuts, one after the other, and then without. A cut behind the last operation
  /// does not take place.
  [[nodiscard]] End live(const std::vector<Cut>& cuts);

  /// Operations on flash since the first power-on.
  [[nodiscard]] std::uint64_t operations();
  [[nodiscard]] std::string transcript() const { return board_.transcript(); }

  /// More than a download of the largest image, three trials and the waits between take.
  static constexpr std::int64_t kRecoveryUs = 20 * 60 * kSecondUs;

 private:
  static TestBoard::Options options_for(const Image& update);
  [[nodiscard]] bool runs_update();

  TestBoard board_;
  UpdateServer server_;
  std::uint64_t operations_before_;
};

}  // namespace fuota::test
