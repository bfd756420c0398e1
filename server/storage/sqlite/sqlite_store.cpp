#include "server/storage/sqlite/sqlite_store.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <atomic>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cassert>
#include <exception>
#include <optional>
#include <type_traits>

#include "server/offload/operation_room.hpp"
#include "server/offload/run_on.hpp"
#include "server/storage/blobs/blob_directory.hpp"
#include "server/storage/contact_buffer.hpp"
#include "server/storage/durable_file.hpp"
#include "server/storage/sqlite/change_queue.hpp"
#include "server/storage/sqlite/data_files.hpp"
#include "server/storage/sqlite/read_connection.hpp"
#include "server/storage/sqlite/schema.hpp"
#include "server/storage/sqlite/survey_connection.hpp"
#include "server/storage/sqlite/write_connection.hpp"

namespace fuota::server::storage {
namespace {

namespace asio = boost::asio;
using asio::awaitable;

/// Two uploads may wait for the disk at a time; the others take turns.
constexpr std::size_t kUploadThreads = 2;

/// Linux gives each thread a niceness of its own.
constexpr int kSurveyNiceness = 10;

/// A name is looked up again when its blob was replaced between the look-up and the opening. That
/// it happens this often in a row means that something else is wrong.
constexpr int kOpenAttempts = 8;

/// Runs `query` with SQLite's exceptions turned into failures.
template <typename Query>
Result<std::invoke_result_t<Query>> guarded(Query query) {
  try {
    return Result<std::invoke_result_t<Query>>(boost::system::in_place_value, query());
  } catch (const SQLite::Exception& exception) {
    return failure_from_sqlite(exception);
  }
}

/// SQLite would count the memory that it takes, under a lock that all threads share, and nobody
/// asks for the number. It refuses, which does no harm, where it has been in use before.
void leave_memory_uncounted() {
  static const int refused = ::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(refused);
}

class SqliteUpload final : public Upload {
 public:
  SqliteUpload(asio::thread_pool& pool, std::unique_ptr<BlobWriter> writer)
      : pool_(pool), writer_(std::move(writer)) {}

  awaitable<Result<void>> append(std::string_view data) override {
    return offload::run_on(
        pool_, [writer = writer_.get(), data] { return writer->append(data); }, out_of_memory());
  }

  [[nodiscard]] std::unique_ptr<BlobWriter> take_writer() { return std::move(writer_); }

 private:
  asio::thread_pool& pool_;
  std::unique_ptr<BlobWriter> writer_;
};

class SqliteStore final : public Store {
 public:
  SqliteStore(std::unique_ptr<BlobDirectory> blobs, SQLite::Database database,
              const std::string& path, SqliteStoreSettings settings)
      : settings_(std::move(settings)),
        blobs_(std::move(blobs)),
        writer_(std::move(database), *blobs_),
        survey_(path) {
    assert(settings_.readers > 0);
    for (std::size_t i = 0; i < settings_.readers; ++i) {
      readers_.push_back(std::make_unique<ReadConnection>(path));
    }
    // Here, for the first wait takes memory that the later ones use again.
    flush_later();
    // Counting a large fleet must not keep a core from those that ask.
    asio::post(surveys_, [] { ::setpriority(PRIO_PROCESS, 0, kSurveyNiceness); });
  }
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;

  ~SqliteStore() override {
    offload::post_in(stop_room_, changes_.get_executor(), [this] {
      stopping_ = true;
      flush_timer_.cancel();
      flush_and_tell();
    });
    changes_.join();
  }

  [[nodiscard]] Result<void> remove_leftovers() { return writer_.remove_unreferenced_blobs(); }

  Result<domain::CheckFacts> facts_for_check(const domain::CheckQuestion& question) override {
    return read([&question](ReadConnection& reader) { return reader.facts_for_check(question); });
  }

  awaitable<Result<std::vector<domain::Device>>> devices_after(std::string after,
                                                               std::size_t count_max) override {
    co_return read([&after, count_max](ReadConnection& reader) {
      return reader.devices_after(after, count_max);
    });
  }

  awaitable<Result<void>> put_device(domain::Device device, domain::Change change) override {
    return queue_.submit([this, device = std::move(device), change = std::move(change)] {
      return writer_.put_device(device, change);
    });
  }

  awaitable<Result<void>> remove_device(std::string id, domain::Change change) override {
    return queue_.submit([this, id = std::move(id), change = std::move(change)] {
      auto removed = writer_.remove_device(id, change);
      if (removed) contacts_.forget(id);
      return removed;
    });
  }

