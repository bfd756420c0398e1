#pragma once

namespace fuota::cli {

/// Exit statuses of `fuota`.
constexpr int kDone = 0;
constexpr int kFailed = 1;  ///< also when a release is not to be trusted
constexpr int kUsage = 2;

/// Runs the command that the arguments name: results go to standard output, one line that says what
/// went wrong and what to do to standard error. Returns the exit status.
[[nodiscard]] int run(int argc, char** argv);

}  // namespace fuota::cli
