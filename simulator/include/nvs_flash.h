#pragma once

/// Bringing ESP-IDF's non-volatile storage up. Names and signatures as in nvs_flash.h of v5.5.5,
/// without encryption. What is brought up lasts until the chip restarts.

#include "nvs.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Reads the partition and repairs what a power cut left half done; initializing twice is fine.
/// ESP_OK; ESP_ERR_INVALID_ARG: the label has more than 16 bytes; ESP_ERR_NOT_FOUND: no partition
/// of type data, subtype nvs with that label; ESP_ERR_NVS_NO_FREE_PAGES: no page is free, which
/// one must be; ESP_ERR_NVS_NEW_VERSION_FOUND: the format is newer than this. ESP-IDF's examples
/// erase the partition and try again after these last two, and after these only.
esp_err_t nvs_flash_init(void);
esp_err_t nvs_flash_init_partition(const char* partition_label);

/// Closes all handles of the partition. ESP_OK; ESP_ERR_NVS_NOT_INITIALIZED.
esp_err_t nvs_flash_deinit(void);
esp_err_t nvs_flash_deinit_partition(const char* partition_label);

/// Erases the whole partition, deinitializing it first if need be.
/// ESP_OK; ESP_ERR_NOT_FOUND: no such partition.
esp_err_t nvs_flash_erase(void);
esp_err_t nvs_flash_erase_partition(const char* part_name);

#ifdef __cplusplus
}
#endif
