#include "server/http/peer_text.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace fuota::server::http {

PeerText::PeerText(const boost::asio::ip::tcp::endpoint& peer) {
  const boost::asio::ip::address address = peer.address();
  if (address.is_v4()) {
    std::string_view dot;
    for (const unsigned byte : address.to_v4().to_bytes()) {
      append(dot);
      append_number(byte);
      dot = ".";
    }
    address_end_ = end_;
    append(":");
  } else {
    append("[");
    address_begin_ = end_;
    append(address.to_string());
    address_end_ = end_;
    append("]:");
  }
  append_number(peer.port());
}

void PeerText::append(std::string_view text) {
  const std::size_t bytes = std::min(text.size(), text_.size() - end_);
  std::copy_n(text.data(), bytes, text_.data() + end_);
  end_ += bytes;
}

void PeerText::append_number(unsigned number) {
  char* const end = text_.data() + text_.size();
  const auto [written, error] = std::to_chars(text_.data() + end_, end, number);
  if (error == std::errc()) end_ = static_cast<std::size_t>(written - text_.data());
}

}  // namespace fuota::server::http
