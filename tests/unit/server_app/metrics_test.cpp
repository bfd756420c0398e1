#include "server/app/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace fuota::server::app {
namespace {

using http::ConnectionEvent;
using http::HandshakeOutcome;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

http::AccessRecord record(std::string_view method, std::string_view route, unsigned status) {
  http::AccessRecord record;
  record.method = method;
  record.route = route;
  record.status = status;
  record.duration = microseconds(700);
  record.complete = true;
  return record;
}

class MetricsTest : public testing::Test {
 protected:
  MetricsTest() { metrics_.set_routes({"/devices", "/devices/{}"}); }

  /// The value behind `sample`, which is a name and its labels; empty when there is no such line.
  [[nodiscard]] std::string value(const std::string& sample) const {
    const std::string text = "\n" + metrics_.text(gauges_);
    const std::size_t at = text.find("\n" + sample + " ");
    if (at == std::string::npos) return "";
    const std::size_t begin = at + sample.size() + 2;
    return text.substr(begin, text.find('\n', begin) - begin);
  }

  [[nodiscard]] std::ptrdiff_t lines() const {
    const std::string text = metrics_.text(gauges_);
    return std::count(text.begin(), text.end(), '\n');
  }

  Metrics metrics_{std::chrono::system_clock::time_point(milliseconds(1500))};
  Gauges gauges_;
};

TEST_F(MetricsTest, CountConnections) {
  for (int i = 0; i < 3; ++i) metrics_.on_connection(ConnectionEvent::opened);
  metrics_.on_connection(ConnectionEvent::closed);
  metrics_.on_connection(ConnectionEvent::waiting);
  metrics_.on_connection(ConnectionEvent::accept_failed);
  EXPECT_EQ(value("fuota_connections_open"), "2");
  EXPECT_EQ(value("fuota_connections_total"), "3");
  EXPECT_EQ(value("fuota_connections_waited_total"), "1");
  EXPECT_EQ(value("fuota_accept_failures_total"), "1");
}

TEST_F(MetricsTest, CountDownloads) {
  metrics_.on_connection(ConnectionEvent::file_begun);
  metrics_.on_connection(ConnectionEvent::file_begun);
  metrics_.on_connection(ConnectionEvent::file_ended);
  EXPECT_EQ(value("fuota_downloads_total"), "2");
  EXPECT_EQ(value("fuota_downloads_in_progress"), "1");
}

TEST_F(MetricsTest, ShowWhoIsToldToComeLater) {
  gauges_.overload = {7, 5, 3, 2};
  EXPECT_EQ(value("fuota_checks_put_off_total"), "7");
  EXPECT_EQ(value("fuota_downloads_put_off_total"), "5");
  EXPECT_EQ(value("fuota_downloads_waiting"), "3");
  EXPECT_EQ(value("fuota_downloads_limit"), "2");
}

TEST_F(MetricsTest, CountBatchesOfContactsByTheirDuration) {
  metrics_.on_contact_batch(300, milliseconds(3));
  metrics_.on_contact_batch(20, milliseconds(5));
  EXPECT_EQ(value("fuota_contacts_written_total"), "320");
  EXPECT_EQ(value("fuota_contact_batch_duration_seconds_count"), "2");
  EXPECT_EQ(std::stod(value("fuota_contact_batch_duration_seconds_sum")), 0.008);
}

TEST_F(MetricsTest, CountHandshakesByTheirOutcome) {
  metrics_.on_handshake(HandshakeOutcome::full, milliseconds(3));
  metrics_.on_handshake(HandshakeOutcome::resumed, microseconds(400));
  metrics_.on_handshake(HandshakeOutcome::resumed, microseconds(500));
  const std::string name = "fuota_tls_handshake_duration_seconds_";
  EXPECT_EQ(value(name + "count{outcome=\"full\"}"), "1");
  EXPECT_EQ(value(name + "count{outcome=\"resumed\"}"), "2");
  EXPECT_EQ(value(name + "count{outcome=\"failed\"}"), "0");
  EXPECT_EQ(std::stod(value(name + "sum{outcome=\"full\"}")), 0.003);
  EXPECT_EQ(value(name + "bucket{outcome=\"full\",le=\"0.0025\"}"), "0");
  EXPECT_EQ(value(name + "bucket{outcome=\"full\",le=\"0.005\"}"), "1");
  // A bound belongs to its bucket.
  EXPECT_EQ(value(name + "bucket{outcome=\"resumed\",le=\"0.0005\"}"), "2");
}

TEST_F(MetricsTest, CountRequestsByRouteMethodAndStatus) {
  metrics_.on_request(record("GET", "/devices/{}", 204));
  metrics_.on_request(record("GET", "/devices/{}", 204));
  metrics_.on_request(record("PUT", "/devices/{}", 403));
  const auto requests = [this](const std::string& labels) {
    return value("fuota_http_requests_total{" + labels + "}");
  };
  EXPECT_EQ(requests(R"(route="/devices/{}",method="GET",status="204")"), "2");
  EXPECT_EQ(requests(R"(route="/devices/{}",method="PUT",status="403")"), "1");
  EXPECT_EQ(value(R"(fuota_http_request_duration_seconds_bucket{route="/devices/{}",method="GET",)"
                  R"(le="0.001"})"),
            "2");
}

TEST_F(MetricsTest, CountBytesAndAnswersThatWereNotTaken) {
  http::AccessRecord cut = record("GET", "/devices", 200);
  cut.body_bytes = 100;
  cut.received_bytes = 30;
  cut.complete = false;
  metrics_.on_request(cut);
  EXPECT_EQ(value("fuota_http_sent_body_bytes_total"), "100");
  EXPECT_EQ(value("fuota_http_received_body_bytes_total"), "30");
  EXPECT_EQ(value("fuota_http_requests_incomplete_total"), "1");
}

TEST_F(MetricsTest, CallWhatTheyDontKnowByOneName) {
  metrics_.on_request(record("BREW", "", 200));
  metrics_.on_request(record("get", "/of/nobody", 299));
  metrics_.on_request(record("", "", 999));
  EXPECT_EQ(value(R"(fuota_http_requests_total{route="none",method="other",status="200"})"), "1");
  EXPECT_EQ(value(R"(fuota_http_requests_total{route="none",method="other",status="other"})"), "2");
}

TEST_F(MetricsTest, GrowNoFurtherWhateverClientsSend) {
  const auto ask = [this](int from, int to) {
    for (int i = from; i < to; ++i) {
      const std::string odd = "m" + std::to_string(i);
      metrics_.on_request(record(odd, odd, static_cast<unsigned>(i)));
    }
  };
  ask(0, 1000);
  const auto before = lines();
  ask(1000, 5000);
  EXPECT_EQ(lines(), before);
}

TEST_F(MetricsTest, CountTheCallsOfTheStore) {
  metrics_.on_store_call(StoreCall::facts_for_check, microseconds(20), std::nullopt);
  metrics_.on_store_call(StoreCall::put_device, milliseconds(20), storage::StoreError::full);
  metrics_.on_store_call(StoreCall::remove_device, milliseconds(20),
                         storage::StoreError::unavailable);
  metrics_.on_store_call(StoreCall::open_file, microseconds(20), storage::StoreError::not_found);
  const std::string labels = R"({call="facts_for_check",effect="read")";
  EXPECT_EQ(value("fuota_store_call_duration_seconds_count" + labels + "}"), "1");
  EXPECT_EQ(value("fuota_store_call_duration_seconds_bucket" + labels + ",le=\"5e-05\"}"), "1");
  EXPECT_EQ(value(R"(fuota_store_failures_total{effect="change",error="full"})"), "1");
  EXPECT_EQ(value(R"(fuota_store_failures_total{effect="change",error="unavailable"})"), "1");
  EXPECT_EQ(value(R"(fuota_store_failures_total{effect="read",error="unavailable"})"), "0");
}

TEST_F(MetricsTest, ShowWhatWasSeen) {
  gauges_.ready = true;
  gauges_.connections_max = 10;
  gauges_.disk_free_bytes = 11;
  gauges_.process.open_descriptors = 12;
  gauges_.warnings = 14;
  gauges_.errors = 15;
  gauges_.certificates.push_back(
      {"/a \"b\".pem", "localhost", std::chrono::sys_seconds(std::chrono::seconds(13))});
  EXPECT_EQ(value("fuota_ready"), "1");
  EXPECT_EQ(value("fuota_connections_limit"), "10");
  EXPECT_EQ(value("fuota_disk_free_bytes"), "11");
  EXPECT_EQ(value("process_open_fds"), "12");
  EXPECT_EQ(value("process_start_time_seconds"), "1.5");
  EXPECT_EQ(
      value(R"(fuota_certificate_expiry_timestamp_seconds{file="/a \"b\".pem",name="localhost"})"),
      "13");
  EXPECT_EQ(value(R"(fuota_log_events_total{severity="warning"})"), "14");
  EXPECT_EQ(value(R"(fuota_log_events_total{severity="error"})"), "15");
}

