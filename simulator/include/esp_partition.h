#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The partitions of the flash that the running application was started from. Misuse that ESP-IDF
   answers with an assertion or with corrupt data (NULL for a partition, a write to the running
   slot or to the partition table, a write that needs a 0 to become a 1) ends the process. */

typedef struct esp_flash_t esp_flash_t;

typedef enum {
  ESP_PARTITION_TYPE_APP = 0x00,
  ESP_PARTITION_TYPE_DATA = 0x01,
  ESP_PARTITION_TYPE_ANY = 0xff,
} esp_partition_type_t;

typedef enum {
  ESP_PARTITION_SUBTYPE_APP_FACTORY = 0x00,
  ESP_PARTITION_SUBTYPE_APP_OTA_MIN = 0x10,
  ESP_PARTITION_SUBTYPE_APP_OTA_0 = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 0,
  ESP_PARTITION_SUBTYPE_APP_OTA_1 = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 1,
  ESP_PARTITION_SUBTYPE_APP_OTA_2 = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 2,
  ESP_PARTITION_SUBTYPE_APP_OTA_3 = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 3,
  ESP_PARTITION_SUBTYPE_APP_OTA_4 = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 4,
  ESP_PARTITION_SUBTYPE_APP_OTA_5 = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 5,
  ESP_PARTITION_SUBTYPE_APP_OTA_6 = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 6,
  ESP_PARTITION_SUBTYPE_APP_OTA_7 = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 7,
  ESP_PARTITION_SUBTYPE_APP_OTA_8 = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 8,
  ESP_PARTITION_SUBTYPE_APP_OTA_9 = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 9,
  ESP_PARTITION_SUBTYPE_APP_OTA_10 = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 10,
  ESP_PARTITION_SUBTYPE_APP_OTA_11 = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 11,
  ESP_PARTITION_SUBTYPE_APP_OTA_12 = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 12,
  ESP_PARTITION_SUBTYPE_APP_OTA_13 = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 13,
  ESP_PARTITION_SUBTYPE_APP_OTA_14 = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 14,
  ESP_PARTITION_SUBTYPE_APP_OTA_15 = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 15,
  ESP_PARTITION_SUBTYPE_APP_OTA_MAX = ESP_PARTITION_SUBTYPE_APP_OTA_MIN + 16,
  ESP_PARTITION_SUBTYPE_APP_TEST = 0x20,

  ESP_PARTITION_SUBTYPE_DATA_OTA = 0x00,
  ESP_PARTITION_SUBTYPE_DATA_PHY = 0x01,
  ESP_PARTITION_SUBTYPE_DATA_NVS = 0x02,
  ESP_PARTITION_SUBTYPE_DATA_COREDUMP = 0x03,
  ESP_PARTITION_SUBTYPE_DATA_NVS_KEYS = 0x04,
  ESP_PARTITION_SUBTYPE_DATA_EFUSE_EM = 0x05,
  ESP_PARTITION_SUBTYPE_DATA_UNDEFINED = 0x06,
  ESP_PARTITION_SUBTYPE_DATA_ESPHTTPD = 0x80,
  ESP_PARTITION_SUBTYPE_DATA_FAT = 0x81,
  ESP_PARTITION_SUBTYPE_DATA_SPIFFS = 0x82,

  ESP_PARTITION_SUBTYPE_ANY = 0xff,
} esp_partition_subtype_t;

#define ESP_PARTITION_SUBTYPE_OTA(i) \
  ((esp_partition_subtype_t)(ESP_PARTITION_SUBTYPE_APP_OTA_MIN + ((i)&0xf)))

typedef struct esp_partition_iterator_opaque_* esp_partition_iterator_t;

/* erase_size and readonly are in ESP-IDF v5.0 and later. */
typedef struct {
  esp_flash_t* flash_chip;
  esp_partition_type_t type;
  esp_partition_subtype_t subtype;
  uint32_t address;    /* in the flash */
  uint32_t size;       /* bytes */
  uint32_t erase_size; /* bytes */
  char label[17];      /* with a NUL behind it */
  bool encrypted;
  bool readonly;
} esp_partition_t;

/* An iterator on the first match, or NULL. `label` may be NULL for any. To be released, unless
   esp_partition_next returned NULL for it. */
esp_partition_iterator_t esp_partition_find(esp_partition_type_t type,
                                            esp_partition_subtype_t subtype, const char* label);
/* The first match, which stays valid until the chip restarts, or NULL. */
const esp_partition_t* esp_partition_find_first(esp_partition_type_t type,
                                                esp_partition_subtype_t subtype, const char* label);
const esp_partition_t* esp_partition_get(esp_partition_iterator_t iterator);
/* Releases the iterator and returns NULL behind the last match. */
esp_partition_iterator_t esp_partition_next(esp_partition_iterator_t iterator);
/* NULL is allowed. */
void esp_partition_iterator_release(esp_partition_iterator_t iterator);
/* The partition of the table that equals `partition`, or NULL. */
const esp_partition_t* esp_partition_verify(const esp_partition_t* partition);

/* ESP_OK; ESP_ERR_INVALID_ARG: the offset is behind the partition, or no buffer;
   ESP_ERR_INVALID_SIZE: the range ends behind it; 0x10D (ESP_ERR_NOT_ALLOWED since v5.0): the
   partition is read-only. */
esp_err_t esp_partition_read(const esp_partition_t* partition, size_t src_offset, void* dst,
                             size_t size);
esp_err_t esp_partition_write(const esp_partition_t* partition, size_t dst_offset, const void* src,
                              size_t size);
/* The same without decryption and encryption. */
esp_err_t esp_partition_read_raw(const esp_partition_t* partition, size_t src_offset, void* dst,
                                 size_t size);
esp_err_t esp_partition_write_raw(const esp_partition_t* partition, size_t dst_offset,
                                  const void* src, size_t size);
/* As above; ESP_ERR_INVALID_SIZE also: not a number of sectors; ESP_ERR_INVALID_ARG also: does not
   begin on a sector. */
esp_err_t esp_partition_erase_range(const esp_partition_t* partition, size_t offset, size_t size);

/* An app: the SHA-256 appended to its image, which must match (without one: of the image), else
   ESP_ERR_IMAGE_INVALID. Data: SHA-256 of the whole partition. `sha_256` has 32 bytes. */
esp_err_t esp_partition_get_sha256(const esp_partition_t* partition, uint8_t* sha_256);
/* True when both have the same esp_partition_get_sha256. */
bool esp_partition_check_identity(const esp_partition_t* partition_1,
                                  const esp_partition_t* partition_2);

#ifdef __cplusplus
}
#endif
