#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tests/support/native_server/native_server.hpp"

namespace fuota::test {

constexpr const char* kAcceptOffer = "Accept: application/vnd.fuota.offer+json, text/csv;q=0.5\r\n";

/// A client's end of one connection: gives the server bytes and keeps what comes back.
class RequestSender final : private simulator::net::PeerSide {
 public:
  explicit RequestSender(simulator::net::Network& network)
      : peer_(network.accept({NativeServer::kHost, NativeServer::kPort}).peer) {}

  /// What the server answers, at once. `field_lines` each end in CRLF.
  std::string send(std::string_view method_and_target, std::string_view field_lines = "",
                   std::string_view body = "") {
    return send_raw(
        std::string(method_and_target)
            .append(" HTTP/1.1\r\nHost: 192.168.1.41:50000\r\nAuthorization: Basic "
                    "c2VydmVyX3VzZXJuYW1lOnNlcnZlcl9wYXNzd29yZA==\r\n")
            .append(field_lines)
            .append(body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n")
            .append("\r\n")
            .append(body));
  }
  std::string send_raw(std::string_view request) {
    answer_.clear();
    peer_->on_data(*this, request);
    return answer_;
  }

  bool closed = false;
  bool was_reset = false;
  std::int64_t longest_pause_us = 0;

 private:
  void send(std::string_view bytes, std::int64_t after_us) override {
    if (closed || was_reset) return;
    answer_.append(bytes);
    longest_pause_us = std::max(longest_pause_us, after_us);
  }
  void close(std::int64_t) override { closed = true; }
  void reset(std::int64_t) override { was_reset = true; }

  std::unique_ptr<simulator::net::Peer> peer_;
  std::string answer_;
};

inline std::string body_of(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : answer.substr(end + 4);
}

/// A file of 1000 bytes, whose hash is made up, and a release that says to be it.
struct Shelf {
  static std::shared_ptr<const HeldFile> file(char beginning = 'a') {
    auto file = std::make_shared<HeldFile>();
    for (int i = 0; i < 1000; ++i) file->content += static_cast<char>(beginning + i % 26);
    file->sha256 = std::string(64, beginning);
    return file;
  }
  static std::shared_ptr<const HeldRelease> release() {
    auto release = std::make_shared<HeldRelease>();
    release->manifest = R"({"payload":"p","signatures":[]})";
    release->image = std::string(64, 'a');
    release->artifacts = HeldRelease::full_artifact("/files/f", 1000, release->image);
    return release;
  }
};

}  // namespace fuota::test
