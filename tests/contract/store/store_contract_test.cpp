// What every implementation of the Store interface does.

#include "server/storage/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <variant>

#include "tests/contract/store/implementations.hpp"
#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/some_change.hpp"
#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server::storage {
namespace {

using domain::ContentDigest;
using domain::Device;
using test_support::read_content;
using test_support::run_awaitable;
using test_support::some_change;
using testing::ElementsAre;
using testing::IsEmpty;

/// Before it come all events.
constexpr std::uint64_t kNewest = std::numeric_limits<std::uint64_t>::max();

class StoreContract : public testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override { store_ = GetParam().open(directory_.path()); }

  bool put(const std::string& id, const std::string& version, const std::string& file) {
    return run_awaitable(store_->put_device(Device{id, version, file}, some_change())).has_value();
  }

  std::unique_ptr<Upload> upload(const std::string& content) {
    auto upload = std::move(*run_awaitable(store_->begin_upload()));
    EXPECT_TRUE(run_awaitable(upload->append(content)).has_value());
    return upload;
  }

  bool publish(const std::string& name, const std::string& content) {
    return run_awaitable(store_->publish(name, upload(content), some_change())).has_value();
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
    return run_awaitable(store_->put_manifest(name, content_id(content), manifest, some_change()))
        .has_value();
  }

  std::string manifest_of(const std::string& name) {
    const auto manifest = run_awaitable(store_->manifest_of(name));
    return manifest ? *manifest : "no manifest";
  }

  std::string deployment_for(const std::string& id) {
    return store_->facts_for_check({id, "0.1.0"})->file->deployment;
  }

  std::vector<Device> devices(const std::string& after = "", std::size_t count_max = 100) {
    return *run_awaitable(store_->devices_after(after, count_max));
  }

  static domain::Report report(std::uint32_t sequence, const std::string& deployment = "d") {
    domain::Report report;
    report.stream = 1;
    report.sequence = sequence;
    EXPECT_TRUE(report.deployment.assign(deployment) && report.version.assign("0.2.0"));
    report.image = {7, 8};
    return report;
  }

  bool record(const domain::Report& report, domain::Time received = domain::Time()) {
    return run_awaitable(store_->record_report("00001", report, received)).has_value();
  }

  bool say(const std::string& version, const ContentDigest& image,
           domain::Time received = domain::Time()) {
    return run_awaitable(store_->record_running("00001", {version, image}, received)).has_value();
  }

  domain::History history(std::uint64_t before = kNewest, std::size_t count_max = 2000) {
    auto history = run_awaitable(store_->history("00001", before, count_max));
    if (!history) throw std::runtime_error("no history");
    return std::move(*history);
  }

  /// What the events of a history are: a report's sequence, or 0 for another image.
  static std::vector<std::uint32_t> sequences(const domain::History& history) {
    std::vector<std::uint32_t> found;
    for (const domain::Event& event : history.events) {
      const auto* report = std::get_if<domain::Report>(&event.what);
      found.push_back(report == nullptr ? 0 : report->sequence);
    }
    return found;
  }

  /// A device whose file is there: the name of its deployment.
  std::string deploy() {
    EXPECT_TRUE(put("00001", "0.1.0", "app.bin"));
    EXPECT_TRUE(publish("app.bin", "content"));
    return deployment_for("00001");
  }

  static StoreError error_of(const Result<void>& result) { return result.error().code; }

  test_support::TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST_P(StoreContract, KnowsNoDeviceAtFirst) {
  const auto facts = store_->facts_for_check({"00001", "0.1.0"});
  ASSERT_TRUE(facts.has_value());
  EXPECT_FALSE(facts->device.has_value());
  EXPECT_THAT(devices(), IsEmpty());
}

TEST_P(StoreContract, RemembersADevice) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  const auto facts = store_->facts_for_check({"00001", "0.1.0"});
  EXPECT_EQ(facts->device, (Device{"00001", "0.1.0", "app.bin"}));
}

TEST_P(StoreContract, ReplacesADevice) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  ASSERT_TRUE(put("00001", "0.2.0", "other.bin"));
  EXPECT_THAT(devices(), ElementsAre(Device{"00001", "0.2.0", "other.bin"}));
}