TEST_F(MetricsTest, ShowTheFleetAndItsContacts) {
  gauges_.contacts = {10, 20, 30, 40, 50};
  gauges_.fleet = domain::FleetCounts{60, {}};
  gauges_.fleet->by_state.back() = 70;
  EXPECT_EQ(value("fuota_contacts_recorded_total"), "10");
  EXPECT_EQ(value("fuota_contacts_dropped_total"), "20");
  EXPECT_EQ(value("fuota_contacts_pending"), "30");
  EXPECT_EQ(value("fuota_contact_batches_total"), "40");
  EXPECT_EQ(value("fuota_contact_batch_failures_total"), "50");
  EXPECT_EQ(value("fuota_devices"), "60");
  EXPECT_EQ(value(R"(fuota_devices_by_update_state{state="done"})"), "70");
}

TEST_F(MetricsTest, ShowWhoWasNotLetIn) {
  gauges_.authentication = {10, 20, 30, 40, 50};
  EXPECT_EQ(value("fuota_authentication_failures_total"), "10");
  EXPECT_EQ(value("fuota_authentication_delayed_total"), "20");
  EXPECT_EQ(value("fuota_authentication_sent_away_total"), "30");
  EXPECT_EQ(value("fuota_password_verifications_total"), "40");
  EXPECT_EQ(value("fuota_password_verifications_refused_total"), "50");
}

TEST_F(MetricsTest, LeaveOutWhatIsNotKnown) {
  EXPECT_THAT(metrics_.text(gauges_), Not(HasSubstr("\nfuota_disk_free_bytes ")));
  EXPECT_THAT(metrics_.text(gauges_), Not(HasSubstr("\nfuota_devices ")));
}

TEST_F(MetricsTest, LoseNothingWhenThreadsCountAtTheSameTime) {
  constexpr int kThreads = 4;
  constexpr int kRequests = 20'000;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([this] {
        for (int n = 0; n < kRequests; ++n) metrics_.on_request(record("GET", "/devices", 200));
      });
    }
  }
  EXPECT_EQ(value(R"(fuota_http_request_duration_seconds_count{route="/devices",method="GET"})"),
            std::to_string(kThreads * kRequests));
}

}  // namespace
}  // namespace fuota::server::app
