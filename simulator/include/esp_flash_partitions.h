#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the bootloader finds in flash: the partition table's entries and the otadata entries. */

#define ESP_PARTITION_MAGIC 0x50AA
#define ESP_PARTITION_MAGIC_MD5 0xEBEB
#define ESP_PARTITION_TABLE_MAX_LEN 0xC00

/* Whether the image that an otadata entry selects proved itself. */
typedef enum {
  ESP_OTA_IMG_NEW = 0x0U, /* never booted; the bootloader makes it PENDING_VERIFY */
  ESP_OTA_IMG_PENDING_VERIFY =
      0x1U,                   /* on trial; the bootloader makes it ABORTED at the next boot */
  ESP_OTA_IMG_VALID = 0x2U,   /* confirmed by the application */
  ESP_OTA_IMG_INVALID = 0x3U, /* refused by the application: not booted any more */
  ESP_OTA_IMG_ABORTED = 0x4U, /* not confirmed during its trial: not booted any more */
  ESP_OTA_IMG_UNDEFINED = 0xFFFFFFFFU, /* written without rollback support: boots without a trial */
} esp_ota_img_states_t;

/* The first bytes of each of the two sectors of the otadata partition. */
typedef struct {
  uint32_t ota_seq; /* the higher of two valid ones counts; slot (ota_seq - 1) % number of slots */
  uint8_t seq_label[20];
  uint32_t ota_state; /* esp_ota_img_states_t */
  uint32_t crc;       /* CRC-32 of ota_seq alone */
} esp_ota_select_entry_t;

typedef struct {
  uint32_t offset; /* in the flash */
  uint32_t size;   /* bytes */
} esp_partition_pos_t;

#ifdef __cplusplus
}
#endif