  awaitable<Result<std::unique_ptr<Upload>>> begin_upload() override {
    return offload::run_on(
        uploads_,
        [this]() -> Result<std::unique_ptr<Upload>> {
          auto writer = blobs_->begin();
          if (!writer) return writer.error();
          return std::unique_ptr<Upload>(
              std::make_unique<SqliteUpload>(uploads_, std::move(*writer)));
        },
        out_of_memory());
  }

  awaitable<Result<void>> publish(std::string name, std::unique_ptr<Upload> upload,
                                  domain::Change change) override {
    auto* own = dynamic_cast<SqliteUpload*>(upload.get());
    assert(own != nullptr);
    std::unique_ptr<BlobWriter> writer = own->take_writer();
    // The long sync happens here, so that the rows' thread has only short ones to make.
    auto finished = co_await offload::run_on(
        uploads_, [&writer] { return writer->finish(); }, out_of_memory());
    if (!finished) co_return finished.error();
    co_return co_await queue_.submit(
        [this, &name, &writer, &change] { return writer_.publish(name, *writer, change); });
  }

  awaitable<Result<FileContent>> open_file(std::string name) override { co_return open_now(name); }

  awaitable<Result<void>> put_manifest(std::string name, ContentId content, std::string manifest,
                                       domain::Change change) override {
    return queue_.submit([this, name = std::move(name), content, manifest = std::move(manifest),
                          change = std::move(change)] {
      return writer_.put_manifest(name, content, manifest, change);
    });
  }

  awaitable<Result<std::string>> manifest_of(std::string name) override {
    co_return found(read([&name](ReadConnection& reader) { return reader.manifest_of(name); }),
                    "no such manifest");
  }

  awaitable<Result<void>> remove_file(std::string name, domain::Change change) override {
    return queue_.submit([this, name = std::move(name), change = std::move(change)] {
      return writer_.remove_file(name, change);
    });
  }

  awaitable<Result<void>> record_report(std::string id, domain::Report report,
                                        domain::Time received) override {
    return queue_.submit([this, id = std::move(id), report, received] {
      return writer_.record_report(id, report, received);
    });
  }

  awaitable<Result<void>> record_running(std::string id, domain::RunningImage image,
                                         domain::Time received) override {
    return queue_.submit([this, id = std::move(id), image = std::move(image), received] {
      return writer_.record_running(id, image, received);
    });
  }

  awaitable<Result<domain::History>> history(std::string id, std::uint64_t before,
                                             std::size_t count_max) override {
    // Asked first: what becomes durable in between is found at least once.
    auto contact = contacts_.find(id);
    auto history = found(read([&id, before, count_max](ReadConnection& reader) {
                           return reader.history(id, before, count_max);
                         }),
                         "no such device");
    if (history && contact) history->contact = std::move(contact);
    co_return history;
  }

  awaitable<Result<void>> put_root(std::uint32_t version, std::string document,
                                   domain::Change change) override {
    return queue_.submit(
        [this, version, document = std::move(document), change = std::move(change)] {
          return writer_.put_root(version, document, change);
        });
  }

  awaitable<Result<std::string>> root(std::uint32_t version) override {
    co_return found(read([version](ReadConnection& reader) { return reader.root(version); }),
                    "no such root document");
  }

  void record_contact(domain::Contact contact) noexcept override {
    if (!contacts_.record(std::move(contact))) return;
    try {
      asio::post(changes_, [this] { flush_and_tell(); });
    } catch (const std::exception&) {  // No memory: the next interval will do.
    }
  }

  awaitable<Result<void>> flush_contacts() override {
    return offload::run_on(
        changes_, [this] { return flush_now(); }, out_of_memory());
  }

  [[nodiscard]] ContactCounts contact_counts() const override { return contacts_.counts(); }

  awaitable<Result<domain::FleetCounts>> fleet_counts() override {
    return offload::run_on(
        surveys_, [this] { return guarded([this] { return survey_.fleet_counts(); }); },
        out_of_memory());
  }

  awaitable<Result<std::vector<domain::AuditEntry>>> audit(domain::AuditQuery query) override {
    return offload::run_on(
        surveys_,
        [this, query = std::move(query)] {
          return guarded([this, &query] { return survey_.audit(query); });
        },
        out_of_memory());
  }

  awaitable<Result<std::size_t>> shorten_audit(domain::Time kept_from,
                                               domain::Change change) override {
    std::size_t removed = 0;
    // All of it stays in this frame, which waits.
    auto shortened = co_await queue_.submit([this, kept_from, &change, &removed] {
      return writer_.shorten_audit(kept_from, change, removed);
    });
    if (!shortened) co_return shortened.error();
    co_return removed;
  }