TEST_P(StoreContract, TellsWhetherTheDevicesFileExists) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  EXPECT_FALSE(store_->facts_for_check({"00001", "0.1.0"})->file.has_value());
  ASSERT_TRUE(publish("app.bin", "content"));
  EXPECT_TRUE(store_->facts_for_check({"00001", "0.1.0"})->file.has_value());
}

TEST_P(StoreContract, TellsNothingOfTheFileForAnotherVersionThanTheRows) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  ASSERT_TRUE(publish("app.bin", "content"));
  const auto facts = store_->facts_for_check({"00001", "0.2.0"});
  EXPECT_EQ(facts->device, (Device{"00001", "0.1.0", "app.bin"}));
  EXPECT_FALSE(facts->file.has_value());
}

TEST_P(StoreContract, RemovesADevice) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  EXPECT_TRUE(run_awaitable(store_->remove_device("00001", some_change())).has_value());
  EXPECT_FALSE(store_->facts_for_check({"00001", "0.1.0"})->device.has_value());
}

TEST_P(StoreContract, CannotRemoveADeviceThatIsNotThere) {
  EXPECT_EQ(error_of(run_awaitable(store_->remove_device("00001", some_change()))),
            StoreError::not_found);
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
    EXPECT_EQ(store_->facts_for_check({name, name})->device, (Device{name, name, name}));
    EXPECT_EQ(content_of(name), "content of " + name);
  }
}

