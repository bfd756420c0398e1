#include "server/api/device_endpoints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/offer.hpp"
#include "server/api/offer.hpp"
#include "tests/support/server/memory_store.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/signed_manifest.hpp"
#include "tests/support/server/some_change.hpp"
#include "tests/unit/server_api/fake_body.hpp"

namespace fuota::server::api {
namespace {

using domain::Device;
using test_support::run_awaitable;
using test_support::some_change;
using testing::HasSubstr;

constexpr char kAddress[] = "192.0.2.1";

class Devices : public testing::Test {
 protected:
  void know(const std::string& id, const std::string& version, const std::string& file) {
    ASSERT_TRUE(
        run_awaitable(store_.put_device(Device{id, version, file}, some_change())).has_value());
  }

  void have_file(const std::string& name) {
    auto upload = std::move(*run_awaitable(store_.begin_upload()));
    ASSERT_TRUE(run_awaitable(store_.publish(name, std::move(upload), some_change())).has_value());
  }

  /// The answer, when all that is to be remembered before was.
  Answer settle(CheckAnswer checked) {
    if (checked.news) return run_awaitable(endpoints_.remember(std::move(checked)));
    return std::move(checked.answer);
  }

  Answer check(std::string_view id, std::optional<std::string_view> query) {
    return settle(endpoints_.check(id, query, "", kAddress));
  }

  Answer put(std::string_view id, const std::string& row) {
    FakeBody body(row);
    return run_awaitable(endpoints_.put(id, &body, some_change()));
  }

