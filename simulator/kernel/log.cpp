#include "simulator/kernel/log.hpp"

#include <cstdio>
#include <utility>

#include "simulator/kernel/console.hpp"
#include "simulator/kernel/misuse.hpp"
#include "simulator/kernel/scheduler.hpp"

namespace simulator::kernel {

namespace {

Log* current_log = nullptr;

/// The output that a session begins with.
int print_to_console(const char* format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  const int chars = std::vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (chars < 0) return chars;
  std::string text(static_cast<std::size_t>(chars), '\0');
  std::vsnprintf(text.data(), text.size() + 1, format, arguments);
  Console::current().write(text);
  return chars;
}

}  // namespace

Log::Log() : output_(print_to_console) {
  if (current_log != nullptr) misuse("Log", "another session is alive");
  current_log = this;
}

Log::~Log() {
  current_log = nullptr;
}

Log& Log::current() {
  if (current_log == nullptr) misuse("esp_log", "no session is alive");
  return *current_log;
}

void Log::set_level(std::string_view tag, esp_log_level_t level) {
  if (tag == "*") {
    default_level_ = level;
    levels_.clear();
  } else {
    levels_.insert_or_assign(std::string(tag), level);
  }
}

esp_log_level_t Log::level(std::string_view tag) const {
  const auto found = levels_.find(tag);
  return found == levels_.end() ? default_level_ : found->second;
}

vprintf_like_t Log::set_output(vprintf_like_t function) {
  return std::exchange(output_, function);
}

}  // namespace simulator::kernel

using simulator::kernel::Log;
using simulator::kernel::misuse;
using simulator::kernel::Scheduler;

extern "C" {

void esp_log_level_set(const char* tag, esp_log_level_t level) {
  if (tag == nullptr) misuse(__func__, "the tag is null");
  Scheduler::current().kernel_call();
  Log::current().set_level(tag, level);
}

esp_log_level_t esp_log_level_get(const char* tag) {
  if (tag == nullptr) misuse(__func__, "the tag is null");
  Scheduler::current().kernel_call();
  return Log::current().level(tag);
}

vprintf_like_t esp_log_set_vprintf(vprintf_like_t output) {
  if (output == nullptr) misuse(__func__, "the function is null");
  Scheduler::current().kernel_call();
  return Log::current().set_output(output);
}

uint32_t esp_log_timestamp(void) {
  return static_cast<uint32_t>(Scheduler::current().now_us() / 1000);
}

void esp_log_writev(esp_log_level_t level, const char* tag, const char* format, va_list args) {
  // Before anything is formatted: the task may never come back from it.
  Scheduler::current().kernel_call();
  if (level == ESP_LOG_NONE || level > Log::current().level(tag)) return;
  Log::current().output()(format, args);
}

void esp_log_write(esp_log_level_t level, const char* tag, const char* format, ...) {
  va_list args;
  va_start(args, format);
  esp_log_writev(level, tag, format, args);
  va_end(args);
}

}  // extern "C"
