#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "esp_system.h"
#include "esp_timer.h"
#include "esp_wifi_types.h"
#include "tests/simulation/contact/contact_device.hpp"

namespace fuota::test {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::Ge;
using testing::Le;
using testing::SizeIs;
using update::Code;
using Kind = AnswerFault::Kind;

constexpr std::uint32_t kImageBytes = 200'016;
constexpr unsigned kRetriesMax = 5;  // Download::kRetriesMax

const SignedRelease& release() {
  return signed_release("0.1.1", kImageBytes);
}

class BrokenDownload : public testing::Test {
 protected:
  BrokenDownload() { device_.offer(release()); }

  ContactDevice device_;
};

struct LossCase {
  const char* title;
  AnswerFault fault;
};

class LostConnection : public BrokenDownload, public testing::WithParamInterface<LossCase> {};

TEST_P(LostConnection, IsMadeAnewAndGoesOnFromTheVeryByte) {
  device_.spoil_files({GetParam().fault});
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  const auto requests = device_.file_requests();
  ASSERT_THAT(requests, SizeIs(2)) << device_.board().transcript();
  EXPECT_EQ(requests[1].range, from(GetParam().fault.number - requests[0].header_bytes));
  EXPECT_EQ(requests[1].if_range, '"' + release().file->sha256 + '"');
  EXPECT_NE(requests[1].connection, requests[0].connection);
  EXPECT_EQ(requests[1].status, 206);
  EXPECT_TRUE(device_.holds(release()));
  EXPECT_THAT(device_.erase_counts(release()), ElementsAre(1));
  EXPECT_EQ(device_.slot_after_reboot(), "ota_1");
}

INSTANTIATE_TEST_SUITE_P(
    Rows, LostConnection,
    testing::Values(LossCase{"Closed", cut(Kind::closed, 100'003)},
                    LossCase{"Reset", cut(Kind::reset, 100'003)},
                    LossCase{"ClosedInTheFirstSector", cut(Kind::closed, 1'007)},
                    LossCase{"ClosedBeforeTheLastByte", cut(Kind::closed, kImageBytes)},
                    LossCase{"SilentForLong", stall(100'003, 60 * kSecondUs)}),
    [](const auto& row) { return row.param.title; });

TEST_F(BrokenDownload, IsNotGivenUpForAPauseThatEnds) {
  device_.spoil_files({stall(100'003, 25 * kSecondUs)});
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_THAT(device_.ranges(), ElementsAre(""));
}

TEST_F(BrokenDownload, GoesOnAsLongAsThereIsProgress) {
  device_.spoil_files({cut(Kind::closed, 15'000)}, true);
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_THAT(device_.ranges(), SizeIs(Ge(2 * kRetriesMax)));
  EXPECT_TRUE(device_.holds(release()));
}

struct NoProgressCase {
  const char* title;
  AnswerFault fault;  ///< of each answer but the first
  Code code;
};

class DownloadWithoutProgress : public BrokenDownload,
                                public testing::WithParamInterface<NoProgressCase> {};

TEST_P(DownloadWithoutProgress, IsTriedAgainSomeTimesAndThenGivenUp) {
  device_.spoil_files({cut(Kind::closed, 100'000), GetParam().fault}, true);
  const update::Report report = device_.check();
  EXPECT_EQ(report.code, GetParam().code) << device_.board().transcript();
  EXPECT_THAT(device_.ranges(), SizeIs(1 + kRetriesMax));
  EXPECT_EQ(device_.slot_after_reboot(), "ota_0");
}

INSTANTIATE_TEST_SUITE_P(
    Rows, DownloadWithoutProgress,
    testing::Values(NoProgressCase{"NoAnswer", cut(Kind::closed, 0), Code::no_answer},
                    NoProgressCase{"ResetInTheHeader", cut(Kind::reset, 30), Code::no_answer},
                    NoProgressCase{"ServerError", answer_with(500), Code::server_error},
                    NoProgressCase{"Unavailable", answer_with(503), Code::server_error}),
    [](const auto& row) { return row.param.title; });

TEST_F(BrokenDownload, IsGivenUpWhenNobodyIsThereAnyMore) {
  device_.spoil_files({cut(Kind::closed, 100'000)});
  device_.when_written(50'000, [this] { device_.server().stop(); });
  unsigned failed = 0;
  (void)device_.run([&] {
    EXPECT_EQ(device_.check_now().code, Code::connect);
    failed = device_.board().board().session()->http().statistics().failed_connections;
  });
  EXPECT_EQ(failed, kRetriesMax);
}

TEST_F(BrokenDownload, WaitsLongerFromTryToTryAndShowsThatItLives) {
  std::vector<std::int64_t> times_us;
  device_.server().spoil_with([&](const ServedRequest& request) {
    if (request.kind != ServedRequest::Kind::file) return AnswerFault{};
    times_us.push_back(esp_timer_get_time());
    return cut(Kind::closed, times_us.size() == 1 ? 100'000 : 0);
  });
  struct Heard {
    std::int64_t last_us = 0;
    std::int64_t longest_silence_us = 0;
  } heard;
  device_.observer.context = &heard;
  device_.observer.alive = [](void* context) {
    auto* self = static_cast<Heard*>(context);
    const std::int64_t now_us = esp_timer_get_time();
    if (self->last_us != 0) {
      self->longest_silence_us = std::max(self->longest_silence_us, now_us - self->last_us);
    }
    self->last_us = now_us;
  };
  EXPECT_EQ(device_.check().code, Code::no_answer);
  ASSERT_THAT(times_us, SizeIs(1 + kRetriesMax));
  for (unsigned retry = 2; retry <= kRetriesMax; ++retry) {
    const std::int64_t waited_us = times_us[retry] - times_us[retry - 1];
    const std::int64_t bound_us = (std::int64_t{1} << retry) * kSecondUs;
    EXPECT_THAT(waited_us, testing::AllOf(Ge(bound_us / 2), Le(bound_us + kSecondUs / 2)))
        << "retry " << retry;
  }
  EXPECT_LT(heard.longest_silence_us, 1'100 * kMillisecondUs);
}

TEST_F(BrokenDownload, GoesOnAfterTheAirWasSilentForSeconds) {
  constexpr std::int64_t kSilenceUs = 4 * kSecondUs;  // below the driver's beacon timeout
  device_.when_written(100'000, [this] {
    auto& world = device_.board().world();
    const std::int64_t now_us = device_.board().board().now_us();
    world.call_at(now_us, [](auto& air) { air.change(0, [](auto& ap) { ap.present = false; }); });
    world.call_at(now_us + kSilenceUs,
                  [](auto& air) { air.change(0, [](auto& ap) { ap.present = true; }); });
  });
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_TRUE(device_.holds(release()));
}

TEST_F(BrokenDownload, GoesOnAtTheNextCheckAfterTheLinkWasLost) {
  device_.when_written(100'000, [this] {
    device_.board().world().call_at(device_.board().board().now_us(),
                                    [](auto& air) { air.kick(0, WIFI_REASON_AUTH_LEAVE); });
  });
  EXPECT_EQ(device_.check().code, Code::connect) << device_.board().transcript();
  EXPECT_EQ(device_.check().code, Code::updated);
  EXPECT_THAT(device_.ranges(), ElementsAre("", from(65'536)));
  EXPECT_TRUE(device_.holds(release()));
}

TEST_F(BrokenDownload, IsPutOffWhenTheServerSaysForHowLong) {
  device_.spoil_files({cut(Kind::closed, 100'000), answer_with(503, "Retry-After: 600\r\n")});
  const update::Report report = device_.check();
  EXPECT_EQ(report.code, Code::server_error);
  EXPECT_EQ(report.http_status, 503);
  EXPECT_EQ(report.retry_after_s, 600U);
  EXPECT_THAT(device_.ranges(), SizeIs(2)) << "it came back before it was asked to";
  EXPECT_EQ(device_.check().code, Code::updated);
  EXPECT_EQ(device_.ranges().back(), from(65'536));
  EXPECT_TRUE(device_.holds(release()));
}

/// A device whose power fails in the middle of a download, or whose application restarts it.
class InterruptedDownload : public BrokenDownload {
 protected:
  void interrupt_at(std::uint32_t bytes) {
    device_.cut_power_at(bytes, simulator::flash::Fault::cut_after);
    EXPECT_EQ(device_.check().http_status, 0) << "the power went";
  }
};

struct PowerCase {
  const char* title;
  std::uint32_t at_bytes;
  simulator::flash::Fault fault;
  std::uint32_t goes_on_at;
};

class PowerCut : public BrokenDownload, public testing::WithParamInterface<PowerCase> {};

TEST_P(PowerCut, CostsNoMoreThanAStepOfTheJournal) {
  device_.cut_power_at(GetParam().at_bytes, GetParam().fault);
  EXPECT_EQ(device_.check().http_status, 0) << "the power went";
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  const std::uint32_t at = GetParam().goes_on_at;
  EXPECT_THAT(device_.ranges(), ElementsAre("", at == 0 ? "" : from(at)));
  EXPECT_TRUE(device_.holds(release()));
  device_.identity.app_version = "0.1.1";
  EXPECT_EQ(device_.check().code, Code::no_update);
  EXPECT_EQ(device_.board().board().last_boot()->partition->label, "ota_1");
  EXPECT_EQ(device_.server().reports().back().state, "confirmed");
  EXPECT_EQ(device_.slot_after_reboot(), "ota_1");
}

INSTANTIATE_TEST_SUITE_P(
    Rows, PowerCut,
    testing::Values(
        PowerCase{"BeforeTheFirstStep", 60'000, simulator::flash::Fault::cut_after, 0},
        PowerCase{"InTheWriteThatEndsAStep", 65'536, simulator::flash::Fault::cut_during, 0},
        PowerCase{"InTheWriteBehindAStep", 65'540, simulator::flash::Fault::cut_during, 65'536},
        PowerCase{"BetweenTwoSteps", 150'000, simulator::flash::Fault::cut_before, 131'072},
        PowerCase{"InTheLastSector", 200'000, simulator::flash::Fault::cut_during, 196'608}),
    [](const auto& row) { return row.param.title; });

TEST_F(InterruptedDownload, GoesOnAfterARestartBySoftware) {
  bool restarts = false;
  device_.when_written(150'000, [&restarts] { restarts = true; });
  device_.observer.context = &restarts;
  device_.observer.alive = [](void* context) {
    auto* wanted = static_cast<bool*>(context);
    if (!*wanted) return;
    *wanted = false;
    esp_restart();
  };
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_EQ(device_.board().board().reset_reason(), ESP_RST_SW);
  EXPECT_THAT(device_.ranges(), ElementsAre("", from(131'072)));
  EXPECT_TRUE(device_.holds(release()));
}

TEST_F(InterruptedDownload, GoesOnAsOftenAsThePowerFails) {
  interrupt_at(70'000);
  interrupt_at(140'000);
  interrupt_at(198'000);
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_THAT(device_.ranges(), ElementsAre("", from(65'536), from(131'072), from(196'608)));
  EXPECT_TRUE(device_.holds(release()));
}

TEST_F(InterruptedDownload, AsksForNothingWhenAllOfTheFileIsThere) {
  const SignedRelease& whole_steps = signed_release("0.1.2", 2 * ContactDevice::kJournalStepBytes);
  device_.offer(whole_steps);
  device_.cut_power_in("otadata");
  EXPECT_EQ(device_.check().http_status, 0) << "the power went";
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_THAT(device_.ranges(), ElementsAre(""));
  EXPECT_TRUE(device_.holds(whole_steps));
  EXPECT_EQ(device_.slot_after_reboot(), "ota_1");
}

TEST_F(BrokenDownload, WritesItsJournalOncePerStep) {
  (void)device_.run([this] {
    (void)device_.take_journal_places();
    EXPECT_EQ(device_.check_now().code, Code::updated);
  });
  // Reports and notes are written before the download and behind it.
  EXPECT_THAT(device_.take_journal_places(),
              testing::IsSubsetOf({0U, 65'536U, 131'072U, 196'608U, kImageBytes}));
}

/// What another release leaves of the journal.
class ReplacedOffer : public InterruptedDownload {
 protected:
  const SignedRelease& other_ = signed_release("0.1.2", 150'000);
};

TEST_F(ReplacedOffer, BeginsAtItsFirstByte) {
  interrupt_at(140'000);
  device_.offer(other_);
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_THAT(device_.ranges(), ElementsAre("", ""));
  EXPECT_TRUE(device_.holds(other_));
}

TEST_F(ReplacedOffer, LeavesNothingOfTheOneBefore) {
  interrupt_at(140'000);
  device_.offer(other_);
  interrupt_at(30'000);  // before the other one has a journal
  device_.offer(release());
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_THAT(device_.ranges(), ElementsAre("", "", ""));
  EXPECT_TRUE(device_.holds(release()));
}

TEST_F(ReplacedOffer, GoesOnWhereItStoppedItself) {
  interrupt_at(140'000);
  device_.offer(other_);
  interrupt_at(80'000);
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_THAT(device_.ranges(), ElementsAre("", "", from(65'536)));
  EXPECT_TRUE(device_.holds(other_));
}

struct TamperedCase {
  const char* title;
  std::function<void(ContactDevice&)> tamper;
};

void burn(ContactDevice& device, std::uint32_t offset, std::span<const std::uint8_t> data) {
  device.board().flash().burn(device.slot_address() + offset, data);
}

class TamperedSlot : public InterruptedDownload,
                     public testing::WithParamInterface<TamperedCase> {};

TEST_P(TamperedSlot, IsFoundOutAndFilledFromTheBeginning) {
  interrupt_at(140'000);
  GetParam().tamper(device_);
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_EQ(device_.ranges().back(), "");
  EXPECT_THAT(device_.ranges(), SizeIs(Le(3U)));
  EXPECT_TRUE(device_.holds(release()));
  EXPECT_EQ(device_.slot_after_reboot(), "ota_1");
}

TEST_P(TamperedSlot, IsNeverBooted) {
  interrupt_at(140'000);
  GetParam().tamper(device_);
  device_.server().spoil_with([](const ServedRequest& request) {
    const bool begins = request.kind == ServedRequest::Kind::file && request.range.empty();
    return begins ? cut(Kind::closed, 0) : AnswerFault{};
  });
  EXPECT_NE(device_.check().code, Code::updated);
  EXPECT_EQ(device_.slot_after_reboot(), "ota_0");
}

INSTANTIATE_TEST_SUITE_P(
    Rows, TamperedSlot,
    testing::Values(TamperedCase{"BitFlipped",
                                 [](ContactDevice& device) {
                                   const std::uint8_t flipped[] = {
                                       static_cast<std::uint8_t>(release().image[50'000] ^ 0x10)};
                                   burn(device, 50'000, flipped);
                                 }},
                    TamperedCase{"LastBitOfTheJournalFlipped",
                                 [](ContactDevice& device) {
                                   const std::uint8_t flipped[] = {
                                       static_cast<std::uint8_t>(release().image[131'071] ^ 0x01)};
                                   burn(device, 131'071, flipped);
                                 }},
                    TamperedCase{"SectorErased",
                                 [](ContactDevice& device) {
                                   burn(device, 65'536, std::vector<std::uint8_t>(4096, 0xFF));
                                 }},
                    TamperedCase{"FirstSectorErased",
                                 [](ContactDevice& device) {
                                   burn(device, 0, std::vector<std::uint8_t>(4096, 0xFF));
                                 }},
                    TamperedCase{"AnotherImage",
                                 [](ContactDevice& device) {
                                   burn(device, 0, signed_release("6.6.6", kImageBytes).image);
                                 }},
                    TamperedCase{"TheRunningImage",
                                 [](ContactDevice& device) {
                                   burn(device, 0, device.board().content_of("ota_0").first(4096));
                                 }},
                    TamperedCase{"AllErased",
                                 [](ContactDevice& device) {
                                   burn(device, 0, std::vector<std::uint8_t>(0x180000, 0xFF));
                                 }}),
    [](const auto& row) { return row.param.title; });

}  // namespace
}  // namespace fuota::test
