#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/domain/access.hpp"
#include "server/domain/audit.hpp"
#include "server/domain/check.hpp"
#include "server/domain/contact.hpp"
#include "server/domain/device.hpp"
#include "server/domain/fleet_counts.hpp"
#include "server/domain/history.hpp"
#include "server/domain/running.hpp"
#include "server/storage/failure.hpp"
#include "server/storage/file_descriptor.hpp"
#include "server/storage/sha256.hpp"

namespace fuota::server::storage {

/// The content of a file, opened: it stays readable and unchanged as long as `file` lives, even
/// when its name is replaced or removed meanwhile.
struct FileContent {
  FileDescriptor file;
  std::uint64_t size_bytes = 0;
  Sha256Digest sha256{};
};

/// What names a content.
struct ContentId {
  Sha256Digest sha256{};
  std::uint64_t size_bytes = 0;

  friend bool operator==(const ContentId&, const ContentId&) = default;
};

/// "sha256 ba78…, 3 bytes": a content for the audit log.
[[nodiscard]] inline std::string audit_detail(const ContentId& content) {
  return "sha256 " + to_hex(content.sha256) + ", " + std::to_string(content.size_bytes) + " bytes";
}

/// A file that is arriving. It has no name and nobody sees it before `Store::publish`; when it is
/// destroyed unpublished, nothing of it stays. Destroyed before the store.
class Upload {
 public:
  virtual ~Upload() = default;

  /// Adds `data` at the end. The bytes must stay valid until the call completes. One call at a
  /// time. Uses constant memory. Outcomes: success, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> append(std::string_view data) = 0;
};

/// What has become of the contacts that were recorded since the start.
struct ContactCounts {
  std::uint64_t recorded = 0;
  std::uint64_t dropped = 0;         ///< There was no room to remember them.
  std::uint64_t pending = 0;         ///< Devices whose newest contact is not durable yet.
  std::uint64_t batches = 0;         ///< Transactions that made contacts durable.
  std::uint64_t failed_batches = 0;  ///< Those that failed; their contacts were kept.
};

/// All that the server remembers, in use cases. Each call may be made from any thread; an awaitable
/// one resumes its caller on the caller's own executor, and one that isn't looks at a row or two at
/// once, which takes microseconds unless they must be read from the disk. A call that changes
/// something and succeeds has made the change durable: it survives a power cut at that moment. One
/// that fails has changed nothing. A change that an operator makes, or that lets somebody in, goes
/// with who makes it: a line of the audit log, which stands there when the change does and only
/// then; a call that finds nothing to change adds none. All calls have completed before the store
/// or a caller's executor is destroyed.
///
/// Ids, versions and names are data: any valid name (docs/protocol.md, "Names") is kept as it is.
class Store {
 public:
  virtual ~Store() = default;

  /// What is needed to answer the check of a device. Outcomes: the facts (an unknown device is
  /// one), `unavailable`.
  [[nodiscard]] virtual Result<domain::CheckFacts> facts_for_check(
      const domain::CheckQuestion& question) = 0;

  /// The devices whose ids come behind `after` in byte order, at most `count_max` of them, in
  /// that order; the first ones for an empty `after`. Outcomes: the devices, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::vector<domain::Device>>> devices_after(
      std::string after, std::size_t count_max) = 0;

