#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "simulator/radio/access_point.hpp"

namespace simulator::app {

/// Reads `SSID[,key=value…]`, the value of --ap: password, rssi (dBm), channel, and the words
/// hidden, no-dhcp and absent. Without a password the network is open. Instead of an access point,
/// one line that says what is wrong.
[[nodiscard]] std::variant<radio::AccessPoint, std::string> parse_access_point(
    std::string_view text);

}  // namespace simulator::app
