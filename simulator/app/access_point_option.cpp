#include "simulator/app/access_point_option.hpp"

#include <charconv>
#include <optional>

namespace simulator::app {
namespace {

using radio::AccessPoint;

constexpr std::size_t kSsidBytesMax = 32;

std::optional<int> number(std::string_view text, int least, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (value < least || value > most) return std::nullopt;
  return value;
}

/// Applies one part behind the SSID; says what is wrong with it, or nothing.
std::string apply(std::string_view part, AccessPoint& access_point) {
  const std::size_t equals = part.find('=');
  const std::string_view key = part.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1);
  if (key == "hidden") {
    access_point.hidden = true;
  } else if (key == "no-dhcp") {
    access_point.dhcp.answers = false;
  } else if (key == "absent") {
    access_point.present = false;
  } else if (key == "password") {
    if (value.size() < 8 || value.size() > 64) return "a password has 8 to 64 characters";
    access_point.password = value;
    access_point.authmode = WIFI_AUTH_WPA2_PSK;
  } else if (key == "rssi") {
    const auto rssi = number(value, -127, 0);
    if (!rssi) return "rssi is a number of dBm from -127 to 0";
    access_point.rssi = static_cast<std::int8_t>(*rssi);
  } else if (key == "channel") {
    const auto channel = number(value, 1, 13);
    if (!channel) return "channel is a number from 1 to 13";
    access_point.channel = static_cast<std::uint8_t>(*channel);
  } else {
    return "\"" + std::string(key) +
           "\" is none of password=, rssi=, channel=, hidden, no-dhcp, absent";
  }
  return {};
}

}  // namespace

std::variant<AccessPoint, std::string> parse_access_point(std::string_view text) {
  AccessPoint access_point;
  access_point.authmode = WIFI_AUTH_OPEN;
  std::size_t comma = text.find(',');
  access_point.ssid = text.substr(0, comma);
  if (access_point.ssid.empty() || access_point.ssid.size() > kSsidBytesMax) {
    return std::string("an SSID has 1 to 32 bytes");
  }
  while (comma != std::string_view::npos) {
    text.remove_prefix(comma + 1);
    comma = text.find(',');
    if (std::string problem = apply(text.substr(0, comma), access_point); !problem.empty()) {
      return problem;
    }
  }
  return access_point;
}

}  // namespace simulator::app
