#pragma once

#include <cstddef>
#include <cstdint>

#include "esp_partition.h"
#include "fuota_b/update.hpp"
#include "fuota_protocol/manifest.hpp"
#include "http_exchange.hpp"
#include "idf_port.hpp"
#include "image_checker.hpp"
#include "slot_writer.hpp"
#include "trial_record.hpp"

namespace fuota::update {

/// One image on its way from the server into the slot.
class Installation {
 public:
  /// What the image is to be.
  struct Target {
    const esp_partition_t* slot = nullptr;        ///< where it goes: not the running one
    std::uint16_t chip_id = 0;                    ///< of the chip that we are
    const protocol::Manifest* release = nullptr;  ///< what was signed; null: nothing was
  };

  /// `writer` is one for the slot and fresh. Everything outlives the installation.
  Installation(const Target& target, SlotWriter& writer, const Observer& observer);

  /// Reads the image from `exchange`, whose answer is 200, writes it, checks it, and makes the slot
  /// the one that is booted as the last act. `updated`, or why not; what is in the slot is not
  /// booted then. Once per object. Blocks as long as the download takes, and for the checks of the
  /// slot about 3 s per MB behind it.
  [[nodiscard]] Report run(HttpExchange& exchange);

 private:
  [[nodiscard]] Code check_length(const HttpExchange& exchange) const;
  [[nodiscard]] Report receive(HttpExchange& exchange);
  [[nodiscard]] Code take_note_of(const std::uint8_t* data, std::size_t bytes);
  [[nodiscard]] Code check_beginning(std::size_t bytes);
  [[nodiscard]] Report complete();
  [[nodiscard]] Code check_whole_file();
  [[nodiscard]] Report switch_slot();
  [[nodiscard]] bool is_installed_image() const;

  Target target_;
  SlotWriter& writer_;
  const Observer& observer_;
  Sha256 digest_;  ///< of the image as far as its own hash goes
  ImageChecker checker_;
  Sha256 file_digest_;  ///< of all that was received, for the manifest
  std::uint32_t file_bytes_ = 0;
  bool beginning_checked_ = false;
  TrialRecord::Sha256 elf_{};  ///< of the offered image's descriptor
};

}  // namespace fuota::update
