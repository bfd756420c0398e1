#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "nvs.h"
#include "simulator/flash/nvs/storage.hpp"
#include "simulator/flash/partitions.hpp"

namespace simulator::flash::nvs {

/// What ESP-IDF's nvs_flash component keeps in RAM for one power-on session: the partitions that
/// are initialized and the handles that are open. While it exists it is the current one, on which
/// the functions of nvs.h and nvs_flash.h act; one at a time. What each function returns is stated
/// there.
///
/// Tasks don't need a lock between them as on the chip: a flash operation lets the clock pass, but
/// no other task run.
class Driver {
 public:
  struct OpenNamespace {
    Storage* storage = nullptr;
    std::uint32_t partition_address = 0;
    std::uint8_t index = 0;
    bool is_read_only = true;
  };

  /// The partitions must outlive this.
  explicit Driver(Partitions& partitions);
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  /// Ends the process with a message when there is none.
  static Driver& current();
  static Driver* current_or_null();

  esp_err_t init(std::string_view label);
  esp_err_t deinit(std::string_view label);
  esp_err_t erase(std::string_view label);

  esp_err_t open(std::string_view label, std::string_view name, nvs_open_mode_t mode,
                 nvs_handle_t& handle);
  void close(nvs_handle_t handle) { handles_.erase(handle); }
  /// ESP_OK; kPowerLost.
  esp_err_t commit(const OpenNamespace& open_namespace);

  /// Null when the handle is not open. Good until it is closed.
  [[nodiscard]] const OpenNamespace* find(nvs_handle_t handle) const;
  /// Null when the partition is not initialized.
  [[nodiscard]] const Storage* storage(std::string_view label) const;

 private:
  struct Mounted {
    std::uint32_t address;
    std::unique_ptr<Storage> storage;
  };

  /// Null when there is no such NVS partition.
  [[nodiscard]] const esp_partition_t* partition(std::string_view label) const;

  Partitions& partitions_;
  std::map<std::string, Mounted, std::less<>> mounted_;  ///< by label
  std::map<nvs_handle_t, OpenNamespace> handles_;
  nvs_handle_t last_handle_ = 0;
};

}  // namespace simulator::flash::nvs
