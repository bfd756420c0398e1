#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp_app_desc.h"
#include "esp_err.h"
#include "esp_flash_partitions.h"
#include "esp_partition.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Behaves as the version of ESP-IDF that the board was given does
 * (simulator/boot/ota_behaviour.hpp). */

#define OTA_SIZE_UNKNOWN 0xffffffff
#define OTA_WITH_SEQUENTIAL_WRITES 0xfffffffe

#define ESP_ERR_OTA_BASE 0x1500
#define ESP_ERR_OTA_PARTITION_CONFLICT (ESP_ERR_OTA_BASE + 0x01)
#define ESP_ERR_OTA_SELECT_INFO_INVALID (ESP_ERR_OTA_BASE + 0x02)
#define ESP_ERR_OTA_VALIDATE_FAILED (ESP_ERR_OTA_BASE + 0x03)
#define ESP_ERR_OTA_SMALL_SEC_VER (ESP_ERR_OTA_BASE + 0x04)
#define ESP_ERR_OTA_ROLLBACK_FAILED (ESP_ERR_OTA_BASE + 0x05)
#define ESP_ERR_OTA_ROLLBACK_INVALID_STATE (ESP_ERR_OTA_BASE + 0x06)

typedef uint32_t esp_ota_handle_t;

/* Begins an update of `partition` and erases what `image_size` bytes need: all of it for 0 and
   OTA_SIZE_UNKNOWN, nothing yet for OTA_WITH_SEQUENTIAL_WRITES. With rollback, since v5.5, also
   erases the otadata entry that is not active. ESP_ERR_INVALID_ARG: a NULL, or not an OTA slot;
   ESP_ERR_NOT_FOUND: not in the partition table; ESP_ERR_OTA_PARTITION_CONFLICT: the running
   slot; ESP_ERR_OTA_ROLLBACK_INVALID_STATE: the running image is on trial; ESP_ERR_INVALID_SIZE:
   more than the partition has. The handle is released by esp_ota_end or esp_ota_abort. */
esp_err_t esp_ota_begin(const esp_partition_t* partition, size_t image_size,
                        esp_ota_handle_t* out_handle);
/* Writes behind what was written. ESP_ERR_INVALID_ARG: a NULL, or an unknown handle;
   ESP_ERR_OTA_VALIDATE_FAILED: the first byte is not that of an image; ESP_ERR_INVALID_SIZE: does
   not fit. */
esp_err_t esp_ota_write(esp_ota_handle_t handle, const void* data, size_t size);
/* Writes at `offset`; not with OTA_WITH_SEQUENTIAL_WRITES. */
esp_err_t esp_ota_write_with_offset(esp_ota_handle_t handle, const void* data, size_t size,
                                    uint32_t offset);
/* Checks the image and releases the handle, whatever the outcome. ESP_ERR_NOT_FOUND: unknown
   handle; ESP_ERR_INVALID_ARG: nothing was written; ESP_ERR_OTA_VALIDATE_FAILED. */
esp_err_t esp_ota_end(esp_ota_handle_t handle);
/* ESP_ERR_NOT_FOUND: unknown handle. */
esp_err_t esp_ota_abort(esp_ota_handle_t handle);

/* Checks the image in `partition` and makes it the one to boot from now on: writes the otadata
   entry that is not active; erases both for the factory partition. ESP_ERR_INVALID_ARG;
   ESP_ERR_OTA_VALIDATE_FAILED; ESP_ERR_NOT_FOUND: no otadata partition. */
esp_err_t esp_ota_set_boot_partition(const esp_partition_t* partition);
/* What otadata selects, which is not what runs if that could not be booted; NULL without
   otadata. */
const esp_partition_t* esp_ota_get_boot_partition(void);
const esp_partition_t* esp_ota_get_running_partition(void);
/* The OTA slot behind `start_from` (NULL: the running one), the first one behind the last; NULL
   when there is none. */
const esp_partition_t* esp_ota_get_next_update_partition(const esp_partition_t* start_from);

/* ESP_ERR_INVALID_ARG: a NULL; ESP_ERR_NOT_SUPPORTED: not an app; ESP_ERR_NOT_FOUND: no
   description there. */
esp_err_t esp_ota_get_partition_description(const esp_partition_t* partition,
                                            esp_app_desc_t* app_desc);
/* How many OTA slots there are from ota_0 on without a gap. */
uint8_t esp_ota_get_app_partition_count(void);

/* Both act on the active otadata entry, whichever slot runs. Valid: ESP_OK also when it is
   already. Invalid: restarts into the other image and does not return, else
   ESP_ERR_OTA_ROLLBACK_FAILED: there is none. ESP_FAIL: no active entry; ESP_ERR_NOT_FOUND: no
   otadata partition. */
esp_err_t esp_ota_mark_app_valid_cancel_rollback(void);
esp_err_t esp_ota_mark_app_invalid_rollback_and_reboot(void);

/* The slot whose image was last found invalid or did not confirm, if the image is still whole;
   else NULL. */
const esp_partition_t* esp_ota_get_last_invalid_partition(void);
/* The state in the first otadata entry for that slot. ESP_ERR_INVALID_ARG: a NULL;
   ESP_ERR_NOT_SUPPORTED: not an OTA slot; ESP_ERR_NOT_FOUND: no entry for it. */
esp_err_t esp_ota_get_state_partition(const esp_partition_t* partition,
                                      esp_ota_img_states_t* ota_state);
/* Erases the slot of the otadata entry that is not active, and the entry. ESP_FAIL: there is no
   such entry, or its slot is running. */
esp_err_t esp_ota_erase_last_boot_app_partition(void);
/* Whether esp_ota_mark_app_invalid_rollback_and_reboot would find another good image. */
bool esp_ota_check_rollback_is_possible(void);

#ifdef __cplusplus
}
#endif
