#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The format of application images in flash, little endian. */

/* Those that are the same in v4.4, v5 and v6; an image may name others. */
typedef enum {
  ESP_CHIP_ID_ESP32 = 0x0000,
  ESP_CHIP_ID_ESP32S2 = 0x0002,
  ESP_CHIP_ID_ESP32C3 = 0x0005,
  ESP_CHIP_ID_ESP32S3 = 0x0009,
  ESP_CHIP_ID_INVALID = 0xFFFF,
} __attribute__((packed)) esp_chip_id_t;

#define ESP_IMAGE_HEADER_MAGIC 0xE9
#define ESP_IMAGE_MAX_SEGMENTS 16

/* The members from min_chip_rev_full to reserved are one array `reserved` before v5.0. */
typedef struct {
  uint8_t magic;         /* ESP_IMAGE_HEADER_MAGIC */
  uint8_t segment_count; /* at most ESP_IMAGE_MAX_SEGMENTS */
  uint8_t spi_mode;
  uint8_t spi_speed : 4;
  uint8_t spi_size : 4;
  uint32_t entry_addr;
  uint8_t wp_pin;
  uint8_t spi_pin_drv[3];
  esp_chip_id_t chip_id;
  uint8_t min_chip_rev;       /* superseded by min_chip_rev_full */
  uint16_t min_chip_rev_full; /* major * 100 + minor */
  uint16_t max_chip_rev_full; /* major * 100 + minor; 0 and 65535: none */
  uint8_t reserved[4];
  uint8_t hash_appended; /* 1: the SHA-256 of all before it is behind the checksum */
} __attribute__((packed)) esp_image_header_t;

typedef struct {
  uint32_t load_addr; /* where the data is loaded to, or mapped to from the flash */
  uint32_t data_len;  /* bytes, a multiple of 4 */
} esp_image_segment_header_t;

#ifdef __cplusplus
}
#endif
