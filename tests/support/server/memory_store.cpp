#include "tests/support/server/memory_store.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>

#include "server/storage/deployment.hpp"

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

ContentId content_id(const std::string& bytes) {
  Sha256 hash;
  hash.update(bytes);
  return {hash.finish(), bytes.size()};
}

}  // namespace

MemoryStore::Call<CheckFacts> MemoryStore::facts_for_check(std::string id) {
  if (failure_) co_return *failure_;
  CheckFacts facts;
  if (const auto found = devices_.find(id); found != devices_.end()) {
    facts.device = found->second;
    if (const auto file = files_.find(found->second.file); file != files_.end()) {
      const ContentId content = content_id(file->second);
      const auto manifest = manifests_.find(file->first);
      facts.file = fuota::server::domain::AssignedFile{
          content.sha256, content.size_bytes, manifest == manifests_.end() ? "" : manifest->second,
          deployment_of(std::to_string(assignments_[id]), content.sha256)};
    }
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
  assignments_[device.id] = ++next_assignment_;
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
  const std::string& bytes = dynamic_cast<MemoryUpload&>(*upload).bytes;
  if (files_[name] != bytes) manifests_.erase(name);
  files_[name] = bytes;
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
  content.sha256 = content_id(found->second).sha256;
  co_return content;
}

MemoryStore::Call<void> MemoryStore::put_manifest(std::string name, ContentId content,
                                                  std::string manifest) {
  if (failure_) co_return *failure_;
  const auto found = files_.find(name);
  if (found == files_.end()) co_return Failure{StoreError::not_found, "no such file"};
  if (content_id(found->second) != content) {
    co_return Failure{StoreError::other_content, "another content"};
  }
  manifests_[name] = manifest;
  co_return Result<void>();
}

MemoryStore::Call<std::string> MemoryStore::manifest_of(std::string name) {
  if (failure_) co_return *failure_;
  const auto found = manifests_.find(name);
  if (found == manifests_.end()) co_return Failure{StoreError::not_found, "no such manifest"};
  co_return Result<std::string>(boost::system::in_place_value, found->second);
}

MemoryStore::Call<void> MemoryStore::remove_file(std::string name) {
  if (failure_) co_return *failure_;
  if (!files_.contains(name)) co_return Failure{StoreError::not_found, "no such file"};
  for (const auto& [id, device] : devices_) {
    if (device.file == name) co_return Failure{StoreError::in_use, "a row points at it"};
  }
  files_.erase(name);
  manifests_.erase(name);
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