  awaitable<Result<domain::Account>> account(std::string name) override {
    co_return found(read([&name](ReadConnection& reader) {
                      return reader.access(&AccessQueries::account, name);
                    }),
                    "no such account");
  }

  awaitable<Result<std::vector<domain::Account>>> accounts() override {
    co_return read([](ReadConnection& reader) { return reader.access(&AccessQueries::accounts); });
  }

  awaitable<Result<void>> create_account(domain::Account account, domain::Change change) override {
    return change_access(&AccessTables::create_account, std::move(account), std::move(change));
  }

  awaitable<Result<void>> change_account(std::string name, domain::AccountChange wanted,
                                         domain::Change change) override {
    return change_access(&AccessTables::change_account, std::move(name), std::move(wanted),
                         std::move(change));
  }

  awaitable<Result<void>> remove_account(std::string name, domain::Change change) override {
    return change_access(&AccessTables::remove_account, std::move(name), std::move(change));
  }

  awaitable<Result<std::vector<domain::ApiToken>>> api_tokens(std::string owner) override {
    co_return read([&owner](ReadConnection& reader) {
      return reader.access(&AccessQueries::api_tokens, owner);
    });
  }

  awaitable<Result<domain::ApiTokenUse>> api_token(domain::SecretDigest digest) override {
    co_return found(read([&digest](ReadConnection& reader) {
                      return reader.access(&AccessQueries::api_token, digest);
                    }),
                    "no such token");
  }

  awaitable<Result<void>> put_api_token(domain::ApiToken token, domain::Change change) override {
    return change_access(&AccessTables::put_api_token, std::move(token), std::move(change));
  }

  awaitable<Result<void>> remove_api_token(std::string id, domain::Change change) override {
    return change_access(&AccessTables::remove_api_token, std::move(id), std::move(change));
  }

  awaitable<Result<std::vector<domain::FleetKey>>> fleet_keys() override {
    co_return read(
        [](ReadConnection& reader) { return reader.access(&AccessQueries::fleet_keys); });
  }

  awaitable<Result<void>> put_fleet_key(domain::FleetKey key, domain::Change change) override {
    return change_access(&AccessTables::put_fleet_key, std::move(key), std::move(change));
  }

  awaitable<Result<void>> remove_fleet_key(std::string id, domain::Change change) override {
    return change_access(&AccessTables::remove_fleet_key, std::move(id), std::move(change));
  }

  awaitable<Result<void>> enrol(std::string device, domain::SecretDigest token,
                                domain::SecretDigest fleet_key, domain::Change change) override {
    return change_access(&AccessTables::enrol, std::move(device), token, fleet_key,
                         std::move(change));
  }

  awaitable<Result<void>> put_device_credential(std::string device, domain::SecretDigest token,
                                                domain::Change change) override {
    return change_access(&AccessTables::put_device_credential, std::move(device), token,
                         std::move(change));
  }

  awaitable<Result<void>> remove_device_credential(std::string device,
                                                   domain::Change change) override {
    return change_access(&AccessTables::remove_device_credential, std::move(device),
                         std::move(change));
  }

  awaitable<Result<void>> block_device(std::string device, bool blocked,
                                       domain::Change change) override {
    return change_access(&AccessTables::block_device, std::move(device), blocked,
                         std::move(change));
  }

  Result<std::optional<domain::DeviceCredential>> device_credential(
      const std::string& device) override {
    return read([&device](ReadConnection& reader) {
      return reader.access(&AccessQueries::device_credential, device);
    });
  }

  awaitable<Result<void>> probe() override {
    return queue_.submit([this] { return writer_.probe(); });
  }

 private:
  /// A connection for the calling thread: threads are numbered as they come, so that each has one
  /// of its own as long as there are as many as threads.
  ReadConnection& reader() {
    static std::atomic<std::size_t> threads{0};
    thread_local const std::size_t number = threads.fetch_add(1);
    return *readers_[number % readers_.size()];
  }

  template <typename Query>
  Result<std::invoke_result_t<Query, ReadConnection&>> read(Query query) {
    return guarded([this, &query] { return query(reader()); });
  }

  /// Nothing is an answer that has a name of its own.
  template <typename T>
  static Result<T> found(Result<std::optional<T>> answer, const char* otherwise) {
    if (!answer) return answer.error();
    if (!*answer) return Failure{StoreError::not_found, otherwise};
    return Result<T>(boost::system::in_place_value, std::move(**answer));
  }

