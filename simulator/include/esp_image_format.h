#pragma once

#include <stdint.h>

#include "esp_app_format.h"
#include "esp_err.h"
#include "esp_flash_partitions.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ESP_ERR_IMAGE_BASE 0x2000
#define ESP_ERR_IMAGE_FLASH_FAIL (ESP_ERR_IMAGE_BASE + 1)
#define ESP_ERR_IMAGE_INVALID (ESP_ERR_IMAGE_BASE + 2)

#define ESP_IMAGE_HASH_LEN 32

/* What was found about an image. ESP-IDF v5.0 and later have more members behind these. */
typedef struct {
  uint32_t start_addr;
  esp_image_header_t image;
  esp_image_segment_header_t segments[ESP_IMAGE_MAX_SEGMENTS];
  uint32_t segment_data[ESP_IMAGE_MAX_SEGMENTS]; /* where in the flash each segment's data is */
  uint32_t image_len;                            /* bytes, with checksum and digest */
  uint8_t image_digest[32];                      /* the appended SHA-256 */
} esp_image_metadata_t;

typedef enum {
  ESP_IMAGE_VERIFY,
  ESP_IMAGE_VERIFY_SILENT, /* without lines in the log */
} esp_image_load_mode_t;

/* Checks the image at the beginning of `part` as the bootloader would: magic number, chip and its
   revision, segments, checksum, appended SHA-256, length. Reads all of it: about a second per
   3 MiB. ESP_OK, and `data` is filled in; ESP_ERR_IMAGE_INVALID, ESP_FAIL, or ESP_ERR_INVALID_ARG
   for a NULL or a partition of more than 16 MiB, and `data` is zeroed. */
esp_err_t esp_image_verify(esp_image_load_mode_t mode, const esp_partition_pos_t* part,
                           esp_image_metadata_t* data);

/* Fills in `metadata` from headers and digest, without reading and checking the segments' data.
   Outcomes as above. */
esp_err_t esp_image_get_metadata(const esp_partition_pos_t* part, esp_image_metadata_t* metadata);

#ifdef __cplusplus
}
#endif
