#include "tests/support/server/memory_store.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>

namespace test_support {

using fuota::server::domain::CheckFacts;
using fuota::server::domain::Device;
using namespace fuota::server::storage;

namespace {

class MemoryUpload final : public Upload {
 public:
  MemoryUpload(int* in_progress, const std::optional<Failure>* failure)
      : in_progress_(in_progress), failure_(failure) {
    ++*in_progress_;
  }
  MemoryUpload(const MemoryUpload&) = delete;
  MemoryUpload& operator=(const MemoryUpload&) = delete;
  ~MemoryUpload() override { --*in_progress_; }

  boost::asio::awaitable<Result<void>> append(std::string_view data) override {
    if (*failure_) co_return **failure_;
    bytes.append(data.data(), data.size());
    co_return Result<void>();
  }

  std::string bytes;

 private:
  int* in_progress_;
  const std::optional<Failure>* failure_;
};

}  // namespace

MemoryStore::Call<CheckFacts> MemoryStore::facts_for_check(std::string id) {
  if (failure_) co_return *failure_;
  CheckFacts facts;
  if (const auto found = devices_.find(id); found != devices_.end()) {
    facts.device = found->second;
    facts.file_exists = files_.contains(found->second.file);
  }
  co_return facts;
}

MemoryStore::Call<std::vector<Device>> MemoryStore::devices_after(std::string after,
                                                                  std::size_t count_max) {
  if (failure_) co_return *failure_;
  std::vector<Device> devices;
  for (auto it = devices_.upper_bound(after); it != devices_.end(); ++it) {
    if (devices.size() == count_max) break;
    devices.push_back(it->second);
  }
  co_return devices;
}

MemoryStore::Call<void> MemoryStore::put_device(Device device) {
  if (failure_) co_return *failure_;
  devices_[device.id] = device;
  co_return Result<void>();
}

MemoryStore::Call<void> MemoryStore::remove_device(std::string id) {
  if (failure_) co_return *failure_;
  if (devices_.erase(id) == 0) co_return Failure{StoreError::not_found, "no such device"};
  co_return Result<void>();
}

MemoryStore::Call<std::unique_ptr<Upload>> MemoryStore::begin_upload() {
  if (failure_) co_return *failure_;
  co_return std::unique_ptr<Upload>(
      std::make_unique<MemoryUpload>(&uploads_in_progress_, &failure_));
}

MemoryStore::Call<void> MemoryStore::publish(std::string name, std::unique_ptr<Upload> upload) {
  if (failure_) co_return *failure_;
  files_[name] = dynamic_cast<MemoryUpload&>(*upload).bytes;
  co_return Result<void>();
}

MemoryStore::Call<FileContent> MemoryStore::open_file(std::string name) {
  if (failure_) co_return *failure_;
  const auto found = files_.find(name);
  if (found == files_.end()) co_return Failure{StoreError::not_found, "no such file"};
  FileContent content;
  content.file = FileDescriptor(::memfd_create("content", MFD_CLOEXEC));
  content.size_bytes = found->second.size();
  const auto written = ::write(content.file.get(), found->second.data(), found->second.size());
  if (written != static_cast<ssize_t>(found->second.size())) throw std::runtime_error("memfd");
  Sha256 hash;
  hash.update(found->second);
  content.sha256 = hash.finish();
  co_return content;
}

MemoryStore::Call<void> MemoryStore::remove_file(std::string name) {
  if (failure_) co_return *failure_;
  if (!files_.contains(name)) co_return Failure{StoreError::not_found, "no such file"};
  for (const auto& [id, device] : devices_) {
    if (device.file == name) co_return Failure{StoreError::in_use, "a row points at it"};
  }
  files_.erase(name);
  co_return Result<void>();
}

std::string read_content(const FileContent& content) {
  std::string bytes(content.size_bytes, '\0');
  std::size_t used = 0;
  while (used < bytes.size()) {
    const ssize_t count = ::pread(content.file.get(), bytes.data() + used, bytes.size() - used,
                                  static_cast<off_t>(used));
    if (count <= 0) throw std::runtime_error("read_content");
    used += static_cast<std::size_t>(count);
  }
  return bytes;
}

}  // namespace test_support
