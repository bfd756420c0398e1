#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/domain/check.hpp"
#include "server/domain/device.hpp"
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

/// A file that is arriving. It has no name and nobody sees it before `Store::publish`; when it is
/// destroyed unpublished, nothing of it stays. Destroyed before the store.
class Upload {
 public:
  virtual ~Upload() = default;

  /// Adds `data` at the end. The bytes must stay valid until the call completes. One call at a
  /// time. Uses constant memory. Outcomes: success, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> append(std::string_view data) = 0;
};

/// All that the server remembers, in use cases. Each awaitable call may be made from any thread and
/// resumes its caller on the caller's own executor. A call that changes something and succeeds has
/// made the change durable: it survives a power cut at that moment. One that fails has changed
/// nothing. All calls have completed before the store or a caller's executor is destroyed.
///
/// Ids, versions and names are data: any valid name (docs/protocol.md, "Names") is kept as it is.
class Store {
 public:
  virtual ~Store() = default;

  /// What is needed to answer the check of device `id`. Outcomes: the facts (an unknown device is
  /// one), `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<domain::CheckFacts>> facts_for_check(
      std::string id) = 0;

  /// The devices whose ids come behind `after` in byte order, at most `count_max` of them, in
  /// that order; the first ones for an empty `after`. Outcomes: the devices, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::vector<domain::Device>>> devices_after(
      std::string after, std::size_t count_max) = 0;

  /// Creates or replaces the row of `device.id`, and makes of its offers new deployments, also when
  /// the row is the same. The file need not exist yet. Outcomes: success, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> put_device(domain::Device device) = 0;

  /// Removes the row of device `id` and its history. Outcomes: success, `not_found`, `full`,
  /// `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> remove_device(std::string id) = 0;

  /// Begins to receive a file. Outcomes: the upload, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::unique_ptr<Upload>>> begin_upload() = 0;

  /// Makes what was appended to `upload`, which this store has begun, the content of `name`,
  /// created or replaced at one instant. A manifest of `name` stays when the content is the same,
  /// and goes with the content otherwise. Outcomes: success, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> publish(
      std::string name, std::unique_ptr<Upload> upload) = 0;

  /// Opens the content of `name`. May block for one directory access. Outcomes: the content,
  /// `not_found`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<FileContent>> open_file(std::string name) = 0;

  /// Stores the manifest of `name`, which is about the content with this digest and length, in
  /// place of any other. Outcomes: success; `not_found` without such a file; `other_content` when
  /// the file has another content; `full`; `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> put_manifest(std::string name,
                                                                          ContentId content,
                                                                          std::string manifest) = 0;

  /// The manifest that was put last for the content that `name` has. Outcomes: the manifest;
  /// `not_found` without a file or a manifest; `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::string>> manifest_of(
      std::string name) = 0;

  /// Removes `name` and its manifest. Outcomes: success, `not_found`, `in_use`, `full`,
  /// `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> remove_file(std::string name) = 0;

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
                                                                      std::string document) = 0;

  /// The root document of `version`, byte for byte. Outcomes: the document, `not_found`,
  /// `unavailable`. The highest version is among the facts for a check.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::string>> root(std::uint32_t version) = 0;

  /// Makes a change that changes nothing, as durable as any other one: shows whether changes can be
  /// made. Outcomes: success, `full`, `unavailable`.
  [[nodiscard]] virtual boost::asio::awaitable<Result<void>> probe() = 0;
};

}  // namespace fuota::server::storage
