#pragma once

/// ESP-IDF's log in its text format of version 1: `I (12345) TAG: message`, with the milliseconds
/// since power-on, without colours.

#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  ESP_LOG_NONE = 0,
  ESP_LOG_ERROR = 1,
  ESP_LOG_WARN = 2,
  ESP_LOG_INFO = 3,
  ESP_LOG_DEBUG = 4,
  ESP_LOG_VERBOSE = 5,
} esp_log_level_t;

/// What is compiled in. A file may define another level before it includes this header.
#ifndef LOG_LOCAL_LEVEL
#define LOG_LOCAL_LEVEL ESP_LOG_VERBOSE
#endif

typedef int (*vprintf_like_t)(const char*, va_list);

/// The least severe level that comes out for a tag; "*" sets it for all tags and forgets the single
/// ones. Begins at ESP_LOG_INFO.
void esp_log_level_set(const char* tag, esp_log_level_t level);
esp_log_level_t esp_log_level_get(const char* tag);
/// Where the log goes. Returns what was set before.
vprintf_like_t esp_log_set_vprintf(vprintf_like_t func);
/// Milliseconds since power-on.
uint32_t esp_log_timestamp(void);
void esp_log_write(esp_log_level_t level, const char* tag, const char* format, ...)
    __attribute__((format(printf, 3, 4)));
void esp_log_writev(esp_log_level_t level, const char* tag, const char* format, va_list args);

#define LOG_COLOR_E ""
#define LOG_COLOR_W ""
#define LOG_COLOR_I ""
#define LOG_COLOR_D ""
#define LOG_COLOR_V ""
#define LOG_RESET_COLOR ""
#define LOG_FORMAT(letter, format) \
  LOG_COLOR_##letter #letter " (%" PRIu32 ") %s: " format LOG_RESET_COLOR "\n"

#define ESP_LOG_LEVEL_LOCAL(level, tag, format, ...)    \
  do {                                                  \
    if (LOG_LOCAL_LEVEL >= (level)) {                   \
      ESP_LOG_LEVEL(level, tag, format, ##__VA_ARGS__); \
    }                                                   \
  } while (0)

#define ESP_LOG_LEVEL(level, tag, format, ...)                                               \
  do {                                                                                       \
    switch (level) {                                                                         \
      case ESP_LOG_ERROR:                                                                    \
        esp_log_write(ESP_LOG_ERROR, tag, LOG_FORMAT(E, format), esp_log_timestamp(), tag,   \
                      ##__VA_ARGS__);                                                        \
        break;                                                                               \
      case ESP_LOG_WARN:                                                                     \
        esp_log_write(ESP_LOG_WARN, tag, LOG_FORMAT(W, format), esp_log_timestamp(), tag,    \
                      ##__VA_ARGS__);                                                        \
        break;                                                                               \
      case ESP_LOG_DEBUG:                                                                    \
        esp_log_write(ESP_LOG_DEBUG, tag, LOG_FORMAT(D, format), esp_log_timestamp(), tag,   \
                      ##__VA_ARGS__);                                                        \
        break;                                                                               \
      case ESP_LOG_VERBOSE:                                                                  \
        esp_log_write(ESP_LOG_VERBOSE, tag, LOG_FORMAT(V, format), esp_log_timestamp(), tag, \
                      ##__VA_ARGS__);                                                        \
        break;                                                                               \
      default:                                                                               \
        esp_log_write(ESP_LOG_INFO, tag, LOG_FORMAT(I, format), esp_log_timestamp(), tag,    \
                      ##__VA_ARGS__);                                                        \
        break;                                                                               \
    }                                                                                        \
  } while (0)

#define ESP_LOGE(tag, format, ...) ESP_LOG_LEVEL_LOCAL(ESP_LOG_ERROR, tag, format, ##__VA_ARGS__)
#define ESP_LOGW(tag, format, ...) ESP_LOG_LEVEL_LOCAL(ESP_LOG_WARN, tag, format, ##__VA_ARGS__)
#define ESP_LOGI(tag, format, ...) ESP_LOG_LEVEL_LOCAL(ESP_LOG_INFO, tag, format, ##__VA_ARGS__)
#define ESP_LOGD(tag, format, ...) ESP_LOG_LEVEL_LOCAL(ESP_LOG_DEBUG, tag, format, ##__VA_ARGS__)
#define ESP_LOGV(tag, format, ...) ESP_LOG_LEVEL_LOCAL(ESP_LOG_VERBOSE, tag, format, ##__VA_ARGS__)

#ifdef __cplusplus
}
#endif
