#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "server/domain/content_digest.hpp"

namespace fuota::server::domain {

/// UTC, in the whole seconds that the server shows.
using Time = std::chrono::sys_seconds;

/// What a device says that it runs. That it says so itself, at a check, is the only proof that an
/// update has succeeded.
struct RunningImage {
  std::string version;
  ContentDigest sha256{};

  friend bool operator==(const RunningImage&, const RunningImage&) = default;
};

/// What a device has said last, and since when it has said the same.
struct Running {
  RunningImage image;
  Time since;

  friend bool operator==(const Running&, const Running&) = default;
};

/// Whether what a device says now differs from what is known of it, and is to be remembered.
[[nodiscard]] inline bool is_news(const std::optional<Running>& known, const RunningImage& said) {
  return !known || known->image != said;
}

}  // namespace fuota::server::domain
