#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "server/http/observer.hpp"

namespace fuota::server::http {

/// Tells the observer when the requests that were ready together on one thread are answered
/// (Observer::on_turn_end). All calls on the thread of `context`, which outlives it.
class Turn {
 public:
  Turn(boost::asio::io_context& context, Observer& observer)
      : context_(context), observer_(observer) {}

  /// The observer was told of a request.
  void request_told() noexcept {
    if (std::exchange(ending_, true)) return;
    try {
      // Behind all that is ready now.
      boost::asio::post(context_, [this] { end(); });
    } catch (const std::exception&) {
      end();
    }
  }

 private:
  void end() {
    ending_ = false;
    observer_.on_turn_end();
  }

  boost::asio::io_context& context_;
  Observer& observer_;
  bool ending_ = false;
};

}  // namespace fuota::server::http
