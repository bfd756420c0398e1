#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "tests/support/image_builder/image_builder.hpp"
#include "tests/support/native_server/native_server.hpp"

namespace fuota::test {

/// A signed release, as an operator hands it to a server. Made once per process.
struct SignedRelease {
  Image image;
  std::string file_name;
  std::shared_ptr<const HeldFile> file;
  std::shared_ptr<const HeldRelease> release;
};

/// `size_bytes` is a multiple of 16. The counter is 0.
[[nodiscard]] const SignedRelease& signed_release(const std::string& version,
                                                  std::size_t size_bytes);

}  // namespace fuota::test
