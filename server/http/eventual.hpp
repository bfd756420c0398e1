#pragma once

#include <boost/asio/awaitable.hpp>
#include <utility>
#include <variant>

namespace fuota::server::http {

/// What a function returns that has to wait at times only: its result, or the coroutine that will
/// give it. A coroutine costs memory for its frame and a detour through its executor, more than
/// most answers to a device do otherwise.
template <typename T>
class Eventual {
 public:
  using Coming = boost::asio::awaitable<T>;

  // Implicit, since both stand for it as they are.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Eventual(T result) : state_(std::in_place_index<0>, std::move(result)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Eventual(Coming coming) : state_(std::in_place_index<1>, std::move(coming)) {}

  /// The result, if it is there; else null, and `coming` is to be awaited.
  [[nodiscard]] T* result() { return std::get_if<0>(&state_); }
  [[nodiscard]] Coming coming() { return std::move(std::get<1>(state_)); }

 private:
  std::variant<T, Coming> state_;
};

}  // namespace fuota::server::http
