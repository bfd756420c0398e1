#include "server/app/timed_store.hpp"

#include <iterator>
#include <utility>

namespace fuota::server::app {
namespace {

constexpr StoreCallInfo kCalls[] = {
    {"facts_for_check", StoreEffect::read},
    {"devices_after", StoreEffect::read},
    {"put_device", StoreEffect::change},
    {"remove_device", StoreEffect::change},
    {"begin_upload", StoreEffect::change},
    {"publish", StoreEffect::change},
    {"open_file", StoreEffect::read},
    {"put_manifest", StoreEffect::change},
    {"manifest_of", StoreEffect::read},
    {"remove_file", StoreEffect::change},
    {"record_report", StoreEffect::change},
    {"record_running", StoreEffect::change},
    {"history", StoreEffect::read},
    {"put_root", StoreEffect::change},
    {"root", StoreEffect::read},
    {"flush_contacts", StoreEffect::change},
    {"fleet_counts", StoreEffect::read},
    {"account", StoreEffect::read},
    {"accounts", StoreEffect::read},
    {"create_account", StoreEffect::change},
    {"change_account", StoreEffect::change},
    {"remove_account", StoreEffect::change},
    {"api_tokens", StoreEffect::read},
    {"api_token", StoreEffect::read},
    {"put_api_token", StoreEffect::change},
    {"remove_api_token", StoreEffect::change},
    {"fleet_keys", StoreEffect::read},
    {"put_fleet_key", StoreEffect::change},
    {"remove_fleet_key", StoreEffect::change},
    {"enrol", StoreEffect::change},
    {"put_device_credential", StoreEffect::change},
    {"remove_device_credential", StoreEffect::change},
    {"block_device", StoreEffect::change},
    {"device_credential", StoreEffect::read},
    {"audit", StoreEffect::read},
    {"shorten_audit", StoreEffect::change},
    {"probe", StoreEffect::change},
};
static_assert(std::size(kCalls) == kStoreCalls);

}  // namespace

const StoreCallInfo& info_of(StoreCall call) {
  return kCalls[static_cast<std::size_t>(call)];
}

/// The calls don't begin before they are awaited, so `inner` is timed whole.
template <typename T>
TimedStore::Call<T> TimedStore::timed(StoreCall call, Call<T> inner) {
  const auto begun = std::chrono::steady_clock::now();
  storage::Result<T> result = co_await std::move(inner);
  tell(call, begun, result);
  co_return result;
}

template <typename Inner>
std::invoke_result_t<Inner> TimedStore::timed_at_once(StoreCall call, Inner inner) {
  const auto begun = std::chrono::steady_clock::now();
  auto result = inner();
  tell(call, begun, result);
  return result;
}

template <typename T>
void TimedStore::tell(StoreCall call, std::chrono::steady_clock::time_point begun,
                      const storage::Result<T>& result) {
  const std::chrono::nanoseconds duration = std::chrono::steady_clock::now() - begun;
  std::optional<storage::StoreError> error;
  if (result.has_error()) error = result.error().code;
  for (StoreObserver* observer : observers_) observer->on_store_call(call, duration, error);
}

storage::Result<domain::CheckFacts> TimedStore::facts_for_check(
    const domain::CheckQuestion& question) {
  return timed_at_once(StoreCall::facts_for_check,
                       [&] { return store_.facts_for_check(question); });
}
TimedStore::Call<std::vector<domain::Device>> TimedStore::devices_after(std::string after,
                                                                        std::size_t count_max) {
  return timed(StoreCall::devices_after, store_.devices_after(std::move(after), count_max));
}
TimedStore::Call<void> TimedStore::put_device(domain::Device device, domain::Change change) {
  return timed(StoreCall::put_device, store_.put_device(std::move(device), std::move(change)));
}
TimedStore::Call<void> TimedStore::remove_device(std::string id, domain::Change change) {
  return timed(StoreCall::remove_device, store_.remove_device(std::move(id), std::move(change)));
}
TimedStore::Call<std::unique_ptr<storage::Upload>> TimedStore::begin_upload() {
  return timed(StoreCall::begin_upload, store_.begin_upload());
}
TimedStore::Call<void> TimedStore::publish(std::string name,
                                           std::unique_ptr<storage::Upload> upload,
                                           domain::Change change) {
  return timed(StoreCall::publish,
               store_.publish(std::move(name), std::move(upload), std::move(change)));
}
TimedStore::Call<storage::FileContent> TimedStore::open_file(std::string name) {
  return timed(StoreCall::open_file, store_.open_file(std::move(name)));
}
TimedStore::Call<void> TimedStore::put_manifest(std::string name, storage::ContentId content,
                                                std::string manifest, domain::Change change) {
  return timed(
      StoreCall::put_manifest,
      store_.put_manifest(std::move(name), content, std::move(manifest), std::move(change)));
}
TimedStore::Call<std::string> TimedStore::manifest_of(std::string name) {
  return timed(StoreCall::manifest_of, store_.manifest_of(std::move(name)));
}
TimedStore::Call<void> TimedStore::remove_file(std::string name, domain::Change change) {
  return timed(StoreCall::remove_file, store_.remove_file(std::move(name), std::move(change)));
}
TimedStore::Call<void> TimedStore::record_report(std::string id, domain::Report report,
                                                 domain::Time received) {
  return timed(StoreCall::record_report, store_.record_report(std::move(id), report, received));
}
TimedStore::Call<void> TimedStore::record_running(std::string id, domain::RunningImage image,
                                                  domain::Time received) {
  return timed(StoreCall::record_running,
               store_.record_running(std::move(id), std::move(image), received));
}
TimedStore::Call<domain::History> TimedStore::history(std::string id, std::uint64_t before,
                                                      std::size_t count_max) {
  return timed(StoreCall::history, store_.history(std::move(id), before, count_max));
}
TimedStore::Call<void> TimedStore::put_root(std::uint32_t version, std::string document,
                                            domain::Change change) {
  return timed(StoreCall::put_root,
               store_.put_root(version, std::move(document), std::move(change)));
}
TimedStore::Call<std::string> TimedStore::root(std::uint32_t version) {
  return timed(StoreCall::root, store_.root(version));
}
TimedStore::Call<void> TimedStore::flush_contacts() {
  return timed(StoreCall::flush_contacts, store_.flush_contacts());
}
TimedStore::Call<domain::FleetCounts> TimedStore::fleet_counts() {
  return timed(StoreCall::fleet_counts, store_.fleet_counts());
}
TimedStore::Call<domain::Account> TimedStore::account(std::string name) {
  return timed(StoreCall::account, store_.account(std::move(name)));
}
TimedStore::Call<std::vector<domain::Account>> TimedStore::accounts() {
  return timed(StoreCall::accounts, store_.accounts());
}
TimedStore::Call<void> TimedStore::create_account(domain::Account account, domain::Change change) {
  return timed(StoreCall::create_account,
               store_.create_account(std::move(account), std::move(change)));
}
TimedStore::Call<void> TimedStore::change_account(std::string name, domain::AccountChange wanted,
                                                  domain::Change change) {
  return timed(StoreCall::change_account,
               store_.change_account(std::move(name), std::move(wanted), std::move(change)));
}
TimedStore::Call<void> TimedStore::remove_account(std::string name, domain::Change change) {
  return timed(StoreCall::remove_account,
               store_.remove_account(std::move(name), std::move(change)));
}
TimedStore::Call<std::vector<domain::ApiToken>> TimedStore::api_tokens(std::string owner) {
  return timed(StoreCall::api_tokens, store_.api_tokens(std::move(owner)));
}
TimedStore::Call<domain::ApiTokenUse> TimedStore::api_token(domain::SecretDigest digest) {
  return timed(StoreCall::api_token, store_.api_token(digest));
}
TimedStore::Call<void> TimedStore::put_api_token(domain::ApiToken token, domain::Change change) {
  return timed(StoreCall::put_api_token, store_.put_api_token(std::move(token), std::move(change)));
}
TimedStore::Call<void> TimedStore::remove_api_token(std::string id, domain::Change change) {
  return timed(StoreCall::remove_api_token,
               store_.remove_api_token(std::move(id), std::move(change)));
}
TimedStore::Call<std::vector<domain::FleetKey>> TimedStore::fleet_keys() {
  return timed(StoreCall::fleet_keys, store_.fleet_keys());
}
TimedStore::Call<void> TimedStore::put_fleet_key(domain::FleetKey key, domain::Change change) {
  return timed(StoreCall::put_fleet_key, store_.put_fleet_key(std::move(key), std::move(change)));
}
TimedStore::Call<void> TimedStore::remove_fleet_key(std::string id, domain::Change change) {
  return timed(StoreCall::remove_fleet_key,
               store_.remove_fleet_key(std::move(id), std::move(change)));
}
TimedStore::Call<void> TimedStore::enrol(std::string device, domain::SecretDigest token,
                                         domain::SecretDigest fleet_key, domain::Change change) {
  return timed(StoreCall::enrol,
               store_.enrol(std::move(device), token, fleet_key, std::move(change)));
}
TimedStore::Call<void> TimedStore::put_device_credential(std::string device,
                                                         domain::SecretDigest token,
                                                         domain::Change change) {
  return timed(StoreCall::put_device_credential,
               store_.put_device_credential(std::move(device), token, std::move(change)));
}
TimedStore::Call<void> TimedStore::remove_device_credential(std::string device,
                                                            domain::Change change) {
  return timed(StoreCall::remove_device_credential,
               store_.remove_device_credential(std::move(device), std::move(change)));
}
TimedStore::Call<void> TimedStore::block_device(std::string device, bool blocked,
                                                domain::Change change) {
  return timed(StoreCall::block_device,
               store_.block_device(std::move(device), blocked, std::move(change)));
}
storage::Result<std::optional<domain::DeviceCredential>> TimedStore::device_credential(
    const std::string& device) {
  return timed_at_once(StoreCall::device_credential,
                       [&] { return store_.device_credential(device); });
}
TimedStore::Call<std::vector<domain::AuditEntry>> TimedStore::audit(domain::AuditQuery query) {
  return timed(StoreCall::audit, store_.audit(std::move(query)));
}
TimedStore::Call<std::size_t> TimedStore::shorten_audit(domain::Time kept_from,
                                                        domain::Change change) {
  return timed(StoreCall::shorten_audit, store_.shorten_audit(kept_from, std::move(change)));
}
TimedStore::Call<void> TimedStore::probe() {
  return timed(StoreCall::probe, store_.probe());
}

void TimedStore::record_contact(domain::Contact contact) noexcept {
  store_.record_contact(std::move(contact));
}
storage::ContactCounts TimedStore::contact_counts() const {
  return store_.contact_counts();
}

}  // namespace fuota::server::app
