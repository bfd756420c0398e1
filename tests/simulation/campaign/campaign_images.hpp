#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "tests/support/image_builder/image_builder.hpp"
#include "tests/support/native_server/native_server.hpp"

namespace fuota::test {

/// The images of a campaign as a server holds them: made, hashed and signed once.
class CampaignImages {
 public:
  struct Held {
    Image image;
    std::shared_ptr<const HeldFile> file;        ///< null unless signed
    std::shared_ptr<const HeldRelease> release;  ///< null unless signed
  };

  /// `update` is the image that a device is to come to: an application image, for any chip that
  /// images can be built for. `is_signed`: devices trust one release key, by which all are signed.
  CampaignImages(Image update, bool is_signed);

  [[nodiscard]] bool is_signed() const { return !trusted_keys_.empty(); }
  /// As they are provisioned; empty unless signed.
  [[nodiscard]] const std::string& trusted_keys() const { return trusted_keys_; }
  /// ESP-IDF's name of the chip that the images are for.
  [[nodiscard]] const std::string& chip() const { return chip_; }
  [[nodiscard]] const Held& update() const { return update_; }
  /// The same, signed by another key, which only `signed_root` names. Null unless signed.
  [[nodiscard]] const Held& rotated_update() const { return rotated_update_; }
  /// The first root document. Empty unless signed.
  [[nodiscard]] const std::string& signed_root() const { return signed_root_; }
  /// A small one that turns out badly.
  [[nodiscard]] const Held& failing() const { return failing_; }

 private:
  [[nodiscard]] Held hold(Image image, std::uint32_t counter, std::size_t key) const;

  std::string chip_ = "esp32";
  std::string trusted_keys_;
  std::string signed_root_;
  Held update_;
  Held rotated_update_;
  Held failing_;
};

}  // namespace fuota::test
