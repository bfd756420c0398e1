#pragma once

#include <cstddef>
#include <cstdint>

#include "esp_partition.h"
#include "fuota_b/update.hpp"
#include "fuota_protocol/manifest.hpp"
#include "http_connection.hpp"
#include "idf_port.hpp"
#include "image_checker.hpp"
#include "resume_record.hpp"
#include "slot_writer.hpp"
#include "trial_record.hpp"

namespace fuota::update {

/// One image on its way from the server into the slot, in one piece or in several.
class Installation {
 public:
  /// What the image is to be.
  struct Target {
    const esp_partition_t* slot = nullptr;        ///< where it goes: not the running one
    std::uint16_t chip_id = 0;                    ///< of the chip that we are
    const protocol::Manifest* release = nullptr;  ///< what was signed; null: nothing was
    const UpdateSubject* update = nullptr;        ///< which update it is; not null
  };

  /// `writer` is one for the slot. Everything outlives the installation.
  Installation(const Target& target, SlotWriter& writer, const Observer& observer);

  /// Begins anew, with nothing received. `updated`, or `no_memory`. First of all, and once.
  [[nodiscard]] Code begin();

  /// Begins with what the slot holds by the account of `record`, which is about this image: all of
  /// it is read and checked like bytes that arrive, 1 s per MB. `updated`, `flash`, or what is
  /// wrong with the bytes. After `begin`, at most once.
  [[nodiscard]] Code restore(const ResumeRecord& record);

  /// How much of the file is there: where the next piece begins.
  [[nodiscard]] std::uint32_t received_bytes() const { return file_bytes_; }

  /// Reads a piece of the file from `connection`, whose answer is its body but for the first
  /// `skipped_bytes`, and writes it; a signed one leaves a trail in the journal of downloads.
  /// `updated` when the image is whole. Otherwise why not; after `short_read` and `too_slow`,
  /// another piece can follow. Blocks as long as the download takes.
  [[nodiscard]] Report receive(HttpConnection& connection, std::uint32_t skipped_bytes);

  /// Checks all of it and makes the slot the one that is booted, as the last act. `updated`, or why
  /// not; what is in the slot is not booted then. Blocks about 3 s per MB.
  [[nodiscard]] Report complete();

 private:
  [[nodiscard]] Code check_length(const HttpConnection& connection) const;
  [[nodiscard]] Report read_piece(HttpConnection& connection, std::uint32_t skipped_bytes);
  [[nodiscard]] Report take(std::size_t bytes);
  [[nodiscard]] Code take_note_of(const std::uint8_t* data, std::size_t bytes);
  [[nodiscard]] Code check_beginning(const std::uint8_t* data, std::size_t bytes);
  void write_journal() const;
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
