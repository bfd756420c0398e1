#pragma once

#include <boost/system/result.hpp>
#include <string>

namespace fuota::server::app {

/// Why the server doesn't start: one line that says what is wrong and what to do.
struct StartFailure {
  std::string line;
};

template <typename T>
using Result = boost::system::result<T, StartFailure>;

}  // namespace fuota::server::app
