#include "tests/support/server/memory_store.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>

#include "server/storage/deployment.hpp"

namespace test_support {

using namespace fuota::server::domain;
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

CheckFacts MemoryStore::facts_of(const std::string& id) const {
  CheckFacts facts;
  const auto found = devices_.find(id);
  if (found == devices_.end()) return facts;
  facts.device = found->second;
  if (const auto running = running_.find(id); running != running_.end()) {
    facts.running = running->second;
  }
  if (const auto file = files_.find(found->second.file); file != files_.end()) {
    const ContentId content = content_id(file->second);
    const auto manifest = manifests_.find(file->first);
    facts.file = fuota::server::domain::AssignedFile{
        content.sha256, content.size_bytes, manifest == manifests_.end() ? "" : manifest->second,
        deployment_of(std::to_string(assignments_.at(id)), content.sha256)};
  }
  return facts;
}

Result<CheckFacts> MemoryStore::facts_for_check(const CheckQuestion& question) {
  if (failure_) return *failure_;
  CheckFacts facts = facts_of(question.id);
  if (!facts.device || facts.device->version != question.version) facts.file.reset();
  if (question.with_root && !roots_.empty()) facts.highest_root = roots_.rbegin()->first;
  return facts;
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

MemoryStore::Call<void> MemoryStore::put_device(Device device, Change change) {
  if (failure_) co_return *failure_;
  devices_[device.id] = device;
  assignments_[device.id] = ++next_assignment_;
  co_return done(change, AuditAction::device_put, device.id, audit_detail(device));
}

MemoryStore::Call<void> MemoryStore::remove_device(std::string id, Change change) {
  if (failure_) co_return *failure_;
  if (devices_.erase(id) == 0) co_return Failure{StoreError::not_found, "no such device"};
  running_.erase(id);
  events_.erase(id);
  contacts_.erase(id);
  co_return done(change, AuditAction::device_remove, id);
}

MemoryStore::Call<std::unique_ptr<Upload>> MemoryStore::begin_upload() {
  if (failure_) co_return *failure_;
  co_return std::unique_ptr<Upload>(
      std::make_unique<MemoryUpload>(&uploads_in_progress_, &failure_));
}

MemoryStore::Call<void> MemoryStore::publish(std::string name, std::unique_ptr<Upload> upload,
                                             Change change) {
  if (failure_) co_return *failure_;
  const std::string& bytes = dynamic_cast<MemoryUpload&>(*upload).bytes;
  if (files_[name] != bytes) manifests_.erase(name);
  files_[name] = bytes;
  co_return done(change, AuditAction::file_put, name, audit_detail(content_id(bytes)));
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
                                                  std::string manifest, Change change) {
  if (failure_) co_return *failure_;
  const auto found = files_.find(name);
  if (found == files_.end()) co_return Failure{StoreError::not_found, "no such file"};
  if (content_id(found->second) != content) {
    co_return Failure{StoreError::other_content, "another content"};
  }
  manifests_[name] = manifest;
  co_return done(change, AuditAction::manifest_put, name, audit_detail(content));
}

MemoryStore::Call<std::string> MemoryStore::manifest_of(std::string name) {
  if (failure_) co_return *failure_;
  const auto found = manifests_.find(name);
  if (found == manifests_.end()) co_return Failure{StoreError::not_found, "no such manifest"};
  co_return Result<std::string>(boost::system::in_place_value, found->second);
}

MemoryStore::Call<void> MemoryStore::remove_file(std::string name, Change change) {
  if (failure_) co_return *failure_;
  if (!files_.contains(name)) co_return Failure{StoreError::not_found, "no such file"};
  for (const auto& [id, device] : devices_) {
    if (device.file == name) co_return Failure{StoreError::in_use, "a row points at it"};
  }
  files_.erase(name);
  manifests_.erase(name);
  co_return done(change, AuditAction::file_remove, name);
}

void MemoryStore::add_event(const std::string& id, Event event) {
  std::vector<Event>& events = events_[id];
  event.number = events.empty() ? 1 : events.back().number + 1;
  events.push_back(std::move(event));
  if (events.size() > kEventsPerDeviceMax) events.erase(events.begin());
}

MemoryStore::Call<void> MemoryStore::record_report(std::string id, Report report, Time received) {
  if (failure_) co_return *failure_;
  if (event_failure_) co_return *event_failure_;
  if (!devices_.contains(id)) co_return Failure{StoreError::not_found, "no such device"};
  for (const Event& event : events_[id]) {
    const auto* known = std::get_if<Report>(&event.what);
    if (known == nullptr || known->stream != report.stream) continue;
    if (known->sequence == report.sequence) co_return Result<void>();
  }
  add_event(id, {0, received, report});
  co_return Result<void>();
}

MemoryStore::Call<void> MemoryStore::record_running(std::string id, RunningImage image,
                                                    Time received) {
  ++running_calls_;
  if (failure_) co_return *failure_;
  if (event_failure_) co_return *event_failure_;
  const CheckFacts facts = facts_of(id);
  if (!facts.device) co_return Failure{StoreError::not_found, "no such device"};
  if (!is_news(facts.running, image)) co_return Result<void>();
  running_[id] = {image, received};
  add_event(id, {0, received, image});
  co_return Result<void>();
}

MemoryStore::Call<History> MemoryStore::history(std::string id, std::uint64_t before,
                                                std::size_t count_max) {
  if (failure_) co_return *failure_;
  const CheckFacts facts = facts_of(id);
  if (!facts.device) co_return Failure{StoreError::not_found, "no such device"};
  History history;
  history.file = facts.device->file;
  history.update = facts.file;
  history.running = facts.running;
  if (const auto contact = contacts_.find(id); contact != contacts_.end()) {
    history.contact = contact->second;
  }
  const std::vector<Event>& events = events_[id];
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    const auto* report = std::get_if<Report>(&event->what);
    if (report == nullptr || !facts.file) continue;
    if (report->deployment.view() != facts.file->deployment) continue;
    auto& last = history.last_report;
    if (!last || (last->stream == report->stream && last->sequence < report->sequence)) {
      last = *report;
    }
  }
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (event->number >= before) continue;
    history.has_more = history.events.size() == count_max;
    if (!history.has_more) history.events.push_back(*event);
  }
  co_return history;
}

MemoryStore::Call<void> MemoryStore::put_root(std::uint32_t version, std::string document,
                                              Change change) {
  if (failure_) co_return *failure_;
  if (const auto found = roots_.find(version); found != roots_.end()) {
    if (found->second == document) co_return Result<void>();
    co_return Failure{StoreError::other_content, "another document"};
  }
  const std::uint32_t highest = roots_.empty() ? 0 : roots_.rbegin()->first;
  if (version != highest + 1) co_return Failure{StoreError::out_of_order, "a gap"};
  roots_[version] = document;
  co_return done(change, AuditAction::root_put, std::to_string(version));
}

MemoryStore::Call<std::string> MemoryStore::root(std::uint32_t version) {
  if (failure_) co_return *failure_;
  const auto found = roots_.find(version);
  if (found == roots_.end()) co_return Failure{StoreError::not_found, "no such document"};
  co_return Result<std::string>(boost::system::in_place_value, found->second);
}

MemoryStore::Call<void> MemoryStore::probe() {
  if (failure_) co_return *failure_;
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
