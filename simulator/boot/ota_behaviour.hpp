#pragma once

#include "simulator/kernel/idf_version.hpp"

namespace simulator::boot {

/// Where versions of ESP-IDF's app_update/esp_ota_ops.c differ in a way that an application or the
/// flash can see.
struct OtaBehaviour {
  /// esp_ota_begin, v5.5 and later, with rollback: erases the otadata entry that is not active.
  bool begin_erases_inactive_entry = true;
  /// esp_ota_begin, v5.5 and later: takes data partitions too.
  bool begin_takes_data_partitions = true;
  /// esp_ota_begin, v5.5 and later: the handle exists, and is leaked, also when the erase fails.
  bool begin_leaks_handle_of_failed_erase = true;
  /// esp_ota_write, v4.4, with OTA_WITH_SEQUENTIAL_WRITES: a write that ends where a sector does
  /// erases the next sector too, which fails at the end of the partition; so does one of no bytes.
  bool write_erases_one_sector_too_many = false;
  /// esp_ota_set_boot_partition, v6.0: for the slot that is selected already, gives the active
  /// entry its new state in place, instead of writing an entry with the same number to the other
  /// sector.
  bool set_boot_rewrites_active_entry = false;

  static OtaBehaviour of(kernel::IdfVersion version) {
    OtaBehaviour behaviour;
    if (version == kernel::IdfVersion::v4_4) {
      behaviour.begin_erases_inactive_entry = false;
      behaviour.begin_takes_data_partitions = false;
      behaviour.begin_leaks_handle_of_failed_erase = false;
      behaviour.write_erases_one_sector_too_many = true;
    }
    behaviour.set_boot_rewrites_active_entry = version == kernel::IdfVersion::v6_0;
    return behaviour;
  }
};

}  // namespace simulator::boot
