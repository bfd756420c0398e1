#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "server/api/answer.hpp"

namespace fuota::server::api {

/// A body that comes in pieces of a given size, and breaks off after a given number of bytes.
class FakeBody final : public BodySource {
 public:
  explicit FakeBody(std::string bytes, std::size_t piece_bytes = 7,
                    std::size_t broken_after = std::string::npos)
      : bytes_(std::move(bytes)), piece_bytes_(piece_bytes), broken_after_(broken_after) {}

  boost::asio::awaitable<std::optional<std::size_t>> read(std::span<char> destination) override {
    was_read_ = true;
    if (used_ >= broken_after_) co_return std::nullopt;
    const std::size_t bytes = std::min({destination.size(), piece_bytes_, bytes_.size() - used_});
    std::copy_n(bytes_.data() + used_, bytes, destination.data());
    used_ += bytes;
    co_return bytes;
  }

  [[nodiscard]] bool was_read() const { return was_read_; }

 private:
  std::string bytes_;
  std::size_t piece_bytes_;
  std::size_t broken_after_;
  std::size_t used_ = 0;
  bool was_read_ = false;
};

}  // namespace fuota::server::api
