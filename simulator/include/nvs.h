#pragma once

/// ESP-IDF's non-volatile storage: keys with values in namespaces. Names, values and signatures as
/// in nvs.h of v5.5.5, restricted to what v4.4.4 and v6.0.2 have too (so without the iterator,
/// whose functions changed). The codes that each function returns are those of v5.5.5's sources;
/// they are stated here where they differ from what one would expect.
///
/// A key or a namespace has 1 to 15 bytes. NULL for a key, a name or a value is a defect that ends
/// the process. Functions take the virtual time of their flash operations; the power may be cut in
/// each of those. A cut loses at most the value being written: afterwards the key has its old
/// value or its new one, and all others have theirs.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ESP_ERR_NVS_BASE 0x1100
#define ESP_ERR_NVS_NOT_INITIALIZED (ESP_ERR_NVS_BASE + 0x01)
#define ESP_ERR_NVS_NOT_FOUND (ESP_ERR_NVS_BASE + 0x02)
#define ESP_ERR_NVS_TYPE_MISMATCH (ESP_ERR_NVS_BASE + 0x03)
#define ESP_ERR_NVS_READ_ONLY (ESP_ERR_NVS_BASE + 0x04)
#define ESP_ERR_NVS_NOT_ENOUGH_SPACE (ESP_ERR_NVS_BASE + 0x05)
#define ESP_ERR_NVS_INVALID_NAME (ESP_ERR_NVS_BASE + 0x06)
#define ESP_ERR_NVS_INVALID_HANDLE (ESP_ERR_NVS_BASE + 0x07)
#define ESP_ERR_NVS_REMOVE_FAILED (ESP_ERR_NVS_BASE + 0x08)
#define ESP_ERR_NVS_KEY_TOO_LONG (ESP_ERR_NVS_BASE + 0x09)
#define ESP_ERR_NVS_PAGE_FULL (ESP_ERR_NVS_BASE + 0x0a)
#define ESP_ERR_NVS_INVALID_STATE (ESP_ERR_NVS_BASE + 0x0b)
#define ESP_ERR_NVS_INVALID_LENGTH (ESP_ERR_NVS_BASE + 0x0c)
#define ESP_ERR_NVS_NO_FREE_PAGES (ESP_ERR_NVS_BASE + 0x0d)
#define ESP_ERR_NVS_VALUE_TOO_LONG (ESP_ERR_NVS_BASE + 0x0e)
#define ESP_ERR_NVS_PART_NOT_FOUND (ESP_ERR_NVS_BASE + 0x0f)
#define ESP_ERR_NVS_NEW_VERSION_FOUND (ESP_ERR_NVS_BASE + 0x10)
#define ESP_ERR_NVS_XTS_ENCR_FAILED (ESP_ERR_NVS_BASE + 0x11)
#define ESP_ERR_NVS_XTS_DECR_FAILED (ESP_ERR_NVS_BASE + 0x12)
#define ESP_ERR_NVS_XTS_CFG_FAILED (ESP_ERR_NVS_BASE + 0x13)
#define ESP_ERR_NVS_XTS_CFG_NOT_FOUND (ESP_ERR_NVS_BASE + 0x14)
#define ESP_ERR_NVS_ENCR_NOT_SUPPORTED (ESP_ERR_NVS_BASE + 0x15)
#define ESP_ERR_NVS_KEYS_NOT_INITIALIZED (ESP_ERR_NVS_BASE + 0x16)
#define ESP_ERR_NVS_CORRUPT_KEY_PART (ESP_ERR_NVS_BASE + 0x17)
#define ESP_ERR_NVS_CONTENT_DIFFERS (ESP_ERR_NVS_BASE + 0x18)
#define ESP_ERR_NVS_WRONG_ENCRYPTION (ESP_ERR_NVS_BASE + 0x19)

#define NVS_DEFAULT_PART_NAME "nvs"

#define NVS_PART_NAME_MAX_SIZE 16 /* without the NUL */
#define NVS_KEY_NAME_MAX_SIZE 16  /* with the NUL */

typedef uint32_t nvs_handle_t;

typedef enum {
  NVS_READONLY,
  NVS_READWRITE,
} nvs_open_mode_t;

typedef enum {
  NVS_TYPE_U8 = 0x01,
  NVS_TYPE_I8 = 0x11,
  NVS_TYPE_U16 = 0x02,
  NVS_TYPE_I16 = 0x12,
  NVS_TYPE_U32 = 0x04,
  NVS_TYPE_I32 = 0x14,
  NVS_TYPE_U64 = 0x08,
  NVS_TYPE_I64 = 0x18,
  NVS_TYPE_STR = 0x21,
  NVS_TYPE_BLOB = 0x42,
  NVS_TYPE_ANY = 0xff,
} nvs_type_t;

/// Without `available_entries`, which v4.4.4 doesn't have.
typedef struct {
  size_t used_entries;
  size_t free_entries;  ///< those that erasing would give back included
  size_t total_entries;
  size_t namespace_count;
} nvs_stats_t;

