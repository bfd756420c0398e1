#include "server/domain/update_state.hpp"

#include <array>

namespace fuota::server::domain {
namespace {

using protocol::ReportState;

struct Row {
  std::optional<ReportState> reported;
  UpdateState state;
};

constexpr std::array<Row, 6> kStates = {{
    {std::nullopt, UpdateState::offered},
    {ReportState::downloading, UpdateState::downloading},
    {ReportState::installed, UpdateState::installed},
    {ReportState::confirmed, UpdateState::confirmed},
    {ReportState::rolled_back, UpdateState::rolled_back},
    {ReportState::failed, UpdateState::failed},
}};

constexpr std::array<std::string_view, 7> kNames = {
    "offered", "downloading", "installed", "confirmed", "rolled_back", "failed", "done"};
static_assert(kNames.size() == static_cast<std::size_t>(UpdateState::done) + 1);

}  // namespace

UpdateState decide_update_state(const UpdateFacts& facts) {
  if (facts.running == facts.image) return UpdateState::done;
  for (const Row& row : kStates) {
    if (row.reported == facts.last_report) return row.state;
  }
  return UpdateState::offered;
}

std::string_view name_of(UpdateState state) {
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace fuota::server::domain