TEST_P(StoreContract, GivesAFileAsItWasAppended) {
  auto upload = std::move(*run_awaitable(store_->begin_upload()));
  ASSERT_TRUE(run_awaitable(upload->append(std::string(70'000, 'a'))).has_value());
  ASSERT_TRUE(run_awaitable(upload->append(std::string("\0b", 2))).has_value());
  ASSERT_TRUE(
      run_awaitable(store_->publish("app.bin", std::move(upload), some_change())).has_value());
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
  ASSERT_TRUE(run_awaitable(store_->remove_file("app.bin", some_change())).has_value());
  EXPECT_EQ(read_content(*content), "old");
}

TEST_P(StoreContract, KeepsAContentThatAnotherNameHas) {
  ASSERT_TRUE(publish("a", "same"));
  ASSERT_TRUE(publish("b", "same"));
  ASSERT_TRUE(run_awaitable(store_->remove_file("a", some_change())).has_value());
  EXPECT_EQ(content_of("b"), "same");
}

TEST_P(StoreContract, ReplacesAFileByTheSameContent) {
  ASSERT_TRUE(publish("a", "same"));
  ASSERT_TRUE(publish("a", "same"));
  EXPECT_EQ(content_of("a"), "same");
}

TEST_P(StoreContract, CannotRemoveAFileThatIsNotThere) {
  EXPECT_EQ(error_of(run_awaitable(store_->remove_file("app.bin", some_change()))),
            StoreError::not_found);
}

TEST_P(StoreContract, KeepsAFileThatADeviceRowPointsAt) {
  ASSERT_TRUE(publish("app.bin", "content"));
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  EXPECT_EQ(error_of(run_awaitable(store_->remove_file("app.bin", some_change()))),
            StoreError::in_use);
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
  const auto put = run_awaitable(
      store_->put_manifest("app.bin", content_id("content"), "manifest", some_change()));
  EXPECT_EQ(error_of(put), StoreError::not_found);
}

TEST_P(StoreContract, TakesNoManifestForAnotherContent) {
  ASSERT_TRUE(publish("app.bin", "content"));
  const auto put = run_awaitable(
      store_->put_manifest("app.bin", content_id("other"), "manifest", some_change()));
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
  ASSERT_TRUE(run_awaitable(store_->remove_file("app.bin", some_change())).has_value());
  ASSERT_TRUE(publish("app.bin", "content"));
  EXPECT_EQ(manifest_of("app.bin"), "no manifest");
}

TEST_P(StoreContract, KnowsContentAndManifestOfTheDevicesFile) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  ASSERT_TRUE(publish("app.bin", "content"));
  ASSERT_TRUE(put_manifest("app.bin", "content", "manifest"));
  const auto file = store_->facts_for_check({"00001", "0.1.0"})->file;
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
  ASSERT_TRUE(run_awaitable(store_->remove_device("00001", some_change())).has_value());
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  deployments.insert(deployment_for("00001"));
  EXPECT_EQ(deployments.size(), 5U);
}

TEST_P(StoreContract, RemembersAReportWithAllThatItSays) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  domain::Report full = report(12);
  full.stream = 0xFEDCBA9876543210;
  full.sequence = 0xFFFFFFFF;
  full.state = protocol::ReportState::rolled_back;
  ASSERT_TRUE(full.code.assign("hash") && full.detail.assign("sector 7") &&
              full.reset_reason.assign("power-on"));
  full.rssi_dbm = -128;
  full.has_free_heap = true;
  full.free_heap_bytes = 0xFFFFFFFF;
  const domain::Time received(std::chrono::seconds(1'795'412'064));
  ASSERT_TRUE(record(full, received));
  ASSERT_TRUE(record(report(1)));
  const domain::History found = history();
  ASSERT_EQ(found.events.size(), 2U);
  EXPECT_EQ(std::get<domain::Report>(found.events[1].what), full);
  EXPECT_EQ(found.events[1].received, received);
  EXPECT_EQ(std::get<domain::Report>(found.events[0].what), report(1));
}

TEST_P(StoreContract, TakesNoReportOfADeviceThatIsNotThere) {
  const auto recorded = run_awaitable(store_->record_report("00001", report(1), {}));
  EXPECT_EQ(error_of(recorded), StoreError::not_found);
  EXPECT_EQ(run_awaitable(store_->history("00001", kNewest, 1)).error().code,
            StoreError::not_found);
}

TEST_P(StoreContract, TakesAReportThatComesAgainForTheSame) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  ASSERT_TRUE(record(report(1)));
  ASSERT_TRUE(record(report(2)));
  domain::Report again = report(1);
  again.state = protocol::ReportState::failed;
  ASSERT_TRUE(record(again, domain::Time(std::chrono::seconds(1))));
  EXPECT_THAT(sequences(history()), ElementsAre(2, 1));
  EXPECT_EQ(std::get<domain::Report>(history().events[1].what), report(1));
}

TEST_P(StoreContract, TellsReportsOfOtherStreamsAndDevicesApart) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  ASSERT_TRUE(put("00002", "0.1.0", "app.bin"));
  ASSERT_TRUE(record(report(1)));
  ASSERT_TRUE(run_awaitable(store_->record_report("00002", report(1), {})).has_value());
  domain::Report other = report(1);
  other.stream = 2;
  ASSERT_TRUE(record(other));
  EXPECT_THAT(sequences(history()), ElementsAre(1, 1));
  EXPECT_EQ(run_awaitable(store_->history("00002", kNewest, 10))->events.size(), 1U);
}

TEST_P(StoreContract, GivesAHistoryInPagesFromTheNewestEventOn) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  for (const std::uint32_t sequence : {1U, 3U, 2U, 4U, 5U}) ASSERT_TRUE(record(report(sequence)));
  const domain::History first = history(kNewest, 2);
  EXPECT_THAT(sequences(first), ElementsAre(5, 4));
  EXPECT_TRUE(first.has_more);
  const domain::History second = history(first.events.back().number, 2);
  EXPECT_THAT(sequences(second), ElementsAre(2, 3));
  EXPECT_TRUE(second.has_more);
  const domain::History third = history(second.events.back().number, 2);
  EXPECT_THAT(sequences(third), ElementsAre(1));
  EXPECT_FALSE(third.has_more);
  EXPECT_FALSE(history(kNewest, 5).has_more);
  EXPECT_THAT(history(1, 5).events, IsEmpty());
}

TEST_P(StoreContract, NumbersTheEventsOfEachDeviceFromOne) {
  ASSERT_TRUE(put("00002", "0.1.0", "app.bin"));
  ASSERT_TRUE(run_awaitable(store_->record_report("00002", report(1), {})).has_value());
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  ASSERT_TRUE(record(report(7)));
  ASSERT_TRUE(say("0.1.0", {1}));
  EXPECT_EQ(history().events[1].number, 1U);
  EXPECT_EQ(history().events[0].number, 2U);
}

TEST_P(StoreContract, KeepsTheNewestEventsOfADevice) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  constexpr std::uint32_t kMost = domain::kEventsPerDeviceMax;
  for (std::uint32_t sequence = 1; sequence <= kMost + 2; ++sequence) {
    ASSERT_TRUE(record(report(sequence)));
  }
  const domain::History kept = history();
  ASSERT_EQ(kept.events.size(), kMost);
  EXPECT_EQ(kept.events.front().number, kMost + 2);
  EXPECT_EQ(kept.events.back().number, 3U);
  EXPECT_EQ(sequences(kept).back(), 3U);
}

