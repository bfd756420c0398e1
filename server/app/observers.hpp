#pragma once

#include <utility>
#include <vector>

#include "server/http/observer.hpp"

namespace fuota::server::app {

/// Tells everything to each of its observers, in their order. They outlive it.
class Observers final : public http::Observer {
 public:
  explicit Observers(std::vector<http::Observer*> observers) : observers_(std::move(observers)) {}

  void on_connection(http::ConnectionEvent event) override {
    for (http::Observer* observer : observers_) observer->on_connection(event);
  }
  void on_handshake(http::HandshakeOutcome outcome, std::chrono::microseconds duration) override {
    for (http::Observer* observer : observers_) observer->on_handshake(outcome, duration);
  }
  void on_request(const http::AccessRecord& record) override {
    for (http::Observer* observer : observers_) observer->on_request(record);
  }
  void on_turn_end() override {
    for (http::Observer* observer : observers_) observer->on_turn_end();
  }
  void on_event(http::Severity severity, std::string_view what) override {
    for (http::Observer* observer : observers_) observer->on_event(severity, what);
  }

 private:
  const std::vector<http::Observer*> observers_;
};

}  // namespace fuota::server::app
