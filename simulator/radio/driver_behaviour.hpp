#pragma once

#include "simulator/kernel/idf_version.hpp"

namespace simulator::radio {

/// Where versions of ESP-IDF's Wi-Fi driver differ in a way that an application can see
/// (esp_wifi/src/wifi_init.c, esp_wifi_types.h, docs/en/api-guides/wifi.rst).
struct DriverBehaviour {
  /// esp_wifi_init, v6.0: ESP_ERR_INVALID_STATE when called again. Before: ESP_OK.
  bool refuses_second_init = false;
  /// v5.5 and later: a password of 8 or more bytes makes WPA2 the least that is accepted unless a
  /// threshold is set, and any password excludes open access points. v4.4 takes an open access
  /// point of the same name.
  bool password_excludes_open = true;
  /// v5.5 and later: access points that exist but don't qualify are reasons 210 to 212. v4.4: 201,
  /// as if there were none.
  bool tells_why_none_qualifies = true;
  /// v5.5 and later: WIFI_EVENT_HOME_CHANNEL_CHANGE.
  bool posts_home_channel = true;

  static DriverBehaviour of(kernel::IdfVersion version) {
    DriverBehaviour behaviour;
    behaviour.refuses_second_init = version == kernel::IdfVersion::v6_0;
    const bool v4 = version == kernel::IdfVersion::v4_4;
    behaviour.password_excludes_open = !v4;
    behaviour.tells_why_none_qualifies = !v4;
    behaviour.posts_home_channel = !v4;
    return behaviour;
  }
};

}  // namespace simulator::radio
