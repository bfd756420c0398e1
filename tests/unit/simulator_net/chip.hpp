#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "esp_http_client.h"
#include "esp_tls.h"
#include "simulator/kernel/session.hpp"
#include "simulator/net/http_stack.hpp"
#include "simulator/net/network.hpp"
#include "simulator/net/peer.hpp"

namespace simulator::net {

using kernel::IdfVersion;

constexpr std::int64_t kMillisecond = 1'000;
constexpr std::int64_t kSecond = 1'000'000;

class TestLink final : public Link {
 public:
  [[nodiscard]] LinkStatus status() const override { return status_; }
  [[nodiscard]] std::int64_t hears_at_us(std::int64_t at_us) const override {
    return (at_us + sleeps_us - 1) / sleeps_us * sleeps_us;
  }
  /// Hears only at multiples of it.
  std::int64_t sleeps_us = 1;
  void set(LinkStatus status) {
    status_ = status;
    if (HttpStack* stack = HttpStack::current_or_null()) stack->link_changed();
  }

 private:
  LinkStatus status_ = LinkStatus::up;
};

/// One power-on session with a network.
class Chip {
 public:
  explicit Chip(Network& network, IdfVersion idf = IdfVersion::v5_5,
                std::size_t heap_bytes = 300'000)
      : session_(session_options(heap_bytes)), stack_(network, link, HttpBehaviour::of(idf)) {}

  /// Runs `body` as a task until it returns, for at most `seconds` of virtual time.
  void run(std::function<void()> body, std::int64_t seconds = 100'000) {
    bool done = false;
    session_.scheduler().spawn("test", 10240, 1, [&] {
      body();
      done = true;
      session_.scheduler().request_stop();
      session_.scheduler().yield();
    });
    session_.run(now_us() + seconds * kSecond);
    if (!done) ADD_FAILURE() << "the task did not come back";
  }

  /// Calls `happening` when so much time has passed.
  void after(std::int64_t delay_us, std::function<void()> happening) {
    session_.scheduler().call_at(now_us() + delay_us, std::move(happening));
  }

  std::int64_t now_us() { return session_.scheduler().now_us(); }
  kernel::Session& session() { return session_; }
  HttpStack& stack() { return stack_; }

  std::vector<std::string> console;
  TestLink link;

 private:
  kernel::Session::Options session_options(std::size_t heap_bytes) {
    kernel::Session::Options options;
    options.heap_bytes = heap_bytes;
    options.console = [this](std::string_view line) { console.emplace_back(line); };
    return options;
  }

  kernel::Session session_;
  HttpStack stack_;
};

/// A client as an application has it, with a log of its events.
class Client {
 public:
  explicit Client(const std::string& url,
                  const std::function<void(esp_http_client_config_t&)>& edit = {}) {
    esp_http_client_config_t config{};
    config.url = url.c_str();
    config.event_handler = on_event;
    config.user_data = this;
    if (edit) edit(config);
    handle = esp_http_client_init(&config);
  }
  ~Client() { esp_http_client_cleanup(handle); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Opens, sends, fetches the headers; what fetch_headers gives.
  std::int64_t get() {
    EXPECT_EQ(esp_http_client_open(handle, 0), ESP_OK);
    return esp_http_client_fetch_headers(handle);
  }

  /// All of the body, by reads of `size` bytes until one gives 0 or less, which is in `last_read`.
  std::string read_all(int size = 100) {
    std::string body;
    std::vector<char> buffer(static_cast<std::size_t>(size));
    while ((last_read = esp_http_client_read(handle, buffer.data(), size)) > 0) {
      body.append(buffer.data(), static_cast<std::size_t>(last_read));
    }
    return body;
  }

  esp_http_client_handle_t handle = nullptr;
  int last_read = 0;
  std::vector<std::string> events;
  /// The data of the last HTTP_EVENT_ERROR or HTTP_EVENT_DISCONNECTED.
  esp_tls_error_handle_t error = nullptr;

 private:
  static esp_err_t on_event(esp_http_client_event_t* event) {
    Client& client = *static_cast<Client*>(event->user_data);
    auto& events = client.events;
    if (event->event_id == HTTP_EVENT_ERROR || event->event_id == HTTP_EVENT_DISCONNECTED) {
      client.error = static_cast<esp_tls_error_handle_t>(event->data);
    }
    static constexpr const char* kNames[] = {"ERROR",   "ON_CONNECTED", "HEADERS_SENT", "ON_HEADER",
                                             "ON_DATA", "ON_FINISH",    "DISCONNECTED"};
    const auto id = static_cast<std::size_t>(event->event_id);
    std::string text = id < std::size(kNames) ? kNames[id] : "unknown " + std::to_string(id);
    if (event->event_id == HTTP_EVENT_ON_HEADER) {
      text += std::string(" ") + event->header_key + "=" + event->header_value;
    }
    if (event->event_id == HTTP_EVENT_ON_DATA) text += " " + std::to_string(event->data_len);
    events.push_back(text);
    return ESP_OK;
  }
};

const Endpoint kServer{"192.168.1.41", 50000};
constexpr char kUrl[] = "http://192.168.1.41:50000/x";

/// Answers every request with the same bytes, and keeps the requests.
class FixedServer {
 public:
  explicit FixedServer(Network& network, std::string answer, bool close = true,
                       Endpoint endpoint = kServer) {
    network.listen(std::move(endpoint), [this, answer = std::move(answer), close] {
      ++connections;
      return std::make_unique<HttpPeer>([this, answer, close](const PeerRequest& request) {
        requests.push_back(request);
        return PeerAnswer{answer, close};
      });
    });
  }
  FixedServer(const FixedServer&) = delete;
  FixedServer& operator=(const FixedServer&) = delete;

  std::vector<PeerRequest> requests;
  unsigned connections = 0;
};

}  // namespace simulator::net