/// Opens a namespace of the partition "nvs". NVS_READWRITE creates it when it is not there, which
/// is a write. `*out_handle` is set on success only; the handle is good until nvs_close, until its
/// partition is deinitialized or erased, or until the chip restarts.
/// ESP_OK; ESP_ERR_NVS_NOT_INITIALIZED: no partition is initialized at all;
/// ESP_ERR_NVS_PART_NOT_FOUND: this one is not; ESP_ERR_NVS_NOT_FOUND: NVS_READONLY, and there is
/// no such namespace; ESP_ERR_NVS_KEY_TOO_LONG (never INVALID_NAME): more than 15 bytes;
/// ESP_ERR_NVS_NOT_ENOUGH_SPACE: no room, or 254 namespaces exist.
esp_err_t nvs_open(const char* namespace_name, nvs_open_mode_t open_mode, nvs_handle_t* out_handle);
esp_err_t nvs_open_from_partition(const char* part_name, const char* namespace_name,
                                  nvs_open_mode_t open_mode, nvs_handle_t* out_handle);

/// Does nothing when the handle is not open.
void nvs_close(nvs_handle_t handle);

/// Stores a value under a key, in place of what was there, whatever type that had. On return the
/// value is in the flash: nvs_commit adds nothing. Nothing is written when the key has that value
/// already.
/// ESP_OK; ESP_ERR_NVS_INVALID_HANDLE; ESP_ERR_NVS_READ_ONLY; ESP_ERR_NVS_KEY_TOO_LONG;
/// ESP_ERR_NVS_VALUE_TOO_LONG; ESP_ERR_NVS_NOT_ENOUGH_SPACE: the old value is still there.
esp_err_t nvs_set_i8(nvs_handle_t handle, const char* key, int8_t value);
esp_err_t nvs_set_u8(nvs_handle_t handle, const char* key, uint8_t value);
esp_err_t nvs_set_i16(nvs_handle_t handle, const char* key, int16_t value);
esp_err_t nvs_set_u16(nvs_handle_t handle, const char* key, uint16_t value);
esp_err_t nvs_set_i32(nvs_handle_t handle, const char* key, int32_t value);
esp_err_t nvs_set_u32(nvs_handle_t handle, const char* key, uint32_t value);
esp_err_t nvs_set_i64(nvs_handle_t handle, const char* key, int64_t value);
esp_err_t nvs_set_u64(nvs_handle_t handle, const char* key, uint64_t value);
/// At most 4000 bytes with the NUL.
esp_err_t nvs_set_str(nvs_handle_t handle, const char* key, const char* value);
/// At most 4000 bytes per page of the partition but one, and 508,000 bytes.
esp_err_t nvs_set_blob(nvs_handle_t handle, const char* key, const void* value, size_t length);

/// Reads a value; `*out_value` is unchanged on errors.
/// ESP_OK; ESP_ERR_NVS_INVALID_HANDLE; ESP_ERR_NVS_NOT_FOUND: no such key, or its value has
/// another type (never TYPE_MISMATCH).
esp_err_t nvs_get_i8(nvs_handle_t handle, const char* key, int8_t* out_value);
esp_err_t nvs_get_u8(nvs_handle_t handle, const char* key, uint8_t* out_value);
esp_err_t nvs_get_i16(nvs_handle_t handle, const char* key, int16_t* out_value);
esp_err_t nvs_get_u16(nvs_handle_t handle, const char* key, uint16_t* out_value);
esp_err_t nvs_get_i32(nvs_handle_t handle, const char* key, int32_t* out_value);
esp_err_t nvs_get_u32(nvs_handle_t handle, const char* key, uint32_t* out_value);
esp_err_t nvs_get_i64(nvs_handle_t handle, const char* key, int64_t* out_value);
esp_err_t nvs_get_u64(nvs_handle_t handle, const char* key, uint64_t* out_value);

/// Reads a string (its NUL counts) or a blob. `*length` is the room at `out_value`, and becomes
/// the length of the value, also when `out_value` is NULL (ESP_OK: a question for the length) and
/// when the room is too small (ESP_ERR_NVS_INVALID_LENGTH). `length` NULL is
/// ESP_ERR_NVS_INVALID_LENGTH too. Other outcomes as above; they leave `*length` as it was.
esp_err_t nvs_get_str(nvs_handle_t handle, const char* key, char* out_value, size_t* length);
esp_err_t nvs_get_blob(nvs_handle_t handle, const char* key, void* out_value, size_t* length);

/// ESP_OK; ESP_ERR_NVS_INVALID_HANDLE; ESP_ERR_NVS_READ_ONLY; ESP_ERR_NVS_NOT_FOUND.
esp_err_t nvs_erase_key(nvs_handle_t handle, const char* key);

/// Erases all keys of the namespace, but not the namespace. Cut by a power loss, it has erased
/// some. ESP_OK; ESP_ERR_NVS_INVALID_HANDLE; ESP_ERR_NVS_READ_ONLY.
esp_err_t nvs_erase_all(nvs_handle_t handle);

/// Changes nothing, since writes are in the flash when they return; but it is an operation that
/// the simulator's fault hook can cut the power at.
/// ESP_OK; ESP_ERR_NVS_INVALID_HANDLE.
esp_err_t nvs_commit(nvs_handle_t handle);

/// `part_name` NULL is "nvs". ESP_OK; ESP_ERR_INVALID_ARG: `nvs_stats` is NULL;
/// ESP_ERR_NVS_NOT_INITIALIZED: all fields are 0 then.
esp_err_t nvs_get_stats(const char* part_name, nvs_stats_t* nvs_stats);

/// The entries (of 32 bytes) that the keys of the namespace take.
/// ESP_OK; ESP_ERR_INVALID_ARG: `used_entries` is NULL; ESP_ERR_NVS_INVALID_HANDLE.
esp_err_t nvs_get_used_entry_count(nvs_handle_t handle, size_t* used_entries);

#ifdef __cplusplus
}
#endif
