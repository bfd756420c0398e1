#include "server/storage/sqlite/sqlite_store.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <cassert>

#include "server/storage/blobs/blob_directory.hpp"
#include "server/storage/sqlite/read_connection.hpp"
#include "server/storage/sqlite/run_on.hpp"
#include "server/storage/sqlite/schema.hpp"
#include "server/storage/sqlite/write_connection.hpp"

namespace fuota::server::storage {
namespace {

namespace asio = boost::asio;
using asio::awaitable;

/// Two uploads may wait for the disk at a time; the others take turns.
constexpr std::size_t kUploadThreads = 2;

/// A name is looked up again when its blob was replaced between the look-up and the opening. That
/// it happens this often in a row means that something else is wrong.
constexpr int kOpenAttempts = 8;

class SqliteUpload final : public Upload {
 public:
  SqliteUpload(asio::thread_pool& pool, std::unique_ptr<BlobWriter> writer)
      : pool_(pool), writer_(std::move(writer)) {}

  awaitable<Result<void>> append(std::string_view data) override {
    return run_on(pool_, [writer = writer_.get(), data] { return writer->append(data); });
  }

  [[nodiscard]] std::unique_ptr<BlobWriter> take_writer() { return std::move(writer_); }

 private:
  asio::thread_pool& pool_;
  std::unique_ptr<BlobWriter> writer_;
};

class SqliteStore final : public Store {
 public:
  SqliteStore(std::unique_ptr<BlobDirectory> blobs, SQLite::Database database,
              const std::string& path, std::size_t readers)
      : blobs_(std::move(blobs)), writer_(std::move(database), *blobs_) {
    assert(readers > 0);
    for (std::size_t i = 0; i < readers; ++i) {
      readers_.push_back(std::make_unique<ReadConnection>(path));
    }
  }

  [[nodiscard]] Result<void> remove_leftovers() { return writer_.remove_unreferenced_blobs(); }

  awaitable<Result<domain::CheckFacts>> facts_for_check(std::string id) override {
    co_return read([&id](ReadConnection& reader) { return reader.facts_for_check(id); });
  }

  awaitable<Result<std::vector<domain::Device>>> devices_after(std::string after,
                                                               std::size_t count_max) override {
    co_return read([&after, count_max](ReadConnection& reader) {
      return reader.devices_after(after, count_max);
    });
  }

  awaitable<Result<void>> put_device(domain::Device device) override {
    return run_on(changes_,
                  [this, device = std::move(device)] { return writer_.put_device(device); });
  }

  awaitable<Result<void>> remove_device(std::string id) override {
    return run_on(changes_, [this, id = std::move(id)] { return writer_.remove_device(id); });
  }

  awaitable<Result<std::unique_ptr<Upload>>> begin_upload() override {
    return run_on(uploads_, [this]() -> Result<std::unique_ptr<Upload>> {
      auto writer = blobs_->begin();
      if (!writer) return writer.error();
      return std::unique_ptr<Upload>(std::make_unique<SqliteUpload>(uploads_, std::move(*writer)));
    });
  }

  awaitable<Result<void>> publish(std::string name, std::unique_ptr<Upload> upload) override {
    auto* own = dynamic_cast<SqliteUpload*>(upload.get());
    assert(own != nullptr);
    std::unique_ptr<BlobWriter> writer = own->take_writer();
    // The long sync happens here, so that the rows' thread has only short ones to make.
    auto finished = co_await run_on(uploads_, [&writer] { return writer->finish(); });
    if (!finished) co_return finished.error();
    co_return co_await run_on(changes_,
                              [this, &name, &writer] { return writer_.publish(name, *writer); });
  }

  awaitable<Result<FileContent>> open_file(std::string name) override { co_return open_now(name); }

  awaitable<Result<void>> put_manifest(std::string name, ContentId content,
                                       std::string manifest) override {
    return run_on(changes_,
                  [this, name = std::move(name), content, manifest = std::move(manifest)] {
                    return writer_.put_manifest(name, content, manifest);
                  });
  }

  awaitable<Result<std::string>> manifest_of(std::string name) override {
    auto manifest = read([&name](ReadConnection& reader) { return reader.manifest_of(name); });
    if (!manifest) co_return manifest.error();
    if (!*manifest) co_return Failure{StoreError::not_found, "no such manifest"};
    co_return Result<std::string>(boost::system::in_place_value, std::move(**manifest));
  }

  awaitable<Result<void>> remove_file(std::string name) override {
    return run_on(changes_, [this, name = std::move(name)] { return writer_.remove_file(name); });
  }

  awaitable<Result<void>> record_report(std::string id, domain::Report report,
                                        domain::Time received) override {
    return run_on(changes_, [this, id = std::move(id), report, received] {
      return writer_.record_report(id, report, received);
    });
  }

  awaitable<Result<void>> record_running(std::string id, domain::RunningImage image,
                                         domain::Time received) override {
    return run_on(changes_, [this, id = std::move(id), image = std::move(image), received] {
      return writer_.record_running(id, image, received);
    });
  }

  awaitable<Result<domain::History>> history(std::string id, std::uint64_t before,
                                             std::size_t count_max) override {
    auto history = read([&id, before, count_max](ReadConnection& reader) {
      return reader.history(id, before, count_max);
    });
    if (!history) co_return history.error();
    if (!*history) co_return Failure{StoreError::not_found, "no such device"};
    co_return std::move(**history);
  }

  awaitable<Result<void>> put_root(std::uint32_t version, std::string document) override {
    return run_on(changes_, [this, version, document = std::move(document)] {
      return writer_.put_root(version, document);
    });
  }

  awaitable<Result<std::string>> root(std::uint32_t version) override {
    auto document = read([version](ReadConnection& reader) { return reader.root(version); });
    if (!document) co_return document.error();
    if (!*document) co_return Failure{StoreError::not_found, "no such root document"};
    co_return Result<std::string>(boost::system::in_place_value, std::move(**document));
  }

  awaitable<Result<void>> probe() override {
    return run_on(changes_, [this] { return writer_.probe(); });
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
    try {
      return query(reader());
    } catch (const SQLite::Exception& exception) {
      return failure_from_sqlite(exception);
    }
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

  std::unique_ptr<BlobDirectory> blobs_;
  WriteConnection writer_;
  std::vector<std::unique_ptr<ReadConnection>> readers_;
  // Last, so that they are joined before what they work on goes.
  asio::thread_pool changes_{1};
  asio::thread_pool uploads_{kUploadThreads};
};

/// Makes the names in a directory durable.
Result<void> sync_directory(const std::filesystem::path& directory) {
  const FileDescriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) {
    return failure_from_errno("fsync " + directory.string());
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::filesystem::path& directory,
                                                 std::size_t readers) {
  auto blobs = BlobDirectory::open(directory / "blobs");
  if (!blobs) return blobs.error();
  const std::string path = (directory / "fuota.db").string();
  try {
    SQLite::Database database(path,
                              SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX);
    if (auto prepared = prepare_schema(database); !prepared) {
      return Failure{prepared.error().code, path + ": " + prepared.error().detail};
    }
    if (auto synced = sync_directory(directory); !synced) return synced.error();
    auto store =
        std::make_unique<SqliteStore>(std::move(*blobs), std::move(database), path, readers);
    if (auto removed = store->remove_leftovers(); !removed) return removed.error();
    return std::unique_ptr<Store>(std::move(store));
  } catch (const SQLite::Exception& exception) {
    Failure failure = failure_from_sqlite(exception);
    failure.detail = path + ": " + failure.detail;
    return failure;
  }
}

}  // namespace fuota::server::storage
