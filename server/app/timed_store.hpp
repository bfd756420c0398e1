#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "server/storage/store.hpp"

namespace fuota::server::app {

/// The calls of storage::Store, in its order.
enum class StoreCall : std::uint8_t {
  facts_for_check,
  devices_after,
  put_device,
  remove_device,
  begin_upload,
  publish,
  open_file,
  put_manifest,
  manifest_of,
  remove_file,
  record_report,
  record_running,
  history,
  put_root,
  root,
  flush_contacts,
  fleet_counts,
  account,
  accounts,
  create_account,
  change_account,
  remove_account,
  api_tokens,
  api_token,
  put_api_token,
  remove_api_token,
  fleet_keys,
  put_fleet_key,
  remove_fleet_key,
  enrol,
  put_device_credential,
  remove_device_credential,
  block_device,
  device_credential,
  audit,
  shorten_audit,
  probe,
};
constexpr std::size_t kStoreCalls = static_cast<std::size_t>(StoreCall::probe) + 1;

/// What a call does to what is stored.
enum class StoreEffect : std::uint8_t { read, change };

struct StoreCallInfo {
  std::string_view name;
  StoreEffect effect = StoreEffect::read;
};
[[nodiscard]] const StoreCallInfo& info_of(StoreCall call);

/// Is told of each call when it has completed. Called from all threads at once; must not block.
class StoreObserver {
 public:
  virtual ~StoreObserver() = default;

  /// `error` is empty after a success.
  virtual void on_store_call(StoreCall call, std::chrono::nanoseconds duration,
                             std::optional<storage::StoreError> error) = 0;
};

/// A store that passes every call on to another one, and tells `observers` how it went. All that it
/// is given outlives it.
class TimedStore : public storage::Store {
 public:
  template <typename T>
  using Call = boost::asio::awaitable<storage::Result<T>>;

  TimedStore(storage::Store& store, std::vector<StoreObserver*> observers)
      : store_(store), observers_(std::move(observers)) {}

  storage::Result<domain::CheckFacts> facts_for_check(
      const domain::CheckQuestion& question) override;
  Call<std::vector<domain::Device>> devices_after(std::string after,
                                                  std::size_t count_max) override;
  Call<void> put_device(domain::Device device, domain::Change change) override;
  Call<void> remove_device(std::string id, domain::Change change) override;
  Call<std::unique_ptr<storage::Upload>> begin_upload() override;
  Call<void> publish(std::string name, std::unique_ptr<storage::Upload> upload,
                     domain::Change change) override;
  Call<storage::FileContent> open_file(std::string name) override;
  Call<void> put_manifest(std::string name, storage::ContentId content, std::string manifest,
                          domain::Change change) override;
  Call<std::string> manifest_of(std::string name) override;
  Call<void> remove_file(std::string name, domain::Change change) override;
  Call<void> record_report(std::string id, domain::Report report, domain::Time received) override;
  Call<void> record_running(std::string id, domain::RunningImage image,
                            domain::Time received) override;
  Call<domain::History> history(std::string id, std::uint64_t before,
                                std::size_t count_max) override;
  Call<void> put_root(std::uint32_t version, std::string document, domain::Change change) override;
  Call<std::string> root(std::uint32_t version) override;
  Call<void> flush_contacts() override;
  Call<domain::FleetCounts> fleet_counts() override;
  Call<domain::Account> account(std::string name) override;
  Call<std::vector<domain::Account>> accounts() override;
  Call<void> create_account(domain::Account account, domain::Change change) override;
  Call<void> change_account(std::string name, domain::AccountChange wanted,
                            domain::Change change) override;
  Call<void> remove_account(std::string name, domain::Change change) override;
  Call<std::vector<domain::ApiToken>> api_tokens(std::string owner) override;
  Call<domain::ApiTokenUse> api_token(domain::SecretDigest digest) override;
  Call<void> put_api_token(domain::ApiToken token, domain::Change change) override;
  Call<void> remove_api_token(std::string id, domain::Change change) override;
  Call<std::vector<domain::FleetKey>> fleet_keys() override;
  Call<void> put_fleet_key(domain::FleetKey key, domain::Change change) override;
  Call<void> remove_fleet_key(std::string id, domain::Change change) override;
  Call<void> enrol(std::string device, domain::SecretDigest token, domain::SecretDigest fleet_key,
                   domain::Change change) override;
  Call<void> put_device_credential(std::string device, domain::SecretDigest token,
                                   domain::Change change) override;
  Call<void> remove_device_credential(std::string device, domain::Change change) override;
  Call<void> block_device(std::string device, bool blocked, domain::Change change) override;
  storage::Result<std::optional<domain::DeviceCredential>> device_credential(
      const std::string& device) override;
  Call<std::vector<domain::AuditEntry>> audit(domain::AuditQuery query) override;
  Call<std::size_t> shorten_audit(domain::Time kept_from, domain::Change change) override;
  Call<void> probe() override;

  /// Not timed: it is made for each check, and waits for nothing.
  void record_contact(domain::Contact contact) noexcept override;
  [[nodiscard]] storage::ContactCounts contact_counts() const override;

 private:
  template <typename T>
  Call<T> timed(StoreCall call, Call<T> inner);

  /// The same with a call that isn't awaitable, which `inner` makes.
  template <typename Inner>
  std::invoke_result_t<Inner> timed_at_once(StoreCall call, Inner inner);

  template <typename T>
  void tell(StoreCall call, std::chrono::steady_clock::time_point begun,
            const storage::Result<T>& result);

  storage::Store& store_;
  const std::vector<StoreObserver*> observers_;
};

}  // namespace fuota::server::app
