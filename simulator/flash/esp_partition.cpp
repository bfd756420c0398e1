#include "esp_partition.h"

#include <cstring>

#include "simulator/flash/partitions.hpp"
#include "simulator/kernel/misuse.hpp"

using simulator::flash::Partitions;

namespace {

/// ESP_ERR_NOT_ALLOWED of ESP-IDF v5.0 and later.
constexpr esp_err_t kErrNotAllowed = 0x10D;

void require(const char* function, const void* argument) {
  if (argument == nullptr) simulator::kernel::misuse(function, "called with NULL");
}

esp_err_t check_range(const esp_partition_t& partition, std::size_t offset, std::size_t size) {
  if (offset > partition.size) return ESP_ERR_INVALID_ARG;
  if (size > partition.size - offset) return ESP_ERR_INVALID_SIZE;
  return ESP_OK;
}

std::uint32_t in_flash(const esp_partition_t& partition, std::size_t offset) {
  return partition.address + static_cast<std::uint32_t>(offset);
}

/// Moves the iterator to the first match from `begin` on, or releases it.
esp_partition_iterator_t advance_to(esp_partition_iterator_t iterator, std::size_t begin) {
  Partitions& partitions = Partitions::current();
  iterator->index = partitions.find(begin, iterator->type, iterator->subtype, iterator->label);
  if (iterator->index < partitions.all().size()) return iterator;
  partitions.release(iterator);
  return nullptr;
}

}  // namespace

extern "C" {

esp_partition_iterator_t esp_partition_find(esp_partition_type_t type,
                                            esp_partition_subtype_t subtype, const char* label) {
  if (type == ESP_PARTITION_TYPE_ANY && subtype != ESP_PARTITION_SUBTYPE_ANY) return nullptr;
  auto iterator = std::make_unique<esp_partition_iterator_opaque_>();
  *iterator = {type, subtype, label, 0};
  return advance_to(Partitions::current().keep(std::move(iterator)), 0);
}

const esp_partition_t* esp_partition_find_first(esp_partition_type_t type,
                                                esp_partition_subtype_t subtype,
                                                const char* label) {
  esp_partition_iterator_t iterator = esp_partition_find(type, subtype, label);
  if (iterator == nullptr) return nullptr;
  const esp_partition_t* partition = esp_partition_get(iterator);
  esp_partition_iterator_release(iterator);
  return partition;
}

const esp_partition_t* esp_partition_get(esp_partition_iterator_t iterator) {
  require("esp_partition_get", iterator);
  return &Partitions::current().all()[iterator->index];
}

esp_partition_iterator_t esp_partition_next(esp_partition_iterator_t iterator) {
  require("esp_partition_next", iterator);
  return advance_to(iterator, iterator->index + 1);
}

void esp_partition_iterator_release(esp_partition_iterator_t iterator) {
  Partitions::current().release(iterator);
}

const esp_partition_t* esp_partition_verify(const esp_partition_t* partition) {
  require("esp_partition_verify", partition);
  for (const esp_partition_t& candidate : Partitions::current().all()) {
    if (candidate.flash_chip == partition->flash_chip && candidate.type == partition->type &&
        candidate.subtype == partition->subtype && candidate.address == partition->address &&
        candidate.size == partition->size && candidate.encrypted == partition->encrypted &&
        (partition->label[0] == '\0' || std::strcmp(candidate.label, partition->label) == 0)) {
      return &candidate;
    }
  }
  return nullptr;
}

esp_err_t esp_partition_read(const esp_partition_t* partition, size_t src_offset, void* dst,
                             size_t size) {
  require("esp_partition_read", partition);
  if (const esp_err_t error = check_range(*partition, src_offset, size)) return error;
  if (size == 0) return ESP_OK;
  if (dst == nullptr) return ESP_ERR_INVALID_ARG;
  Partitions::current().chip().read(in_flash(*partition, src_offset),
                                    {static_cast<std::uint8_t*>(dst), size});
  return ESP_OK;
}

esp_err_t esp_partition_write(const esp_partition_t* partition, size_t dst_offset, const void* src,
                              size_t size) {
  require("esp_partition_write", partition);
  if (partition->readonly) return kErrNotAllowed;
  if (const esp_err_t error = check_range(*partition, dst_offset, size)) return error;
  if (src == nullptr) return ESP_ERR_INVALID_ARG;
  Partitions::current().write(in_flash(*partition, dst_offset),
                              {static_cast<const std::uint8_t*>(src), size});
  return ESP_OK;
}

esp_err_t esp_partition_read_raw(const esp_partition_t* partition, size_t src_offset, void* dst,
                                 size_t size) {
  return esp_partition_read(partition, src_offset, dst, size);
}

esp_err_t esp_partition_write_raw(const esp_partition_t* partition, size_t dst_offset,
                                  const void* src, size_t size) {
  return esp_partition_write(partition, dst_offset, src, size);
}

esp_err_t esp_partition_erase_range(const esp_partition_t* partition, size_t offset, size_t size) {
  require("esp_partition_erase_range", partition);
  if (partition->readonly) return kErrNotAllowed;
  if (const esp_err_t error = check_range(*partition, offset, size)) return error;
  if (size % partition->erase_size != 0) return ESP_ERR_INVALID_SIZE;
  if (offset % partition->erase_size != 0) return ESP_ERR_INVALID_ARG;
  Partitions::current().erase(in_flash(*partition, offset), size);
  return ESP_OK;
}

}  // extern "C"
