#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/storage/store.hpp"

namespace test_support {

/// A store in memory that passes the same suite as the real ones, for tests of what stands above
/// it, and that fails on demand. One thread.
class MemoryStore final : public fuota::server::storage::Store {
 public:
  template <typename T>
  using Call = boost::asio::awaitable<fuota::server::storage::Result<T>>;

  fuota::server::storage::Result<fuota::server::domain::CheckFacts> facts_for_check(
      const fuota::server::domain::CheckQuestion& question) override;
  Call<std::vector<fuota::server::domain::Device>> devices_after(std::string after,
                                                                 std::size_t count_max) override;
  Call<void> put_device(fuota::server::domain::Device device,
                        fuota::server::domain::Change change) override;
  Call<void> remove_device(std::string id, fuota::server::domain::Change change) override;
  Call<std::unique_ptr<fuota::server::storage::Upload>> begin_upload() override;
  Call<void> publish(std::string name, std::unique_ptr<fuota::server::storage::Upload> upload,
                     fuota::server::domain::Change change) override;
  Call<fuota::server::storage::FileContent> open_file(std::string name) override;
  Call<void> put_manifest(std::string name, fuota::server::storage::ContentId content,
                          std::string manifest, fuota::server::domain::Change change) override;
  Call<std::string> manifest_of(std::string name) override;
  Call<void> remove_file(std::string name, fuota::server::domain::Change change) override;
  Call<void> record_report(std::string id, fuota::server::domain::Report report,
                           fuota::server::domain::Time received) override;
  Call<void> record_running(std::string id, fuota::server::domain::RunningImage image,
                            fuota::server::domain::Time received) override;
  Call<fuota::server::domain::History> history(std::string id, std::uint64_t before,
                                               std::size_t count_max) override;
  Call<void> put_root(std::uint32_t version, std::string document,
                      fuota::server::domain::Change change) override;
  Call<std::string> root(std::uint32_t version) override;
  void record_contact(fuota::server::domain::Contact contact) noexcept override;
  Call<void> flush_contacts() override;
  [[nodiscard]] fuota::server::storage::ContactCounts contact_counts() const override;
  Call<fuota::server::domain::FleetCounts> fleet_counts() override;
  Call<fuota::server::domain::Account> account(std::string name) override;
  Call<std::vector<fuota::server::domain::Account>> accounts() override;
  Call<void> create_account(fuota::server::domain::Account account,
                            fuota::server::domain::Change change) override;
  Call<void> change_account(std::string name, fuota::server::domain::AccountChange wanted,
                            fuota::server::domain::Change change) override;
  Call<void> remove_account(std::string name, fuota::server::domain::Change change) override;
  Call<std::vector<fuota::server::domain::ApiToken>> api_tokens(std::string owner) override;
  Call<fuota::server::domain::ApiTokenUse> api_token(
      fuota::server::domain::SecretDigest digest) override;
  Call<void> put_api_token(fuota::server::domain::ApiToken token,
                           fuota::server::domain::Change change) override;
  Call<void> remove_api_token(std::string id, fuota::server::domain::Change change) override;
  Call<std::vector<fuota::server::domain::FleetKey>> fleet_keys() override;
  Call<void> put_fleet_key(fuota::server::domain::FleetKey key,
                           fuota::server::domain::Change change) override;
  Call<void> remove_fleet_key(std::string id, fuota::server::domain::Change change) override;
  Call<void> enrol(std::string device, fuota::server::domain::SecretDigest token,
                   fuota::server::domain::SecretDigest fleet_key,
                   fuota::server::domain::Change change) override;
  Call<void> put_device_credential(std::string device, fuota::server::domain::SecretDigest token,
                                   fuota::server::domain::Change change) override;
  Call<void> remove_device_credential(std::string device,
                                      fuota::server::domain::Change change) override;
  Call<void> block_device(std::string device, bool blocked,
                          fuota::server::domain::Change change) override;
  fuota::server::storage::Result<std::optional<fuota::server::domain::DeviceCredential>>
  device_credential(const std::string& device) override;
  Call<std::size_t> shorten_audit(fuota::server::domain::Time kept_from,
                                  fuota::server::domain::Change change) override;
  Call<std::vector<fuota::server::domain::AuditEntry>> audit(
      fuota::server::domain::AuditQuery query) override;
  Call<void> probe() override;

  /// Lets every call from now on fail in this way.
  void fail_with(fuota::server::storage::Failure failure) { failure_ = std::move(failure); }

  /// Lets every call succeed again.
  void recover() { failure_.reset(); }

  /// Lets from now on every call fail in this way that adds to a history: the disk is full, and
  /// can still be read.
  void fail_events_with(fuota::server::storage::Failure failure) {
    event_failure_ = std::move(failure);
  }

  /// How often a device was said to run something.
  [[nodiscard]] int running_calls() const { return running_calls_; }

  [[nodiscard]] const std::map<std::string, fuota::server::domain::Device>& devices() const {
    return devices_;
  }
  [[nodiscard]] const std::map<std::string, std::string>& files() const { return files_; }

  /// Uploads that were begun and neither published nor destroyed.
  [[nodiscard]] int uploads_in_progress() const { return uploads_in_progress_; }

 private:
  [[nodiscard]] fuota::server::domain::CheckFacts facts_of(const std::string& id) const;
  void add_event(const std::string& id, fuota::server::domain::Event event);

  /// Adds a line to the audit log. The outcome of a change that was made.
  fuota::server::storage::Result<void> done(const fuota::server::domain::Change& change,
                                            fuota::server::domain::AuditAction action,
                                            const std::string& object,
                                            const std::string& detail = "");

  std::map<std::string, fuota::server::domain::Device> devices_;
  std::map<std::string, std::string> files_;
  std::map<std::string, std::string> manifests_;      ///< By the name of the file.
  std::map<std::string, std::uint64_t> assignments_;  ///< By the id of the device.
  std::uint64_t next_assignment_ = 0;
  std::map<std::string, fuota::server::domain::Running> running_;
  std::map<std::string, std::vector<fuota::server::domain::Event>> events_;  ///< Oldest first.
  std::map<std::uint32_t, std::string> roots_;
  std::map<std::string, fuota::server::domain::Contact> contacts_;
  std::uint64_t contacts_recorded_ = 0;
  std::map<std::string, fuota::server::domain::Account> accounts_;
  std::map<std::string, fuota::server::domain::ApiToken> tokens_;  ///< By id.
  std::map<std::string, fuota::server::domain::FleetKey> keys_;    ///< By id.
  std::map<std::string, fuota::server::domain::DeviceCredential> credentials_;
  std::vector<fuota::server::domain::AuditEntry> audit_;  ///< Oldest first.
  std::optional<fuota::server::storage::Failure> failure_;
  std::optional<fuota::server::storage::Failure> event_failure_;
  int running_calls_ = 0;
  int uploads_in_progress_ = 0;
};

/// All bytes of an open file.
[[nodiscard]] std::string read_content(const fuota::server::storage::FileContent& content);

}  // namespace test_support