TEST_P(StoreContract, RemembersWhatADeviceRunsAndSinceWhen) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  EXPECT_FALSE(store_->facts_for_check({"00001", "0.1.0"})->running.has_value());
  const domain::Time first(std::chrono::seconds(100));
  ASSERT_TRUE(say("0.1.0", {1}, first));
  const domain::Running running{{"0.1.0", {1}}, first};
  EXPECT_EQ(store_->facts_for_check({"00001", "0.1.0"})->running, running);
  EXPECT_EQ(store_->facts_for_check({"00001", "0.2.0"})->running, running);
  EXPECT_EQ(history().running, running);
  ASSERT_EQ(history().events.size(), 1U);
  EXPECT_EQ(std::get<domain::RunningImage>(history().events[0].what), running.image);
  EXPECT_EQ(history().events[0].received, first);
}

TEST_P(StoreContract, TakesOnlyAnotherImageOrVersionForNews) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  ASSERT_TRUE(say("0.1.0", {1}));
  ASSERT_TRUE(say("0.1.0", {1}, domain::Time(std::chrono::seconds(5))));
  EXPECT_EQ(history().events.size(), 1U);
  EXPECT_EQ(history().running->since, domain::Time());
  ASSERT_TRUE(say("0.1.0", {2}));
  ASSERT_TRUE(say("0.2.0", {2}));
  EXPECT_EQ(history().events.size(), 3U);
}

TEST_P(StoreContract, RemembersNothingThatADeviceRunsThatIsNotThere) {
  EXPECT_EQ(error_of(run_awaitable(store_->record_running("00001", {"0.1.0", {1}}, {}))),
            StoreError::not_found);
}

TEST_P(StoreContract, KeepsAHistoryWhenTheRowIsReplaced) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  ASSERT_TRUE(say("0.1.0", {1}));
  ASSERT_TRUE(put("00001", "0.2.0", "other.bin"));
  EXPECT_EQ(history().events.size(), 1U);
  EXPECT_TRUE(history().running.has_value());
  EXPECT_EQ(history().file, "other.bin");
}

TEST_P(StoreContract, DropsAHistoryWithTheDevice) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  ASSERT_TRUE(put("00002", "0.1.0", "app.bin"));
  ASSERT_TRUE(say("0.1.0", {1}));
  ASSERT_TRUE(run_awaitable(store_->record_report("00002", report(1), {})).has_value());
  ASSERT_TRUE(record(report(1)));
  ASSERT_TRUE(run_awaitable(store_->remove_device("00001", some_change())).has_value());
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  EXPECT_THAT(history().events, IsEmpty());
  EXPECT_FALSE(history().running.has_value());
  EXPECT_EQ(run_awaitable(store_->history("00002", kNewest, 10))->events.size(), 1U);
}

TEST_P(StoreContract, KnowsTheDevicesUpdateInItsHistory) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  EXPECT_FALSE(history().update.has_value());
  EXPECT_EQ(history().file, "app.bin");
  const std::string deployment = deploy();
  ASSERT_TRUE(history().update.has_value());
  EXPECT_EQ(history().update->deployment, deployment);
  EXPECT_EQ(history().update->sha256, content_id("content").sha256);
  EXPECT_FALSE(history().last_report.has_value());
}

