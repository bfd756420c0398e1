#include "resume_store.hpp"

#include "nvs_blob.hpp"

namespace fuota::update {
namespace {

constexpr char kKey[] = "resume";

}  // namespace

esp_err_t load_resume(ResumeRecord& record) {
  return load_record<kResumeRecordBytes>(kKey, record);
}

esp_err_t save_resume(const ResumeRecord& record) {
  const ResumeRecordBytes bytes = encode(record);
  return save_blob(kKey, bytes.data(), bytes.size());
}

esp_err_t erase_resume() {
  return erase_blob(kKey);
}

}  // namespace fuota::update
