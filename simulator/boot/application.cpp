#include "simulator/boot/application.hpp"

#include <algorithm>
#include <cstring>

#include "esp_log.h"
#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/scheduler.hpp"

namespace simulator::boot {
namespace {

using kernel::misuse;
using kernel::Scheduler;

Application* current_application = nullptr;

/// Logs as the application does, and takes the time of the task that is running.
class InApplication : public Surroundings {
 public:
  void log(LogLevel level, const char* tag, const char* message) override {
    switch (level) {
      case LogLevel::error:
        ESP_LOGE(tag, "%s", message);
        break;
      case LogLevel::warning:
        ESP_LOGW(tag, "%s", message);
        break;
      case LogLevel::info:
        ESP_LOGI(tag, "%s", message);
        break;
    }
  }
  void spend(std::int64_t duration_us) override { Application::spend(duration_us); }
};

}  // namespace

Application::Application(flash::Partitions& partitions, const ApplicationOptions& options)
    : partitions_(partitions), options_(options), behaviour_(OtaBehaviour::of(options.idf)) {
  if (current_application != nullptr) misuse("Application", "there is a session already");
  if (options.model == nullptr) misuse("Application", "no chip model");
  if (partitions.running() == nullptr) misuse("Application", "no partition is running");
  const auto image = partitions.chip().content().subspan(partitions.running()->address);
  constexpr std::size_t kOffset = sizeof(esp_image_header_t) + sizeof(esp_image_segment_header_t);
  std::memcpy(&description_, image.data() + kOffset, sizeof description_);
  current_application = this;
}

Application::~Application() {
  current_application = nullptr;
}

Application& Application::current() {
  if (current_application == nullptr) misuse("Application::current", "no chip is running");
  return *current_application;
}

Application* Application::current_or_null() {
  return current_application;
}

esp_err_t Application::examine(ImageUse use, const esp_partition_pos_t& part,
                               esp_image_metadata_t& image) {
  InApplication surroundings;
  return examine_image(partitions_.chip(), *options_.model, options_.idf, use, part, surroundings,
                       image);
}

bool Application::is_good(const esp_partition_t& partition, ImageUse use) {
  esp_image_metadata_t image;
  return examine(use, {partition.address, partition.size}, image) == ESP_OK;
}

void Application::spend(std::int64_t duration_us) {
  Scheduler* scheduler = Scheduler::current_or_null();
  if (scheduler != nullptr && scheduler->in_task()) scheduler->advance(duration_us);
}

Update& Application::begin_update(const esp_partition_t& partition, bool erases_as_it_writes) {
  return updates_.emplace_front(Update{++last_handle_, &partition, erases_as_it_writes, 0});
}

Update* Application::find_update(esp_ota_handle_t handle) {
  const auto found = std::ranges::find(updates_, handle, &Update::handle);
  return found == updates_.end() ? nullptr : &*found;
}

void Application::forget_update(esp_ota_handle_t handle) {
  updates_.remove_if([&](const Update& update) { return update.handle == handle; });
}

}  // namespace simulator::boot