TEST_P(StoreContract, TellsHowFarAnUpdateIsByTheHighestSequenceWhateverCameLast) {
  const std::string deployment = deploy();
  ASSERT_TRUE(record(report(1, deployment)));
  ASSERT_TRUE(record(report(3, deployment)));
  ASSERT_TRUE(record(report(2, deployment)));
  ASSERT_TRUE(record(report(9, "another deployment")));
  EXPECT_EQ(history().last_report, report(3, deployment));
  EXPECT_EQ(history(1, 1).last_report, report(3, deployment));
}

TEST_P(StoreContract, TellsHowFarAnUpdateIsByTheStreamThatReportedLast) {
  const std::string deployment = deploy();
  ASSERT_TRUE(record(report(5, deployment)));
  domain::Report of_the_next = report(1, deployment);
  of_the_next.stream = 0;
  ASSERT_TRUE(record(of_the_next));
  EXPECT_EQ(history().last_report, of_the_next);
}

TEST_P(StoreContract, ForgetsHowFarAnUpdateWasWhenItIsOfferedAnew) {
  ASSERT_TRUE(record(report(1, deploy())));
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  EXPECT_FALSE(history().last_report.has_value());
}

TEST_P(StoreContract, GivesRootDocumentsByteForByte) {
  const std::string first = " {\"a\":\"ä\"}\r\n";
  ASSERT_TRUE(run_awaitable(store_->put_root(1, first, some_change())).has_value());
  ASSERT_TRUE(run_awaitable(store_->put_root(2, "second", some_change())).has_value());
  EXPECT_EQ(*run_awaitable(store_->root(1)), first);
  EXPECT_EQ(*run_awaitable(store_->root(2)), "second");
  EXPECT_EQ(run_awaitable(store_->root(3)).error().code, StoreError::not_found);
}

TEST_P(StoreContract, KnowsTheHighestRootDocumentAtEveryCheckThatWantsToKnowIt) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  EXPECT_EQ(store_->facts_for_check({"00001", "0.1.0", true})->highest_root, 0U);
  ASSERT_TRUE(run_awaitable(store_->put_root(1, "first", some_change())).has_value());
  ASSERT_TRUE(run_awaitable(store_->put_root(2, "second", some_change())).has_value());
  EXPECT_EQ(store_->facts_for_check({"00001", "0.1.0", true})->highest_root, 2U);
  EXPECT_EQ(store_->facts_for_check({"00001", "0.2.0", true})->highest_root, 2U);
  EXPECT_EQ(store_->facts_for_check({"unknown", "0.1.0", true})->highest_root, 2U);
  EXPECT_EQ(store_->facts_for_check({"00001", "0.1.0"})->highest_root, 0U);
}

TEST_P(StoreContract, NeverChangesARootDocument) {
  ASSERT_TRUE(run_awaitable(store_->put_root(1, "first", some_change())).has_value());
  EXPECT_TRUE(run_awaitable(store_->put_root(1, "first", some_change())).has_value());
  EXPECT_EQ(error_of(run_awaitable(store_->put_root(1, "other", some_change()))),
            StoreError::other_content);
  EXPECT_EQ(*run_awaitable(store_->root(1)), "first");
}

TEST_P(StoreContract, TakesRootDocumentsInTheirOrder) {
  EXPECT_EQ(error_of(run_awaitable(store_->put_root(2, "second", some_change()))),
            StoreError::out_of_order);
  EXPECT_EQ(error_of(run_awaitable(store_->put_root(0xFFFFFFFF, "last", some_change()))),
            StoreError::out_of_order);
  EXPECT_EQ(run_awaitable(store_->root(2)).error().code, StoreError::not_found);
}

TEST_P(StoreContract, ShowsWithoutAChangeThatChangesCanBeMade) {
  ASSERT_TRUE(put("00001", "0.1.0", "app.bin"));
  ASSERT_TRUE(run_awaitable(store_->probe()).has_value());
  EXPECT_EQ(run_awaitable(store_->devices_after("", 10))->size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Implementations, StoreContract, all_implementations(),
                         name_of_implementation);

}  // namespace
}  // namespace fuota::server::storage
