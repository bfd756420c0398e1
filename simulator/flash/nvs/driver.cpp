#include "simulator/flash/nvs/driver.hpp"

#include <utility>
#include "simulator/kernel/misuse.hpp"

namespace simulator::flash::nvs {
namespace {

Driver* current_driver = nullptr;

}  // namespace

Driver::Driver(Partitions& partitions) : partitions_(partitions) {
  if (current_driver != nullptr) kernel::misuse("nvs::Driver", "there is one already");
  current_driver = this;
}

Driver::~Driver() {
  current_driver = nullptr;
}

Driver& Driver::current() {
  if (current_driver == nullptr) kernel::misuse("nvs::Driver", "no chip is running");
  return *current_driver;
}

Driver* Driver::current_or_null() {
  return current_driver;
}

/// The storage belongs to this object before it touches the flash, since a cut there drops what
/// the calling task owns without destroying it.
esp_err_t Driver::init(std::string_view label) {
  if (label.size() > NVS_PART_NAME_MAX_SIZE) return ESP_ERR_INVALID_ARG;
  if (mounted_.contains(label)) return ESP_OK;
  const esp_partition_t* found = partition(label);
  if (found == nullptr) return ESP_ERR_NOT_FOUND;
  auto storage = std::make_unique<Storage>(partitions_.chip(), found->address, found->size);
  const auto mounted =
      mounted_.emplace(std::string(label), Mounted{found->address, std::move(storage)}).first;
  const esp_err_t error = mounted->second.storage->mount();
  if (error != ESP_OK) mounted_.erase(mounted);
  return error;
}

esp_err_t Driver::deinit(std::string_view label) {
  const auto found = mounted_.find(label);
  if (found == mounted_.end()) return ESP_ERR_NVS_NOT_INITIALIZED;
  const Storage* storage = found->second.storage.get();
  std::erase_if(handles_, [&](const auto& handle) { return handle.second.storage == storage; });
  mounted_.erase(found);
  return ESP_OK;
}

esp_err_t Driver::erase(std::string_view label) {
  if (mounted_.contains(label)) (void)deinit(label);
  const esp_partition_t* found = partition(label);
  if (found == nullptr) return ESP_ERR_NOT_FOUND;
  const Power power = partitions_.chip().erase(found->address, found->size);
  return power == Power::on ? ESP_OK : kPowerLost;
}

esp_err_t Driver::open(std::string_view label, std::string_view name, nvs_open_mode_t mode,
                       nvs_handle_t& handle) {
  if (mounted_.empty()) return ESP_ERR_NVS_NOT_INITIALIZED;
  const auto found = mounted_.find(label);
  if (found == mounted_.end()) return ESP_ERR_NVS_PART_NOT_FOUND;
  const Mounted& mounted = found->second;
  OpenNamespace opened{.storage = mounted.storage.get(),
                       .partition_address = mounted.address,
                       .is_read_only = mode == NVS_READONLY};
  const esp_err_t error = mounted.storage->open_namespace(name, !opened.is_read_only, opened.index);
  if (error != ESP_OK) return error;
  handle = ++last_handle_;
  handles_.emplace(handle, opened);
  return ESP_OK;
}

esp_err_t Driver::commit(const OpenNamespace& open_namespace) {
  const Fault fault = partitions_.chip().begin_operation(OperationKind::nvs_commit,
                                                         open_namespace.partition_address, 0);
  if (fault == Fault::none) return ESP_OK;
  return FlashChip::cut_power() == Power::on ? ESP_OK : kPowerLost;
}

const Driver::OpenNamespace* Driver::find(nvs_handle_t handle) const {
  const auto found = handles_.find(handle);
  return found == handles_.end() ? nullptr : &found->second;
}

const Storage* Driver::storage(std::string_view label) const {
  const auto found = mounted_.find(label);
  return found == mounted_.end() ? nullptr : found->second.storage.get();
}

const esp_partition_t* Driver::partition(std::string_view label) const {
  for (const esp_partition_t& candidate : partitions_.all()) {
    if (candidate.type == ESP_PARTITION_TYPE_DATA &&
        candidate.subtype == ESP_PARTITION_SUBTYPE_DATA_NVS && label == candidate.label) {
      return &candidate;
    }
  }
  return nullptr;
}

}  // namespace simulator::flash::nvs
