#pragma once

#include <boost/system/result.hpp>
#include <string>

namespace fuota::cli {

/// Why a command did not do what it was asked for: one line that says what is wrong and what to do.
struct Failure {
  std::string line;
};

template <typename T>
using Result = boost::system::result<T, Failure>;

}  // namespace fuota::cli
