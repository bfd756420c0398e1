#pragma once

#include <array>
#include <cstdint>
#include <list>

#include "esp_app_desc.h"
#include "esp_ota_ops.h"
#include "simulator/boot/chip_model.hpp"
#include "simulator/boot/image.hpp"
#include "simulator/boot/ota_behaviour.hpp"
#include "simulator/boot/otadata.hpp"
#include "simulator/flash/partitions.hpp"

namespace simulator::boot {

/// How the running application was built.
struct ApplicationOptions {
  const ChipModel* model = nullptr;  ///< of the board; not null
  /// CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE
  bool rollback = true;
  kernel::IdfVersion idf = kernel::IdfVersion::v5_5;
};

/// An update that esp_ota_begin began.
struct Update {
  esp_ota_handle_t handle = 0;
  const esp_partition_t* partition = nullptr;
  bool erases_as_it_writes = false;
  std::uint32_t written_bytes = 0;
};

/// The running image and its view of the boot slots: the state of ESP-IDF's app_update and
/// esp_app_format components for one power-on session. While it exists it is the current one, on
/// which the functions of esp_ota_ops.h, esp_app_desc.h and esp_image_format.h act; one at a time.
class Application {
 public:
  /// `partitions` is that of the same session, must outlive this object, and names the partition
  /// that runs: its image is the source of the description.
  Application(flash::Partitions& partitions, const ApplicationOptions& options);
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  /// Ends the process with a message when there is none.
  static Application& current();
  static Application* current_or_null();

  [[nodiscard]] const ApplicationOptions& options() const { return options_; }
  [[nodiscard]] const OtaBehaviour& behaviour() const { return behaviour_; }
  [[nodiscard]] const esp_partition_t* running() const { return partitions_.running(); }
  /// What is at the place of the description in the running image.
  [[nodiscard]] const esp_app_desc_t& description() const { return description_; }

  /// Checks an image in the flash with the application's log and clock.
  esp_err_t examine(ImageUse use, const esp_partition_pos_t& part, esp_image_metadata_t& image);
  [[nodiscard]] bool is_good(const esp_partition_t& partition, ImageUse use);
  /// Lets the clock pass for the task that runs, if one does.
  static void spend(std::int64_t duration_us);

  /// Updates in progress are part of the session, since a power cut drops the task that made them.
  Update& begin_update(const esp_partition_t& partition, bool erases_as_it_writes);
  /// Null for a handle that is not known.
  Update* find_update(esp_ota_handle_t handle);
  void forget_update(esp_ota_handle_t handle);

 private:
  flash::Partitions& partitions_;
  ApplicationOptions options_;
  OtaBehaviour behaviour_;
  esp_app_desc_t description_{};
  std::list<Update> updates_;
  esp_ota_handle_t last_handle_ = 0;
};

}  // namespace simulator::boot
