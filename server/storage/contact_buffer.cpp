#include "server/storage/contact_buffer.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace fuota::server::storage {

ContactBuffer::ContactBuffer(std::size_t devices_max) : devices_max_(devices_max) {
  // Growing later would mean to hash all of them again while the callers wait.
  pending_.reserve(devices_max_);
  batch_.reserve(devices_max_);
}

bool ContactBuffer::record(domain::Contact contact) noexcept {
  const std::lock_guard lock(mutex_);
  ++counts_.recorded;
  try {
    if (const auto known = pending_.find(contact.device); known != pending_.end()) {
      known->second = std::move(contact);
      return false;
    }
    if (size() >= devices_max_) {
      ++counts_.dropped;
      return false;
    }
    std::string device = contact.device;
    pending_.emplace(std::move(device), std::move(contact));
    return pending_.size() == std::max<std::size_t>(1, devices_max_ / 4);
  } catch (const std::exception&) {  // No memory.
    ++counts_.dropped;
    return false;
  }
}

std::optional<domain::Contact> ContactBuffer::find(const std::string& device) const {
  const std::lock_guard lock(mutex_);
  for (const Contacts* contacts : {&pending_, &batch_}) {
    if (const auto found = contacts->find(device); found != contacts->end()) return found->second;
  }
  return std::nullopt;
}

void ContactBuffer::forget(const std::string& device) noexcept {
  const std::lock_guard lock(mutex_);
  pending_.erase(device);
}

const ContactBuffer::Contacts& ContactBuffer::begin_batch() {
  const std::lock_guard lock(mutex_);
  std::swap(pending_, batch_);
  return batch_;
}

void ContactBuffer::batch_done() noexcept {
  Contacts done;
  {
    const std::lock_guard lock(mutex_);
    if (!batch_.empty()) ++counts_.batches;
    std::swap(batch_, done);
  }
  // Nobody waits while they are freed; the room for the next ones is kept.
  done.clear();
  const std::lock_guard lock(mutex_);
  std::swap(batch_, done);
}

void ContactBuffer::batch_failed() noexcept {
  const std::lock_guard lock(mutex_);
  ++counts_.failed_batches;
  // Moves the nodes, which takes no memory; what has a newer contact stays behind.
  pending_.merge(batch_);
  batch_.clear();
}

ContactCounts ContactBuffer::counts() const {
  const std::lock_guard lock(mutex_);
  ContactCounts counts = counts_;
  counts.pending = size();
  return counts;
}

}  // namespace fuota::server::storage
