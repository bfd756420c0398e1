#pragma once

#include "esp_wifi.h"

namespace fuota::app {

/// The power save of the Wi-Fi driver. By default the radio sleeps between the beacons of the AP,
/// which makes a download several times as long.
class PowerSave {
 public:
  /// Switches it off and remembers what was set. Only while Wi-Fi is started. A driver that refuses
  /// costs time, nothing else: that is logged.
  void suspend();

  /// Sets what was set before `suspend`; nothing when that failed.
  void resume();

 private:
  wifi_ps_type_t before_ = WIFI_PS_NONE;
};

}  // namespace fuota::app
