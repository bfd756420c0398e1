// What every implementation of the Store interface does.

#include "server/storage/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "server/storage/sqlite/sqlite_store.hpp"
#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server::storage {
namespace {

using domain::Device;
using test_support::read_content;
using test_support::run_awaitable;
using testing::ElementsAre;
using testing::IsEmpty;

struct Implementation {
  const char* name;
  std::function<std::unique_ptr<Store>(const std::filesystem::path&)> open;
};

class StoreContract : public testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override { store_ = GetParam().open(directory_.path()); }

  bool put(const std::string& id, const std::string& version, const std::string& file) {
    return run_awaitable(store_->put_device(Device{id, version, file})).has_value();
  }

  std::unique_ptr<Upload> upload(const std::string& content) {
    auto upload = std::move(*run_awaitable(store_->begin_upload()));
    EXPECT_TRUE(run_awaitable(upload->append(content)).has_value());
    return upload;
  }

  bool publish(const std::string& name, const std::string& content) {
    return run_awaitable(store_->publish(name, upload(content))).has_value();
  }

  std::string content_of(const std::string& name) {
    const auto content = run_awaitable(store_->open_file(name));
    return content ? read_content(*content) : "no content";
  }

  static ContentId content_id(const std::string& content) {
    Sha256 hash;
    hash.update(content);
    return {hash.finish(), content.size()};
  }

  bool put_manifest(const std::string& name, const std::string& content,
                    const std::string& manifest) {
    return run_awaitable(store_->put_manifest(name, content_id(content), manifest)).has_value();
  }

  std::string manifest_of(const std::string& name) {
    const auto manifest = run_awaitable(store_->manifest_of(name));
    return manifest ? *manifest : "no manifest";
  }

  std::string deployment_for(const std::string& id) {
    return run_awaitable(store_->facts_for_check(id))->file->deployment;
  }

  std::vector<Device> devices(const std::string& after = "", std::size_t count_max = 100) {
    return *run_awaitable(store_->devices_after(after, count_max));
  }

  static StoreError error_of(const Result<void>& result) { return result.error().code; }

  test_support::TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST_P(StoreContract, KnowsNoDeviceAtFirst) {
  const auto facts = run_awaitable(store_->facts_for_check("00001"));
  ASSERT_TRUE(facts.has_value());
  EXPECT_FALSE(facts->device.has_value());
  EXPECT_THAT(devices(), IsEmpty());
}

TEST_P(StoreContract, RemembersADevice) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  const auto facts = run_awaitable(store_->facts_for_check("00001"));
  EXPECT_EQ(facts->device, (Device{"00001", "0.1.0", "app.bin"}));
}

TEST_P(StoreContract, ReplacesADevice) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  ASSERT_TRUE(put("00001", "0.2.0", "other.bin"));
  EXPECT_THAT(devices(), ElementsAre(Device{"00001", "0.2.0", "other.bin"}));
}

TEST_P(StoreContract, TellsWhetherTheDevicesFileExists) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  EXPECT_FALSE(run_awaitable(store_->facts_for_check("00001"))->file.has_value());
  ASSERT_TRUE(publish("app.bin", "content"));
  EXPECT_TRUE(run_awaitable(store_->facts_for_check("00001"))->file.has_value());
}

TEST_P(StoreContract, RemovesADevice) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  EXPECT_TRUE(run_awaitable(store_->remove_device("00001")).has_value());
  EXPECT_FALSE(run_awaitable(store_->facts_for_check("00001"))->device.has_value());
}

TEST_P(StoreContract, CannotRemoveADeviceThatIsNotThere) {
  EXPECT_EQ(error_of(run_awaitable(store_->remove_device("00001"))), StoreError::not_found);
}

TEST_P(StoreContract, ListsDevicesInByteOrderOfTheirIds) {
  for (const char* id : {"b", "a", "é", "B"}) ASSERT_TRUE(put(id, "1", "f"));
  EXPECT_THAT(devices(), ElementsAre(Device{"B", "1", "f"}, Device{"a", "1", "f"},
                                     Device{"b", "1", "f"}, Device{"é", "1", "f"}));
}

TEST_P(StoreContract, ListsDevicesFromADeviceOnAndNoMoreThanAskedFor) {
  for (const char* id : {"a", "b", "c", "d"}) ASSERT_TRUE(put(id, "1", "f"));
  EXPECT_THAT(devices("a", 2), ElementsAre(Device{"b", "1", "f"}, Device{"c", "1", "f"}));
  EXPECT_THAT(devices("d", 2), IsEmpty());
}

