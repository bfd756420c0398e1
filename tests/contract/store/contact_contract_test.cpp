// What every implementation of the Store knows of devices that ask, and of the fleet as a whole.

#include <gmock/gmock.h>

#include <chrono>
#include <optional>

#include "tests/contract/store/implementations.hpp"
#include "tests/support/server/run_awaitable.hpp"
#include "tests/support/server/some_change.hpp"
#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server::storage {
namespace {

using domain::Contact;
using domain::Time;
using domain::UpdateState;
using std::chrono::seconds;
using test_support::run_awaitable;
using test_support::some_change;

const Contact kContact{"00001", Time(seconds(1'000)), "0.1.0", "192.0.2.1"};

class ContactContract : public testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override { store_ = GetParam().open(directory_.path()); }

  bool know(const std::string& id, const std::string& file = "app.bin") {
    return run_awaitable(store_->put_device({id, "0.1.0", file}, some_change())).has_value();
  }

  void flush() { ASSERT_TRUE(run_awaitable(store_->flush_contacts()).has_value()); }

  std::optional<Contact> contact() {
    return run_awaitable(store_->history("00001", 1, 1))->contact;
  }

  test_support::TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST_P(ContactContract, IsThereAtOnceAndStays) {
  ASSERT_TRUE(know("00001"));
  EXPECT_EQ(contact(), std::nullopt);
  store_->record_contact(kContact);
  EXPECT_EQ(contact(), kContact);
  flush();
  EXPECT_EQ(contact(), kContact);
}

TEST_P(ContactContract, IsTheOneThatWasRecordedLastWhateverTheClockSays) {
  ASSERT_TRUE(know("00001"));
  store_->record_contact(kContact);
  flush();
  const Contact later{"00001", Time(seconds(500)), "0.2.0", "192.0.2.2"};
  store_->record_contact(later);
  EXPECT_EQ(contact(), later);
  flush();
  EXPECT_EQ(contact(), later);
}

TEST_P(ContactContract, GoesWithTheDevice) {
  ASSERT_TRUE(know("00001"));
  for (const bool durable : {true, false}) {
    store_->record_contact(kContact);
    if (durable) flush();
    ASSERT_TRUE(run_awaitable(store_->remove_device("00001", some_change())).has_value());
    ASSERT_TRUE(know("00001"));
    EXPECT_EQ(contact(), std::nullopt) << durable;
  }
}

TEST_P(ContactContract, OfAnUnknownDeviceIsNotKept) {
  store_->record_contact(kContact);
  flush();
  ASSERT_TRUE(know("00001"));
  EXPECT_EQ(contact(), std::nullopt);
}

TEST_P(ContactContract, StaysWhenTheRowIsReplaced) {
  ASSERT_TRUE(know("00001"));
  store_->record_contact(kContact);
  flush();
  ASSERT_TRUE(know("00001", "other.bin"));
  EXPECT_EQ(contact(), kContact);
}

TEST_P(ContactContract, CountsTheFleetByTheStatesOfItsUpdates) {
  auto upload = std::move(*run_awaitable(store_->begin_upload()));
  ASSERT_TRUE(run_awaitable(upload->append("abc")).has_value());
  ASSERT_TRUE(run_awaitable(store_->publish("app.bin", std::move(upload), some_change())));
  ASSERT_TRUE(know("without an update", "missing.bin"));
  ASSERT_TRUE(know("offered 1"));
  ASSERT_TRUE(know("offered 2"));
  ASSERT_TRUE(know("failed"));
  const auto update = store_->facts_for_check({"failed", "0.1.0"})->file;
  domain::Report report;
  report.sequence = 1;
  report.state = protocol::ReportState::failed;
  ASSERT_TRUE(report.deployment.assign(update->deployment) && report.version.assign("0.1.0"));
  ASSERT_TRUE(run_awaitable(store_->record_report("failed", report, {})));
  ASSERT_TRUE(know("done"));
  ASSERT_TRUE(run_awaitable(store_->record_running("done", {"0.2.0", update->sha256}, {})));

  domain::FleetCounts expected;
  expected.devices = 5;
  expected.by_state[static_cast<std::size_t>(UpdateState::offered)] = 2;
  expected.by_state[static_cast<std::size_t>(UpdateState::failed)] = 1;
  expected.by_state[static_cast<std::size_t>(UpdateState::done)] = 1;
  EXPECT_EQ(*run_awaitable(store_->fleet_counts()), expected);
}

INSTANTIATE_TEST_SUITE_P(Implementations, ContactContract, all_implementations(),
                         name_of_implementation);

}  // namespace
}  // namespace fuota::server::storage
