#pragma once

#include <cassert>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace fuota::server::http {

/// The bytes that were received and not yet used, in one block of fixed size:
///
///     | pinned | used | unread | room |
///
/// What is pinned stays where it is until `unpin`, so that views into it stay valid.
class ReceiveBuffer {
 public:
  explicit ReceiveBuffer(std::size_t bytes)
      : block_(std::make_unique_for_overwrite<char[]>(bytes)), bytes_(bytes) {}

  [[nodiscard]] std::string_view unread() const { return {block_.get() + begin_, end_ - begin_}; }

  void consume(std::size_t bytes) {
    assert(bytes <= end_ - begin_);
    begin_ += bytes;
  }

  /// Where more can be received; empty when the unread bytes fill all that is not pinned. Moves
  /// the unread bytes.
  [[nodiscard]] std::span<char> room() {
    compact();
    return {block_.get() + end_, bytes_ - end_};
  }

  void received(std::size_t bytes) {
    assert(bytes <= bytes_ - end_);
    end_ += bytes;
  }

  /// Pins all that was consumed.
  void pin() { pinned_ = begin_; }

  /// Gives back what was pinned, and moves the unread bytes to its place: what is pinned next takes
  /// no more room than it needs.
  void unpin() {
    pinned_ = 0;
    compact();
  }

 private:
  void compact() {
    if (begin_ == pinned_) return;
    std::memmove(block_.get() + pinned_, block_.get() + begin_, end_ - begin_);
    end_ -= begin_ - pinned_;
    begin_ = pinned_;
  }

  std::unique_ptr<char[]> block_;
  std::size_t bytes_;
  std::size_t pinned_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace fuota::server::http