  template <typename... Parameters, typename... Arguments>
  awaitable<Result<void>> change_access(Result<void> (AccessTables::*call)(Parameters...),
                                        Arguments... arguments) {
    return queue_.submit([this, call, ... arguments = std::move(arguments)] {
      return writer_.change_access(
          [&](AccessTables& access) { return (access.*call)(arguments...); });
    });
  }

  /// On the thread of changes, as all of what follows about contacts, but for the first time.
  void flush_later() {
    if (stopping_) return;
    flush_timer_.expires_after(settings_.contact_interval);
    flush_timer_.async_wait(asio::bind_allocator(flush_room_.allocator(),
                                                 [this](const boost::system::error_code& error) {
                                                   if (error) return;
                                                   flush_and_tell();
                                                   flush_later();
                                                 }));
  }

  void flush_and_tell() noexcept {
    try {
      if (const auto flushed = flush_now(); !flushed) settings_.on_failure(flushed.error());
    } catch (const std::exception&) {  // No memory to tell it; the contacts are kept.
    }
  }

  Result<void> flush_now() {
    const ContactBuffer::Contacts& contacts = contacts_.begin_batch();
    const std::size_t devices = contacts.size();
    // As long as devices ask.
    writer_.lock_for_readers(devices > 0);
    const auto begun = std::chrono::steady_clock::now();
    auto flushed = devices == 0 ? Result<void>() : write(contacts);
    if (flushed) {
      const auto duration = std::chrono::steady_clock::now() - begun;
      contacts_.batch_done();
      if (devices > 0) settings_.on_contact_batch(devices, duration);
    } else {
      contacts_.batch_failed();
    }
    return flushed;
  }

  Result<void> write(const ContactBuffer::Contacts& contacts) noexcept {
    if (auto begun = writer_.begin(Changes::one); !begun) return begun;
    auto written = writer_.put_contacts(contacts);
    auto committed = writer_.commit();
    return written ? committed : written;
  }

  Result<FileContent> open_now(const std::string& name) {
    for (int attempt = 0; attempt < kOpenAttempts; ++attempt) {
      auto blob = read([&name](ReadConnection& reader) { return reader.blob_of(name); });
      if (!blob) return blob.error();
      if (!*blob) return Failure{StoreError::not_found, "no such file"};
      auto content = blobs_->open(**blob);
      if (content || content.error().code != StoreError::not_found) return content;
    }
    return Failure{StoreError::unavailable, "the content of a file is missing from blobs"};
  }

  SqliteStoreSettings settings_;
  std::unique_ptr<BlobDirectory> blobs_;
  ContactBuffer contacts_{kContactDevicesMax};
  WriteConnection writer_;
  SurveyConnection survey_;
  std::vector<std::unique_ptr<ReadConnection>> readers_;
  bool stopping_ = false;
  offload::OperationRoom flush_room_;
  offload::OperationRoom stop_room_;
  // Behind all that they work on, so that they are joined before it goes.
  asio::thread_pool changes_{1};
  asio::thread_pool uploads_{kUploadThreads};
  asio::thread_pool surveys_{1};
  asio::steady_timer flush_timer_{changes_};
  ChangeQueue queue_{changes_, writer_};
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& directory,
                                                 std::size_t readers) {
  SqliteStoreSettings settings;
  settings.readers = readers;
  return open_sqlite_store(directory, std::move(settings));
}

Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& directory,
                                                 SqliteStoreSettings settings) {
  leave_memory_uncounted();
  const bool beside_server = settings.beside_server;
  auto blobs = BlobDirectory::open(directory / kBlobFolder,
                                   beside_server ? Leftovers::keep : Leftovers::remove);
  if (!blobs) return blobs.error();
  const std::string path = (directory / kDatabaseFile).string();
  try {
    SQLite::Database database(path,
                              SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX);
    if (auto prepared = prepare_schema(database); !prepared) {
      return Failure{prepared.error().code, path + ": " + prepared.error().detail};
    }
    database.setBusyTimeout(static_cast<int>(settings.busy_timeout.count()));
    if (auto synced = sync_path(directory); !synced) return synced.error();
    auto store = std::make_unique<SqliteStore>(std::move(*blobs), std::move(database), path,
                                               std::move(settings));
    if (beside_server) return std::unique_ptr<Store>(std::move(store));
    if (auto removed = store->remove_leftovers(); !removed) return removed.error();
    return std::unique_ptr<Store>(std::move(store));
  } catch (const SQLite::Exception& exception) {
    Failure failure = failure_from_sqlite(exception);
    failure.detail = path + ": " + failure.detail;
    return failure;
  }
}

}  // namespace fuota::server::storage
