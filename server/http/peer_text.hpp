#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <string_view>

namespace fuota::server::http {

/// A client's address as the log and the handlers have it. Each request needs it, so that of an
/// IPv4 address is made without the C library's formatting.
class PeerText {
 public:
  explicit PeerText(const boost::asio::ip::tcp::endpoint& peer);

  /// 192.0.2.1 or 2001:db8::1.
  [[nodiscard]] std::string_view address() const {
    return {text_.data() + address_begin_, address_end_ - address_begin_};
  }

  /// 192.0.2.1:49152 or [2001:db8::1]:49152.
  [[nodiscard]] std::string_view with_port() const { return {text_.data(), end_}; }

 private:
  void append(std::string_view text);
  void append_number(unsigned number);

  /// The longest: an IPv6 address of 45 characters with the number of a zone, and a port.
  static constexpr std::size_t kBytesMax = 80;

  std::array<char, kBytesMax> text_;
  std::size_t address_begin_ = 0;
  std::size_t address_end_ = 0;
  std::size_t end_ = 0;
};

}  // namespace fuota::server::http
