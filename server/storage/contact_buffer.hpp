#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "server/domain/contact.hpp"
#include "server/storage/store.hpp"

namespace fuota::server::storage {

/// The contacts that aren't durable yet: the newest one of each device. Any thread may record and
/// find; one at a time takes them for a batch, and says what became of it.
class ContactBuffer {
 public:
  using Contacts = std::unordered_map<std::string, domain::Contact>;

  /// Holds the contacts of at most `devices_max` devices, at least 1; a batch under way counts.
  /// All the room but that for the contacts themselves is taken now.
  explicit ContactBuffer(std::size_t devices_max);

  /// Remembers the contact in place of an earlier one of the device. A new device for which there
  /// is no room is dropped. True when this contact has made the buffer a quarter full: then it is
  /// time for a batch.
  [[nodiscard]] bool record(domain::Contact contact) noexcept;

  /// The newest contact of the device that is here.
  [[nodiscard]] std::optional<domain::Contact> find(const std::string& device) const;

  /// Forgets the contact of a device, unless it is in a batch.
  void forget(const std::string& device) noexcept;

  /// Takes what is here for a batch. The contacts stay as they are, and are found here, until one
  /// of the next two is called. There is no other batch under way.
  [[nodiscard]] const Contacts& begin_batch();

  /// The batch is durable.
  void batch_done() noexcept;

  /// It isn't: its contacts are here again, where the device has no newer one.
  void batch_failed() noexcept;

  [[nodiscard]] ContactCounts counts() const;

 private:
  [[nodiscard]] std::size_t size() const { return pending_.size() + batch_.size(); }

  const std::size_t devices_max_;
  mutable std::mutex mutex_;
  Contacts pending_;
  Contacts batch_;
  ContactCounts counts_;
};

}  // namespace fuota::server::storage
