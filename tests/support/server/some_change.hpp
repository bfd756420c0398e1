#pragma once

#include "server/domain/audit.hpp"

namespace test_support {

/// Who changes something, where a test doesn't care.
inline fuota::server::domain::Change some_change() {
  return {"user:anna", "192.0.2.7", fuota::server::domain::Time()};
}

}  // namespace test_support