  test_support::MemoryStore store_;
  domain::Time now_{std::chrono::seconds(1'000)};
  DeviceEndpoints endpoints_{store_, [this] { return now_; }};
};

TEST_F(Devices, AreOfferedTheirFileAsBareCsv) {
  know("00001", "0.1.0", "app.bin");
  have_file("app.bin");
  const Answer answer = check("00001", "app_ver=0.1.0");
  EXPECT_EQ(answer.outcome, Outcome::ok);
  EXPECT_EQ(answer.text_kind, TextKind::csv);
  EXPECT_EQ(answer.text, "app.bin");
}

TEST_F(Devices, AreOfferedNothingForAnotherVersion) {
  know("00001", "0.1.0", "app.bin");
  have_file("app.bin");
  const Answer answer = check("00001", "app_ver=0.1.1");
  EXPECT_EQ(answer.outcome, Outcome::nothing);
  EXPECT_EQ(answer.text, "");
}

TEST_F(Devices, ThatAreNotKnownAreNotFound) {
  EXPECT_EQ(check("00001", "app_ver=0.1.0").outcome, Outcome::not_found);
}

TEST_F(Devices, WhoseFileIsMissingAreToldWhichFile) {
  know("00001", "0.1.0", "app.bin");
  const Answer answer = check("00001", "app_ver=0.1.0");
  EXPECT_EQ(answer.outcome, Outcome::not_found);
  EXPECT_THAT(answer.text, HasSubstr("PUT /files/app.bin"));
}

TEST_F(Devices, AreRefusedABadIdOrQuery) {
  EXPECT_EQ(check("..", "app_ver=1").outcome, Outcome::bad_request);
  EXPECT_EQ(check("00001", std::nullopt).outcome, Outcome::bad_request);
}

/// A device that asks for an offer, with what it says about what it runs.
class NativeCheck : public Devices {
 protected:
  void SetUp() override { know("00001", "0.1.0", "app 1.bin"); }

  void publish(const std::string& content, const std::string& manifest) {
    auto upload = std::move(*run_awaitable(store_.begin_upload()));
    ASSERT_TRUE(run_awaitable(upload->append(content)).has_value());
    ASSERT_TRUE(
        run_awaitable(store_.publish("app 1.bin", std::move(upload), some_change())).has_value());
    Sha256 hash;
    hash.update(content);
    if (manifest.empty()) return;
    ASSERT_TRUE(run_awaitable(store_.put_manifest("app 1.bin", {hash.finish(), content.size()},
                                                  manifest, some_change()))
                    .has_value());
  }

  Answer ask(const std::string& more, std::string_view accept = protocol::kCheckAccept) {
    return settle(endpoints_.check("00001", "app_ver=0.1.0" + more, accept, kAddress));
  }

  using Sha256 = storage::Sha256;
};

// Of "content".
constexpr char kContentHex[] = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73";

TEST_F(NativeCheck, IsAnsweredWithAnOfferThatADeviceCanRead) {
  const std::string manifest = test_support::signed_manifest("content");
  publish("content", manifest);
  const Answer answer = ask("&product=sensor&image=" + std::string(64, 'a') + "&counter=7");
  EXPECT_EQ(answer.outcome, Outcome::ok);
  EXPECT_EQ(answer.text_kind, TextKind::offer);
  const auto parse = protocol::parse_offer(answer.text);
  ASSERT_FALSE(parse.problem) << answer.text;
  EXPECT_EQ(parse.offer.manifest, manifest);
  EXPECT_EQ(parse.offer.deployment.view().size(), 22U);
  ASSERT_EQ(parse.offer.artifact_count, 1U);
  EXPECT_EQ(parse.offer.artifacts[0].format, "full");
  EXPECT_EQ(parse.offer.artifacts[0].url, "/files/app%201.bin");
  EXPECT_EQ(parse.offer.artifacts[0].size_bytes, 7U);
  EXPECT_EQ(storage::to_hex(parse.offer.artifacts[0].sha256), kContentHex);
}

TEST_F(NativeCheck, IsAnsweredAsAlwaysForAFileWithoutAManifest) {
  publish("content", "");
  const Answer answer = ask("");
  EXPECT_EQ(answer.text_kind, TextKind::csv);
  EXPECT_EQ(answer.text, "app 1.bin");
}

TEST_F(NativeCheck, IsOnlyWhatAsksForAnOffer) {
  publish("content", test_support::signed_manifest("content"));
  const Answer answer = ask("&image=bad&counter=bad&counter=worse", "*/*");
  EXPECT_EQ(answer.text_kind, TextKind::csv);
  EXPECT_EQ(answer.text, "app 1.bin");
}

TEST_F(NativeCheck, OffersNothingToADeviceThatRunsTheContent) {
  publish("content", test_support::signed_manifest("content"));
  EXPECT_EQ(ask("&image=" + std::string(kContentHex)).outcome, Outcome::nothing);
}

TEST_F(NativeCheck, OffersNothingForAnotherVersion) {
  publish("content", test_support::signed_manifest("content"));
  EXPECT_EQ(
      settle(endpoints_.check("00001", "app_ver=0.2.0", protocol::kCheckAccept, kAddress)).outcome,
      Outcome::nothing);
}

TEST_F(NativeCheck, RefusesWhatIsMalformed) {
  publish("content", test_support::signed_manifest("content"));
  for (const char* more :
       {"&image=abc", "&image=", "&counter=", "&counter=-1", "&counter=7a", "&counter=4294967296",
        "&counter=1&counter=1", "&root=x", "&product=", "&product=a%2Fb", "&product=a&product=a"}) {
    EXPECT_EQ(ask(more).outcome, Outcome::bad_request) << more;
  }
}

std::string image_of(char digit) {
  return "&image=" + std::string(64, digit);
}

TEST_F(NativeCheck, RemembersWhatADeviceSaysThatItRuns) {
  ask(image_of('a'));
  domain::Running running{{"0.1.0", {}}, now_};
  running.image.sha256.fill(0xAA);
  EXPECT_EQ(store_.facts_for_check({"00001", "0.1.0"})->running, running);
  EXPECT_EQ(run_awaitable(store_.history("00001", 10, 10))->events.size(), 1U);
}

TEST_F(NativeCheck, WritesNothingWhenADeviceSaysTheSame) {
  ask(image_of('a'));
  ask(image_of('a'));
  EXPECT_EQ(store_.running_calls(), 1);
  ask(image_of('b'));
  EXPECT_EQ(store_.running_calls(), 2);
  settle(
      endpoints_.check("00001", "app_ver=0.2.0" + image_of('b'), protocol::kCheckAccept, kAddress));
  EXPECT_EQ(store_.running_calls(), 3);
}

TEST_F(NativeCheck, RemembersNothingOfWhoSaysNothing) {
  ask("");
  ask(image_of('a'), "text/csv");
  settle(
      endpoints_.check("00002", "app_ver=0.1.0" + image_of('a'), protocol::kCheckAccept, kAddress));
  EXPECT_EQ(store_.running_calls(), 0);
}

TEST_F(NativeCheck, OffersAnUpdateAlsoWhenNothingCanBeRemembered) {
  publish("content", test_support::signed_manifest("content"));
  store_.fail_events_with({storage::StoreError::full, "no room"});
  const Answer answer = ask(image_of('a'));
  EXPECT_EQ(answer.text_kind, TextKind::offer);
  EXPECT_EQ(answer.detail, "no room");
}

TEST_F(NativeCheck, TellsOfARootThatTheDeviceDoesNotHave) {
  for (const std::uint32_t version : {1U, 2U}) {
    ASSERT_TRUE(run_awaitable(store_.put_root(version, "document", some_change())).has_value());
  }
  EXPECT_EQ(ask("&root=0").newer_root, 2U);  // Not found: the file is missing.
  EXPECT_EQ(ask("&root=1").newer_root, 2U);
  EXPECT_EQ(ask("&root=2").newer_root, std::nullopt);
  EXPECT_EQ(ask("&root=3").newer_root, std::nullopt);
  EXPECT_EQ(ask("").newer_root, std::nullopt);
  EXPECT_EQ(ask("&root=0", "text/csv").newer_root, std::nullopt);
  publish("content", test_support::signed_manifest("content"));
  const Answer offer = ask("&root=1");
  EXPECT_EQ(offer.text_kind, TextKind::offer);
  EXPECT_EQ(offer.newer_root, 2U);
  const Answer nothing = ask("&root=1&image=" + std::string(kContentHex));
  EXPECT_EQ(nothing.outcome, Outcome::nothing);
  EXPECT_EQ(nothing.newer_root, 2U);
  const Answer unknown =
      settle(endpoints_.check("00002", "app_ver=0.1.0&root=1", protocol::kCheckAccept, kAddress));
  EXPECT_EQ(unknown.outcome, Outcome::not_found);
  EXPECT_EQ(unknown.newer_root, 2U);
}

TEST_F(NativeCheck, TellsOfNoRootWhereThereIsNone) {
  EXPECT_EQ(ask("&root=0").newer_root, std::nullopt);
}

TEST_F(NativeCheck, FitsTheDevicesMemoryWhateverTheName) {
  const std::string name(protocol::kFileNameBytesMax, '\'');
  domain::AssignedFile file;
  file.manifest = "{}" + std::string(protocol::kSignedManifestBytesMax - 2, ' ');
  file.size_bytes = protocol::kFileBytesMax;
  file.deployment = std::string(22, 'd');
  EXPECT_LE(to_offer(name, file).size(), protocol::kOfferBytesMax);
}

TEST_F(Devices, AreRememberedToHaveAskedWhenTheyAreKnown) {
  know("00001", "0.1.0", "app.bin");
  EXPECT_EQ(check("00001", "app_ver=0.2.0").outcome, Outcome::nothing);
  EXPECT_EQ(check("00002", "app_ver=0.2.0").outcome, Outcome::not_found);
  EXPECT_EQ(run_awaitable(store_.history("00001", 1, 1))->contact,
            (domain::Contact{"00001", now_, "0.2.0", kAddress}));
  EXPECT_EQ(store_.contact_counts().recorded, 1U);
}

TEST_F(Devices, AreNotRememberedToHaveAskedWhenTheyDidNotSayWhatTheyRun) {
  know("00001", "0.1.0", "app.bin");
  EXPECT_EQ(check("00001", std::nullopt).outcome, Outcome::bad_request);
  EXPECT_EQ(store_.contact_counts().recorded, 0U);
}

TEST_F(Devices, AreTakenFromARow) {
  EXPECT_EQ(put("00001", "\"00001\",\"0.1.0\",\"app.bin\"\n").outcome, Outcome::ok);
  EXPECT_EQ(store_.devices().at("00001"), (Device{"00001", "0.1.0", "app.bin"}));
}

TEST_F(Devices, AreTakenFromARowWhateverIsInTheirNames) {
  const std::string id = "'; DROP TABLE device; --";
  EXPECT_EQ(put("'%3B%20DROP%20TABLE%20device%3B%20--", "\"" + id + "\",\"1\",\"f\"").outcome,
            Outcome::ok);
  EXPECT_TRUE(store_.devices().contains(id));
}

struct BadRow {
  const char* fact;
  std::string row;
  std::string reason;
};

class BadDeviceRow : public testing::TestWithParam<BadRow> {};

TEST_P(BadDeviceRow, IsRefusedAndChangesNothing) {
  test_support::MemoryStore store;
  const DeviceEndpoints endpoints(store, [] { return domain::Time(); });
  FakeBody body(GetParam().row);
  const Answer answer = run_awaitable(endpoints.put("00001", &body, some_change()));
  EXPECT_EQ(answer.outcome, Outcome::bad_request);
  EXPECT_THAT(answer.text, HasSubstr(GetParam().reason));
  EXPECT_TRUE(store.devices().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadDeviceRow,
    testing::Values(
        BadRow{"NoRow", "", "send one CSV line"},
        BadRow{"TwoFields", "\"00001\",\"0.1.0\"", "send one CSV line"},
        BadRow{"FourFields", "\"00001\",\"0.1.0\",\"app.bin\",\"more\"", "send one CSV line"},
        BadRow{"TwoRows", "\"00001\",\"1\",\"a\"\n\"00001\",\"2\",\"b\"\n", "send one CSV line"},
        BadRow{"AQuoteThatDoesNotEnd", "\"00001,0.1.0,app.bin", "send one CSV line"},
        BadRow{"ATooLongRow", std::string(5000, 'a'), "send one CSV line"},
        BadRow{"ABadFile", "\"00001\",\"0.1.0\",\"../key\"", "the row's file"},
        BadRow{"AnEmptyVersion", "\"00001\",\"\",\"app.bin\"", "the row's app_ver"},
        BadRow{"ANul", std::string("\"00001\",\"0\0\",\"app.bin\"", 21), "the row's app_ver"},
        BadRow{"AnotherDevice", "\"00002\",\"0.1.0\",\"app.bin\"", "make them equal"}),
    [](const auto& row) { return row.param.fact; });

TEST_F(Devices, AreNotTakenFromARowThatDoesNotComeWhole) {
  FakeBody body("\"00001\",\"0.1.0\",\"app.bin\"", 7, 14);
  EXPECT_EQ(run_awaitable(endpoints_.put("00001", &body, some_change())).outcome,
            Outcome::bad_request);
  EXPECT_TRUE(store_.devices().empty());
}

TEST_F(Devices, AreRefusedABadIdBeforeTheBodyIsRead) {
  FakeBody body("\"..\",\"0.1.0\",\"app.bin\"");
  EXPECT_EQ(run_awaitable(endpoints_.put("..", &body, some_change())).outcome,
            Outcome::bad_request);
  EXPECT_FALSE(body.was_read());
}

TEST_F(Devices, CanBeRemovedOnce) {
  know("00001", "0.1.0", "app.bin");
  EXPECT_EQ(run_awaitable(endpoints_.remove("00001", some_change())).outcome, Outcome::ok);
  EXPECT_EQ(run_awaitable(endpoints_.remove("00001", some_change())).outcome, Outcome::not_found);
}

TEST_F(Devices, AreListedAsCsv) {
  know("b", "2", "y");
  know("a", "1", "x");
  const Answer answer = run_awaitable(endpoints_.list());
  EXPECT_EQ(answer.text_kind, TextKind::csv);
  EXPECT_EQ(answer.text, "\"a\",\"1\",\"x\"\n\"b\",\"2\",\"y\"\n");
}

TEST_F(Devices, AreListedAsNothingWhenThereAreNone) {
  EXPECT_EQ(run_awaitable(endpoints_.list()).text, "");
}

/// All the pieces of a list.
std::string whole(Answer answer) {
  if (!answer.pieces) return answer.text;
  std::string text;
  for (;;) {
    const auto piece = run_awaitable(answer.pieces->next());
    if (!piece) return "broken";
    if (piece->empty()) return text;
    text += *piece;
  }
}

class ManyDevices : public Devices, public testing::WithParamInterface<std::size_t> {};

TEST_P(ManyDevices, AreListedCompletely) {
  std::string expected;
  for (std::size_t i = 0; i < GetParam(); ++i) {
    const std::string id = std::to_string(100'000 + i);
    know(id, "1", "f");
    expected += "\"" + id + "\",\"1\",\"f\"\n";
  }
  EXPECT_EQ(whole(run_awaitable(endpoints_.list())), expected);
}

INSTANTIATE_TEST_SUITE_P(AroundThePieces, ManyDevices,
                         testing::Values(1, kRowsPerPiece - 1, kRowsPerPiece, kRowsPerPiece + 1,
                                         2 * kRowsPerPiece, 2 * kRowsPerPiece + 1));

TEST_F(Devices, AreNotListedInPartWithoutNotice) {
  for (std::size_t i = 0; i <= kRowsPerPiece; ++i) know(std::to_string(i), "1", "f");
  const Answer answer = run_awaitable(endpoints_.list());
  store_.fail_with({storage::StoreError::unavailable, "disk on fire"});
  EXPECT_FALSE(run_awaitable(answer.pieces->next()).has_value());
}

TEST_F(Devices, AreAnsweredWithoutTheStoresSecretsWhenItFails) {
  store_.fail_with({storage::StoreError::unavailable, "disk on fire"});
  const Answer answer = check("00001", "app_ver=1");
  EXPECT_EQ(answer.outcome, Outcome::unavailable);
  EXPECT_EQ(answer.detail, "disk on fire");
  EXPECT_THAT(answer.text, testing::Not(HasSubstr("fire")));
}

TEST_F(Devices, AreToldOfAFullDisk) {
  store_.fail_with({storage::StoreError::full, "no room"});
  EXPECT_EQ(put("00001", "\"00001\",\"0.1.0\",\"app.bin\"").outcome, Outcome::no_room);
}

}  // namespace
}  // namespace fuota::server::api