  /// Creates or replaces the row of `device.id`, and makes of its offers new deployments, also when
  /// the row is the same. The file need not exist yet. Outcomes: success, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> put_device(domain::Device device,
                                                                        domain::Change change) = 0;

  /// Removes the row of device `id`, its history and its last contact. Its credential stays.
  /// Outcomes: success, `not_found`, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> remove_device(
      std::string id, domain::Change change) = 0;

  /// Begins to receive a file. Outcomes: the upload, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::unique_ptr<Upload>>> begin_upload() = 0;

  /// Makes what was appended to `upload`, which this store has begun, the content of `name`,
  /// created or replaced at one instant. A manifest of `name` stays when the content is the same,
  /// and goes with the content otherwise. Outcomes: success, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> publish(std::string name,
                                                                     std::unique_ptr<Upload> upload,
                                                                     domain::Change change) = 0;

  /// Opens the content of `name`. May block for one directory access. Outcomes: the content,
  /// `not_found`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<FileContent>> open_file(std::string name) = 0;

  /// Stores the manifest of `name`, which is about the content with this digest and length, in
  /// place of any other. Outcomes: success; `not_found` without such a file; `other_content` when
  /// the file has another content; `full`; `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> put_manifest(
      std::string name, ContentId content, std::string manifest, domain::Change change) = 0;

  /// The manifest that was put last for the content that `name` has. Outcomes: the manifest;
  /// `not_found` without a file or a manifest; `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::string>> manifest_of(
      std::string name) = 0;

  /// Removes `name` and its manifest. Outcomes: success, `not_found`, `in_use`, `full`,
  /// `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> remove_file(std::string name,
                                                                         domain::Change change) = 0;

  /// Adds `report`, which came at `received`, to the history of device `id`; of its events the
  /// newest domain::kEventsPerDeviceMax are kept. A report whose stream and sequence one of them
  /// has is there already: nothing is changed. Outcomes: success in both cases; `not_found` without
  /// the device; `full`; `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> record_report(
      std::string id, domain::Report report, domain::Time received) = 0;

  /// Remembers that device `id` has said at `received` that it runs `image`, and adds that to its
  /// history. Called when that is news (domain::is_news), which a check learns without a write;
  /// when it is none after all, nothing is changed. Outcomes: success in both cases; `not_found`
  /// without the device; `full`; `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> record_running(
      std::string id, domain::RunningImage image, domain::Time received) = 0;

  /// What is known of device `id`, with those of its events whose numbers are below `before`, the
  /// newest first and at most `count_max`, all as of one instant. Outcomes: the history;
  /// `not_found` without the device; `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<domain::History>> history(
      std::string id, std::uint64_t before, std::size_t count_max) = 0;

  /// Stores the root document of `version`, at least 1, for ever. Outcomes: success, also when this
  /// very document is there; `other_content` when another one is; `out_of_order` when the version
  /// before it isn't there; `full`; `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> put_root(std::uint32_t version,
                                                                      std::string document,
                                                                      domain::Change change) = 0;

  /// The root document of `version`, byte for byte. Outcomes: the document, `not_found`,
  /// `unavailable`. The highest version is among the facts for a check.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::string>> root(std::uint32_t version) = 0;

  /// Makes a change that changes nothing, as durable as any other one: shows whether changes can be
  /// made. Outcomes: success, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> probe() = 0;

  /// Remembers when, as what and from where a device has asked last; of several contacts of a
  /// device the last one that was recorded counts. Any thread; never waits for a disk, and keeps
  /// what isn't durable yet in bounded memory: a contact for which there is no room is dropped, and
  /// counted. `history` shows it at once, durable it becomes within seconds, together with others,
  /// and at the latest when the store is destroyed. Of an unknown device nothing becomes durable.
  virtual void record_contact(domain::Contact contact) noexcept = 0;

  /// Makes all contacts durable that were recorded before. Outcomes: success; `full` and
  /// `unavailable`, and then they are kept, and tried again later.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> flush_contacts() = 0;

  /// Any thread, blocks for nothing.
  [[nodiscard]] virtual ContactCounts contact_counts() const = 0;

  /// Counts the fleet. Takes seconds with a million devices, on a thread of its own; what changes
  /// meanwhile may be counted as it was or as it is. Outcomes: the counts, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<domain::FleetCounts>> fleet_counts() = 0;

  /// Outcomes: the account of this name, `not_found`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<domain::Account>> account(
      std::string name) = 0;

  /// All accounts in byte order of their names. Outcomes: the accounts, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::vector<domain::Account>>> accounts() = 0;

  /// Outcomes: success; `in_use` when there is an account of this name; `full`; `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> create_account(
      domain::Account account, domain::Change change) = 0;

  /// Makes of the account what is wanted, as it is at the instant of the change; nothing is changed
  /// when it is so already. Outcomes: success in both cases; `not_found`; `other_content` when it
  /// has another password than the one that was shown; `full`; `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> change_account(
      std::string name, domain::AccountChange wanted, domain::Change change) = 0;

  /// Removes an account and its API tokens. Outcomes: success, `not_found`, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> remove_account(
      std::string name, domain::Change change) = 0;

  /// The API tokens of an account, or all of them for an empty `owner`, in byte order of their ids.
  /// Outcomes: the tokens, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::vector<domain::ApiToken>>> api_tokens(
      std::string owner) = 0;

  /// The API token of this digest, be it expired or not, with the present role of its owner.
  /// Outcomes: the token, `not_found`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<domain::ApiTokenUse>> api_token(
      domain::SecretDigest digest) = 0;

  /// Adds a token. Outcomes: success; `not_found` without the owner's account; `in_use` when there
  /// is a token of this id or digest; `full`; `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> put_api_token(
      domain::ApiToken token, domain::Change change) = 0;

  /// Outcomes: success, `not_found`, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> remove_api_token(
      std::string id, domain::Change change) = 0;

  /// All fleet keys, be they usable or not, in byte order of their ids. Outcomes: the keys,
  /// `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::vector<domain::FleetKey>>>
  fleet_keys() = 0;

  /// Adds a fleet key. Outcomes: success; `in_use` when there is one of this id or digest; `full`;
  /// `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> put_fleet_key(
      domain::FleetKey key, domain::Change change) = 0;

  /// Outcomes: success, `not_found`, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> remove_fleet_key(
      std::string id, domain::Change change) = 0;

  /// Gives the device, which need not have a row, the token of digest `token`, and counts that for
  /// the fleet key of digest `fleet_key`. A device that has this very token and isn't blocked has
  /// enrolled already, whatever has become of the key since: nothing is changed. Outcomes: success
  /// in both cases; `not_found` without a key that is usable at `change.at` (domain::is_usable);
  /// `in_use` when the device is blocked or has another token; `full`; `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> enrol(std::string device,
                                                                   domain::SecretDigest token,
                                                                   domain::SecretDigest fleet_key,
                                                                   domain::Change change) = 0;

  /// Gives the device, which need not have a row, the token of this digest in place of any other.
  /// A device that is blocked stays so. Outcomes: success, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> put_device_credential(
      std::string device, domain::SecretDigest token, domain::Change change) = 0;

  /// Takes the device's token away: it may enrol again, unless it is blocked, which it stays.
  /// Outcomes: success, `not_found` when it has none, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> remove_device_credential(
      std::string device, domain::Change change) = 0;

  /// Blocks the device, which need not have a row or a token, or lets it in again. Nothing is
  /// changed when it is so already. Outcomes: success, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> block_device(
      std::string device, bool blocked, domain::Change change) = 0;

  /// What the device proves itself with; nothing when it has no token and isn't blocked. Outcomes:
  /// success, `unavailable`.
  [[nodiscard]] virtual Result<std::optional<domain::DeviceCredential>> device_credential(
      const std::string& device) = 0;

  /// The entries of the audit log that are asked for, the newest first. May look at the whole log,
  /// on a thread of its own. Outcomes: the entries, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::vector<domain::AuditEntry>>> audit(
      domain::AuditQuery query) = 0;

  /// Removes entries from the beginning of the audit log, up to the first one that isn't older than
  /// `kept_from`, and at most kAuditRemovedMax of them; and adds one that says so, whose object is
  /// the number of the first that stays. Nothing is changed when there is none to remove. Outcomes:
  /// how many were removed, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::size_t>> shorten_audit(
      domain::Time kept_from, domain::Change change) = 0;
};

/// Others wait as long as it takes to remove so many.
constexpr std::size_t kAuditRemovedMax = 10'000;

}  // namespace fuota::server::storage
