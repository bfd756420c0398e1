#include "simulator/app/end_condition.hpp"

namespace simulator::app {

bool EndCondition::is_reached(const Observation& now) {
  if (until_ != Until::idle && until_ != Until::updated) return false;
  if (now.boots != boots_) {
    boots_ = now.boots;
    off_since_us_ = -1;
  }
  if (now.has_address || now.connections == 0) {
    off_since_us_ = -1;
    return false;
  }
  if (off_since_us_ < 0) off_since_us_ = now.now_us;
  if (now.now_us - off_since_us_ < kIdleUs) return false;
  return until_ == Until::idle || now.running_is_new;
}

}  // namespace simulator::app
