#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ESP_APP_DESC_MAGIC_WORD (0xABCD5432)

/* At the beginning of the first segment of every application image (offset 32). Strings have a NUL
   behind them. Before v5.0 the members from min_efuse_blk_rev_full to reserv2 are one array. */
typedef struct {
  uint32_t magic_word; /* ESP_APP_DESC_MAGIC_WORD */
  uint32_t secure_version;
  uint32_t reserv1[2];
  char version[32];
  char project_name[32];
  char time[16]; /* of the build */
  char date[16]; /* of the build */
  char idf_ver[32];
  uint8_t app_elf_sha256[32];
  uint16_t min_efuse_blk_rev_full; /* major * 100 + minor */
  uint16_t max_efuse_blk_rev_full; /* major * 100 + minor */
  uint8_t mmu_page_size;           /* log2 of bytes; 0: the chip's default */
  uint8_t reserv3[3];
  uint32_t reserv2[18];
} esp_app_desc_t;

/* The description in the running image; valid until the chip restarts. */
const esp_app_desc_t* esp_app_get_description(void);

/* Writes the beginning of the running image's app_elf_sha256 in hexadecimal with a NUL behind it:
   at most 9 digits (CONFIG_APP_RETRIEVE_LEN_ELF_SHA), at most `size` bytes. Returns the number of
   bytes with the NUL; 0 when `dst` is NULL or `size` less than 2. */
int esp_app_get_elf_sha256(char* dst, size_t size);

#ifdef __cplusplus
}
#endif
