#include "trial_record.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>

namespace fuota::update {
namespace {

constexpr std::uint8_t kRunningSlot = 0x10;
constexpr std::uint8_t kOtherSlot = 0x11;
constexpr std::uint8_t kTrialsMax = 3;

// esp_reset_reason_t
constexpr std::uint8_t kUnknown = 0;
constexpr std::uint8_t kPowerOn = 1;
constexpr std::uint8_t kResetPin = 2;
constexpr std::uint8_t kSoftware = 3;
constexpr std::uint8_t kPanic = 4;
constexpr std::uint8_t kInterruptWatchdog = 5;
constexpr std::uint8_t kTaskWatchdog = 6;
constexpr std::uint8_t kOtherWatchdog = 7;
constexpr std::uint8_t kDeepSleep = 8;
constexpr std::uint8_t kBrownOut = 9;
constexpr std::uint8_t kUsb = 11;
constexpr std::uint8_t kJtag = 12;
constexpr std::uint8_t kPowerGlitch = 14;
constexpr std::uint8_t kOfALaterVersion = 200;

TrialRecord::Sha256 hash_of(std::uint8_t fill) {
  TrialRecord::Sha256 hash;
  hash.fill(fill);
  return hash;
}

/// An image in the other slot was put on trial once, by the image that runs.
TrialRecord record() {
  TrialRecord record;
  record.slot = kOtherSlot;
  record.trials = 1;
  record.image = hash_of(0xB0);
  record.installer = hash_of(0xA0);
  record.elf = hash_of(0xE0);
  record.counter = 0x04030201;
  EXPECT_TRUE(record.update.deployment.assign("d1"));
  EXPECT_TRUE(record.update.version.assign("0.1.1"));
  record.update.file = hash_of(0xF0);
  return record;
}

/// The bootloader fell back, after a power loss.
TrialSituation situation() {
  TrialSituation situation;
  situation.running_slot = kRunningSlot;
  situation.running_image = hash_of(0xA0);
  situation.slot_state = SlotState::aborted;
  situation.reset_reason = kPowerOn;
  return situation;
}

TEST(TrialRecord, IsReadAsItWasWritten) {
  TrialRecord written = record();
  written.state = TrialRecord::State::failed;
  written.trials = 2;
  written.reset_reason = kTaskWatchdog;
  written.told = TrialRecord::Told::failed;
  const TrialRecordBytes bytes = encode(written);
  TrialRecord read;
  ASSERT_TRUE(decode(bytes.data(), bytes.size(), read));
  EXPECT_EQ(read.state, written.state);
  EXPECT_EQ(read.slot, written.slot);
  EXPECT_EQ(read.trials, written.trials);
  EXPECT_EQ(read.reset_reason, written.reset_reason);
  EXPECT_EQ(read.image, written.image);
  EXPECT_EQ(read.installer, written.installer);
  EXPECT_EQ(read.elf, written.elf);
  EXPECT_EQ(read.counter, written.counter);
  EXPECT_EQ(read.update.deployment, written.update.deployment);
  EXPECT_EQ(read.update.version, written.update.version);
  EXPECT_EQ(read.update.file, written.update.file);
  EXPECT_EQ(read.told, written.told);
}

/// Devices in the field hold records of this layout.
TEST(TrialRecord, HasTheLayoutOfVersion2) {
  TrialRecord failed = record();
  failed.state = TrialRecord::State::failed;
  failed.reset_reason = kPanic;
  failed.told = TrialRecord::Told::installed;
  const TrialRecordBytes bytes = encode(failed);
  const std::uint8_t head[8] = {'F', 'T', 2, 2, kOtherSlot, 1, kPanic, 1};
  EXPECT_TRUE(std::equal(std::begin(head), std::end(head), bytes.begin()));
  EXPECT_EQ(bytes.size(), 238U);
  EXPECT_EQ(bytes[8], 0xB0);
  EXPECT_EQ(bytes[39], 0xB0);
  EXPECT_EQ(bytes[40], 0xA0);
  EXPECT_EQ(bytes[71], 0xA0);
  EXPECT_EQ(bytes[72], 0xE0);
  EXPECT_EQ(bytes[103], 0xE0);
  EXPECT_EQ(bytes[104], 1) << "little endian";
  EXPECT_EQ(bytes[107], 4);
  EXPECT_EQ(bytes[108], 2) << "length of the deployment";
  EXPECT_EQ(bytes[109], 'd');
  EXPECT_EQ(bytes[173], 5) << "length of the version";
  EXPECT_EQ(bytes[174], '0');
  EXPECT_EQ(bytes[206], 0xF0);
  EXPECT_EQ(bytes[237], 0xF0);
}

struct ForeignCase {
  const char* title;
  std::size_t offset;
  std::uint8_t byte;
};

class ForeignRecord : public testing::TestWithParam<ForeignCase> {};

TEST_P(ForeignRecord, IsNotRead) {
  TrialRecordBytes bytes = encode(record());
  bytes[GetParam().offset] = GetParam().byte;
  TrialRecord read;
  read.trials = 77;
  EXPECT_FALSE(decode(bytes.data(), bytes.size(), read));
  EXPECT_EQ(read.trials, 77);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ForeignRecord,
    testing::Values(ForeignCase{"OtherMagic", 0, 'X'}, ForeignCase{"OtherMagicBehind", 1, 'X'},
                    ForeignCase{"OtherVersion", 2, 1}, ForeignCase{"NoState", 3, 0},
                    ForeignCase{"UnknownState", 3, 3}, ForeignCase{"UnknownTold", 7, 3},
                    ForeignCase{"DeploymentTooLong", 108, 65},
                    ForeignCase{"VersionTooLong", 173, 33}),
    [](const auto& row) { return row.param.title; });

TEST(TrialRecord, OfAnotherLengthIsNotRead) {
  const TrialRecordBytes bytes = encode(record());
  TrialRecord read;
  EXPECT_FALSE(decode(bytes.data(), bytes.size() - 1, read));
  EXPECT_FALSE(decode(bytes.data(), 0, read));
}

struct DecisionCase {
  const char* title;
  std::function<void(TrialRecord&, TrialSituation&)> edit;
  TrialDecision decision;
};

class TrialDecisionOf : public testing::TestWithParam<DecisionCase> {};

TEST_P(TrialDecisionOf, Is) {
  TrialRecord what = record();
  TrialSituation found = situation();
  GetParam().edit(what, found);
  EXPECT_EQ(decide(what, found, kTrialsMax), GetParam().decision);
}

using D = TrialDecision;
using R = TrialRecord;
using S = TrialSituation;

/// A boot with this reason finds this state in otadata.
std::function<void(R&, S&)> boot(SlotState state, std::uint8_t reason) {
  return [state, reason](R&, S& found) {
    found.slot_state = state;
    found.reset_reason = reason;
  };
}

INSTANTIATE_TEST_SUITE_P(
    Rows, TrialDecisionOf,
    testing::Values(
        DecisionCase{"CutByAPowerLoss", boot(SlotState::aborted, kPowerOn), D::retry},
        DecisionCase{"CutByABrownOut", boot(SlotState::aborted, kBrownOut), D::retry},
        DecisionCase{"CutByAPowerGlitch", boot(SlotState::aborted, kPowerGlitch), D::retry},
        DecisionCase{"CutByASerialMonitor", boot(SlotState::aborted, kUsb), D::retry},
        DecisionCase{"CutByADebugger", boot(SlotState::aborted, kJtag), D::retry},
        DecisionCase{"CutBeforeTheLastTrial", [](R& what, S&) { what.trials = kTrialsMax - 1; },
                     D::retry},
        DecisionCase{"CutInTheLastTrial", [](R& what, S&) { what.trials = kTrialsMax; }, D::fail},
        DecisionCase{"CutAfterMoreTrialsThanNowAllowed", [](R& what, S&) { what.trials = 255; },
                     D::fail},
        DecisionCase{"Panicked", boot(SlotState::aborted, kPanic), D::fail},
        DecisionCase{"HungWithInterruptsOff", boot(SlotState::aborted, kInterruptWatchdog),
                     D::fail},
        DecisionCase{"Hung", boot(SlotState::aborted, kTaskWatchdog), D::fail},
        DecisionCase{"HungAtTheStart", boot(SlotState::aborted, kOtherWatchdog), D::fail},
        DecisionCase{"Restarted", boot(SlotState::aborted, kSoftware), D::fail},
        DecisionCase{"WentToSleep", boot(SlotState::aborted, kDeepSleep), D::fail},
        DecisionCase{"WasResetByItsPin", boot(SlotState::aborted, kResetPin), D::fail},
        DecisionCase{"WasResetForNoKnownReason", boot(SlotState::aborted, kUnknown), D::fail},
        DecisionCase{"WasResetForANewReason", boot(SlotState::aborted, kOfALaterVersion), D::fail},
        DecisionCase{"RolledItselfBack", boot(SlotState::refused, kSoftware), D::fail},
        DecisionCase{"CutWhereTheVerdictIsThatOnAnEarlierImage", boot(SlotState::refused, kPowerOn),
                     D::retry},
        DecisionCase{"CouldNotBeBooted", boot(SlotState::unfinished, kSoftware), D::fail},
        DecisionCase{"CouldNotBeBootedAfterAPowerLoss", boot(SlotState::unfinished, kPowerOn),
                     D::retry},
        DecisionCase{"SwitchToItWasCut", boot(SlotState::unknown, kPowerOn), D::retry},
        DecisionCase{"SwitchToItFailed", boot(SlotState::unknown, kSoftware), D::forget},
        DecisionCase{"SwitchToItWasCutBeforeItBegan", boot(SlotState::usable, kPowerOn), D::retry},
        DecisionCase{"AnotherSlotWasChosen", boot(SlotState::usable, kSoftware), D::forget},
        DecisionCase{"IsStillOnTrial",
                     [](R& what, S& found) {
                       what.slot = kRunningSlot;
                       found.is_running_on_trial = true;
                     },
                     D::leave},
        DecisionCase{"WasConfirmed", [](R& what, S&) { what.slot = kRunningSlot; }, D::forget},
        DecisionCase{"FailedBeforeAndRunsNow",
                     [](R& what, S&) {
                       what.state = R::State::failed;
                       what.slot = kRunningSlot;
                     },
                     D::forget},
        DecisionCase{"FailedBefore", [](R& what, S&) { what.state = R::State::failed; }, D::leave},
        DecisionCase{"AnotherImageWasFlashed",
                     [](R&, S& found) { found.running_image = hash_of(0xC0); }, D::forget}),
    [](const auto& row) { return row.param.title; });

TEST(TrialDecisionWithOneTrial, IsThatAPowerLossIsAFailure) {
  EXPECT_EQ(decide(record(), situation(), 1), TrialDecision::fail);
}

TEST(FailedImage, IsKnownByTheHashOfItsElfFile) {
  TrialRecord failed = record();
  failed.state = TrialRecord::State::failed;
  EXPECT_TRUE(is_failed(failed, hash_of(0xE0)));
  EXPECT_FALSE(is_failed(failed, hash_of(0xE1)));
  EXPECT_FALSE(is_failed(record(), hash_of(0xE0)));
}

TEST(FailedImage, WithoutThatHashIsNotKnown) {
  TrialRecord failed = record();
  failed.state = TrialRecord::State::failed;
  failed.elf = {};
  EXPECT_FALSE(is_failed(failed, {}));
}

TEST(FailedRelease, IsKnownByItsFileAndItsDeployment) {
  TrialRecord failed = record();
  failed.state = TrialRecord::State::failed;
  EXPECT_TRUE(is_failed(failed, hash_of(0xF0), "d1"));
  EXPECT_FALSE(is_failed(failed, hash_of(0xF0), "d2")) << "offered anew";
  EXPECT_FALSE(is_failed(failed, hash_of(0xF1), "d1"));
  EXPECT_FALSE(is_failed(record(), hash_of(0xF0), "d1"));
}

TEST(FailedRelease, WithoutADeploymentIsNotKnown) {
  TrialRecord failed = record();
  failed.state = TrialRecord::State::failed;
  failed.update.deployment = {};
  EXPECT_FALSE(is_failed(failed, hash_of(0xF0), ""));
}

TEST(Confirmation, IsThatOfTheImageThatRuns) {
  EXPECT_TRUE(is_confirmation(record(), kOtherSlot, hash_of(0xE0)));
}

TEST(Confirmation, IsNotThatOfAnImageThatTheNoteIsNotAbout) {
  EXPECT_FALSE(is_confirmation(record(), kRunningSlot, hash_of(0xE0)));
  EXPECT_FALSE(is_confirmation(record(), kOtherSlot, hash_of(0xE1)));
}

TEST(Confirmation, IsNotThatOfAnImageThatFailed) {
  TrialRecord failed = record();
  failed.state = TrialRecord::State::failed;
  EXPECT_FALSE(is_confirmation(failed, kOtherSlot, hash_of(0xE0)));
}

using Told = TrialRecord::Told;

TEST(WhatIsToBeTold, OfATrialIsThatTheImageIsInstalled) {
  EXPECT_EQ(to_be_told(record(), true, kOtherSlot), Told::installed);
}

TEST(WhatIsToBeTold, IsNothingWhileTheTrialHasNotBegun) {
  EXPECT_EQ(to_be_told(record(), false, kRunningSlot), Told::nothing);
  EXPECT_EQ(to_be_told(record(), true, kRunningSlot), Told::nothing) << "somebody else's trial";
}

TEST(WhatIsToBeTold, OfAFailedTrialIsThatItFailed) {
  TrialRecord failed = record();
  failed.state = TrialRecord::State::failed;
  failed.told = Told::installed;
  EXPECT_EQ(to_be_told(failed, false, kRunningSlot), Told::failed);
}

TEST(WhatIsToBeTold, IsToldOnce) {
  TrialRecord told = record();
  told.told = Told::installed;
  EXPECT_EQ(to_be_told(told, true, kOtherSlot), Told::nothing);
  told.state = TrialRecord::State::failed;
  told.told = Told::failed;
  EXPECT_EQ(to_be_told(told, false, kRunningSlot), Told::nothing);
}

TEST(WhatIsToBeTold, IsNothingOfAnUpdateThatNobodySigned) {
  TrialRecord failed = record();
  failed.state = TrialRecord::State::failed;
  failed.update = {};
  EXPECT_EQ(to_be_told(failed, false, kRunningSlot), Told::nothing);
}

TEST(RollbackCode, TellsTheResetThatEndedTheTrial) {
  EXPECT_STREQ(rollback_code(SlotState::aborted, kTaskWatchdog), "rolled_back_task_watchdog");
  EXPECT_STREQ(rollback_code(SlotState::aborted, kOfALaterVersion), "rolled_back_unknown");
}

TEST(RollbackCode, TellsThatTheImageGaveItselfUp) {
  EXPECT_STREQ(rollback_code(SlotState::refused, kSoftware), "rolled_back_by_itself");
}

/// They go into reports: see fuota_protocol/update_report.hpp for what may stand there.
TEST(ResetReasons, AreWordsThatAReportMayHave) {
  for (unsigned reason = 0; reason < 20; ++reason) {
    const std::string text = describe_reset(static_cast<std::uint8_t>(reason));
    EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz -"), std::string::npos) << text;
    const std::string code = rollback_code(SlotState::aborted, static_cast<std::uint8_t>(reason));
    EXPECT_EQ(code.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos) << code;
  }
}

TEST(ResetReason, HasADescriptionWhateverItsNumber) {
  EXPECT_STREQ(describe_reset(kTaskWatchdog), "task watchdog");
  EXPECT_STREQ(describe_reset(kOfALaterVersion), "unknown");
}

}  // namespace
}  // namespace fuota::update