TEST_P(StoreContract, TakesAnyValidNameForData) {
  const std::string names[] = {"'; DROP TABLE device; --",
                               "x' OR '1'='1",
                               "%00",
                               "a b",
                               "$HOME",
                               "*",
                               "~",
                               "名前",
                               "-rf",
                               "ca_key.pem"};
  for (const std::string& name : names) {
    ASSERT_TRUE(put(name, name, name));
    ASSERT_TRUE(publish(name, "content of " + name));
  }
  EXPECT_EQ(devices().size(), std::size(names));
  for (const std::string& name : names) {
    EXPECT_EQ(run_awaitable(store_->facts_for_check(name))->device, (Device{name, name, name}));
    EXPECT_EQ(content_of(name), "content of " + name);
  }
}

TEST_P(StoreContract, GivesAFileAsItWasAppended) {
  auto upload = std::move(*run_awaitable(store_->begin_upload()));
  ASSERT_TRUE(run_awaitable(upload->append(std::string(70'000, 'a'))).has_value());
  ASSERT_TRUE(run_awaitable(upload->append(std::string("\0b", 2))).has_value());
  ASSERT_TRUE(run_awaitable(store_->publish("app.bin", std::move(upload))).has_value());
  EXPECT_EQ(content_of("app.bin"), std::string(70'000, 'a') + std::string("\0b", 2));
}

TEST_P(StoreContract, NamesAContentByItsSha256) {
  ASSERT_TRUE(publish("app.bin", "abc"));
  const auto content = run_awaitable(store_->open_file("app.bin"));
  EXPECT_EQ(to_hex(content->sha256),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_P(StoreContract, CannotOpenAFileThatIsNotThere) {
  const auto content = run_awaitable(store_->open_file("app.bin"));
  ASSERT_FALSE(content.has_value());
  EXPECT_EQ(content.error().code, StoreError::not_found);
}

TEST_P(StoreContract, ShowsNothingOfAnUploadBeforeItIsPublished) {
  ASSERT_TRUE(publish("app.bin", "old"));
  const auto pending = upload("new");
  EXPECT_EQ(content_of("app.bin"), "old");
}

TEST_P(StoreContract, ForgetsAnUploadThatIsNotPublished) {
  { const auto dropped = upload("dropped"); }
  EXPECT_EQ(content_of("app.bin"), "no content");
}

TEST_P(StoreContract, LetsAnOpenFileBeReadAfterItsNameWasReplaced) {
  ASSERT_TRUE(publish("app.bin", "old"));
  const auto content = run_awaitable(store_->open_file("app.bin"));
  ASSERT_TRUE(publish("app.bin", "newer"));
  EXPECT_EQ(read_content(*content), "old");
  EXPECT_EQ(content_of("app.bin"), "newer");
}

TEST_P(StoreContract, LetsAnOpenFileBeReadAfterItsNameWasRemoved) {
  ASSERT_TRUE(publish("app.bin", "old"));
  const auto content = run_awaitable(store_->open_file("app.bin"));
  ASSERT_TRUE(run_awaitable(store_->remove_file("app.bin")).has_value());
  EXPECT_EQ(read_content(*content), "old");
}

TEST_P(StoreContract, KeepsAContentThatAnotherNameHas) {
  ASSERT_TRUE(publish("a", "same"));
  ASSERT_TRUE(publish("b", "same"));
  ASSERT_TRUE(run_awaitable(store_->remove_file("a")).has_value());
  EXPECT_EQ(content_of("b"), "same");
}

TEST_P(StoreContract, ReplacesAFileByTheSameContent) {
  ASSERT_TRUE(publish("a", "same"));
  ASSERT_TRUE(publish("a", "same"));
  EXPECT_EQ(content_of("a"), "same");
}

TEST_P(StoreContract, CannotRemoveAFileThatIsNotThere) {
  EXPECT_EQ(error_of(run_awaitable(store_->remove_file("app.bin"))), StoreError::not_found);
}

TEST_P(StoreContract, KeepsAFileThatADeviceRowPointsAt) {
  ASSERT_TRUE(publish("app.bin", "content"));
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  EXPECT_EQ(error_of(run_awaitable(store_->remove_file("app.bin"))), StoreError::in_use);
  EXPECT_EQ(content_of("app.bin"), "content");
}

TEST_P(StoreContract, GivesTheManifestThatWasPutForTheContent) {
  ASSERT_TRUE(publish("app.bin", "content"));
  ASSERT_TRUE(put_manifest("app.bin", "content", "first"));
  ASSERT_TRUE(put_manifest("app.bin", "content", "second"));
  EXPECT_EQ(manifest_of("app.bin"), "second");
}

TEST_P(StoreContract, HasNoManifestForAFileOrANameWithoutOne) {
  ASSERT_TRUE(publish("app.bin", "content"));
  EXPECT_EQ(manifest_of("app.bin"), "no manifest");
  EXPECT_EQ(manifest_of("other.bin"), "no manifest");
}

TEST_P(StoreContract, TakesNoManifestForAFileThatIsNotThere) {
  const auto put =
      run_awaitable(store_->put_manifest("app.bin", content_id("content"), "manifest"));
  EXPECT_EQ(error_of(put), StoreError::not_found);
}

TEST_P(StoreContract, TakesNoManifestForAnotherContent) {
  ASSERT_TRUE(publish("app.bin", "content"));
  const auto put = run_awaitable(store_->put_manifest("app.bin", content_id("other"), "manifest"));
  EXPECT_EQ(error_of(put), StoreError::other_content);
  EXPECT_EQ(manifest_of("app.bin"), "no manifest");
}

TEST_P(StoreContract, DropsAManifestWithTheContentThatItIsAbout) {
  ASSERT_TRUE(publish("app.bin", "content"));
  ASSERT_TRUE(put_manifest("app.bin", "content", "manifest"));
  ASSERT_TRUE(publish("app.bin", "other"));
  EXPECT_EQ(manifest_of("app.bin"), "no manifest");
  ASSERT_TRUE(publish("app.bin", "content"));
  EXPECT_EQ(manifest_of("app.bin"), "no manifest");
}

TEST_P(StoreContract, KeepsAManifestWhenTheSameContentIsPublishedAgain) {
  ASSERT_TRUE(publish("app.bin", "content"));
  ASSERT_TRUE(put_manifest("app.bin", "content", "manifest"));
  ASSERT_TRUE(publish("app.bin", "content"));
  EXPECT_EQ(manifest_of("app.bin"), "manifest");
}

TEST_P(StoreContract, DropsAManifestWithItsFile) {
  ASSERT_TRUE(publish("app.bin", "content"));
  ASSERT_TRUE(put_manifest("app.bin", "content", "manifest"));
  ASSERT_TRUE(run_awaitable(store_->remove_file("app.bin")).has_value());
  ASSERT_TRUE(publish("app.bin", "content"));
  EXPECT_EQ(manifest_of("app.bin"), "no manifest");
}

TEST_P(StoreContract, KnowsContentAndManifestOfTheDevicesFile) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  ASSERT_TRUE(publish("app.bin", "content"));
  ASSERT_TRUE(put_manifest("app.bin", "content", "manifest"));
  const auto file = run_awaitable(store_->facts_for_check("00001"))->file;
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->sha256, content_id("content").sha256);
  EXPECT_EQ(file->size_bytes, 7U);
  EXPECT_EQ(file->manifest, "manifest");
}

TEST_P(StoreContract, KeepsADeploymentAsLongAsRowAndContentStay) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  ASSERT_TRUE(publish("app.bin", "content"));
  const std::string deployment = deployment_for("00001");
  EXPECT_EQ(deployment.size(), 22U);
  ASSERT_TRUE(put_manifest("app.bin", "content", "manifest"));
  ASSERT_TRUE(publish("app.bin", "content"));
  ASSERT_TRUE(put("00002", "0.1.0", "app.bin"));
  EXPECT_EQ(deployment_for("00001"), deployment);
}

TEST_P(StoreContract, MakesANewDeploymentOfAnotherContentDeviceOrPut) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  ASSERT_TRUE(put("00002", "0.1.0", "app.bin"));
  ASSERT_TRUE(publish("app.bin", "content"));
  std::set<std::string> deployments = {deployment_for("00001"), deployment_for("00002")};
  ASSERT_TRUE(publish("app.bin", "other"));
  deployments.insert(deployment_for("00001"));
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  deployments.insert(deployment_for("00001"));
  ASSERT_TRUE(run_awaitable(store_->remove_device("00001")).has_value());
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  deployments.insert(deployment_for("00001"));
  EXPECT_EQ(deployments.size(), 5U);
}

std::unique_ptr<Store> open_sqlite(const std::filesystem::path& directory) {
  return std::move(*open_sqlite_store(directory, 2));
}

std::unique_ptr<Store> open_memory(const std::filesystem::path&) {
  return std::make_unique<test_support::MemoryStore>();
}

INSTANTIATE_TEST_SUITE_P(Implementations, StoreContract,
                         testing::Values(Implementation{"Sqlite", open_sqlite},
                                         Implementation{"Memory", open_memory}),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace fuota::server::storage
