#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/contact/contact_device.hpp"
#include "tests/simulation/releases/root_draft.hpp"
#include "tests/simulation/update/update_server.hpp"

namespace fuota::test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::SizeIs;
using update::Code;
using Kind = AnswerFault::Kind;
using What = ServedRequest::Kind;

constexpr std::uint32_t kImageBytes = 70'000;

const SignedRelease& release() {
  return signed_release("0.1.1", kImageBytes);
}

class Connection : public testing::Test {
 protected:
  /// What was asked for, in order.
  [[nodiscard]] std::vector<What> kinds() const {
    std::vector<What> found;
    for (const ServedRequest& request : requests()) found.push_back(request.kind);
    return found;
  }
  /// On how many connections.
  [[nodiscard]] std::size_t connections() const {
    std::set<unsigned> numbers;
    for (const ServedRequest& request : requests()) numbers.insert(request.connection);
    return numbers.size();
  }
  [[nodiscard]] const std::vector<ServedRequest>& requests() const {
    return const_cast<ContactDevice&>(device_).server().requests();
  }
  const simulator::net::HttpStack::Statistics& statistics() {
    return device_.board().board().session()->http().statistics();
  }
  /// Whether this ESP-IDF resumes TLS sessions.
  static bool resumes() { return idf_version_under_test() != simulator::kernel::IdfVersion::v4_4; }

  ContactDevice device_;
};

TEST_F(Connection, IsOneForCheckRootDownloadAndReports) {
  RootDraft root;
  root.keys = {0, 1};
  root.signers = {0};
  device_.server().publish_root(1, root.signed_root());
  device_.offer(release());
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_EQ(connections(), 1U);
  EXPECT_EQ(device_.server().count(What::check), 2U) << "before the root document and behind it";
  EXPECT_EQ(device_.server().count(What::root), 1U);
  EXPECT_EQ(device_.server().count(What::file), 1U);
  ASSERT_THAT(device_.server().reports(), SizeIs(2));
  EXPECT_EQ(device_.server().reports()[0].state, "downloading");
  EXPECT_EQ(device_.server().reports()[1].state, "installed");
}

TEST_F(Connection, IsMadeForEachRequestWhereTheServerSaysThatItCloses) {
  device_.offer(release());
  device_.server().set_requests_per_connection_max(1);
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_EQ(connections(), requests().size());
  EXPECT_TRUE(device_.holds(release()));
  EXPECT_THAT(device_.server().reports(), SizeIs(2));
}

/// The answers of a server that speaks HTTP/1.0: it closes behind each, and does not say so.
TEST_F(Connection, IsMadeForEachRequestOfAnHttp10Server) {
  UpdateServer old(device_.board().network());
  old.give_length(true);
  old.upload(release().file_name, release().image);
  const std::string offer = R"({"deployment":"d1","manifest":)" + release().release->manifest +
                            R"(,"artifacts":)" + release().release->artifacts + "}";
  unsigned reports = 0;
  old.override_with([&](const simulator::net::PeerRequest& request) -> std::string {
    if (request.method == "POST") {
      ++reports;
      return http10(204, "", "");
    }
    if (!request.target.starts_with("/devices/")) return "";
    return http10(200,
                  "Content-Type: application/vnd.fuota.offer+json\r\nContent-Length: " +
                      std::to_string(offer.size()) + "\r\n",
                  offer);
  });
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_TRUE(device_.holds(release()));
  EXPECT_EQ(reports, 2U);
  EXPECT_EQ(old.count("GET /devices/"), 1U);
  EXPECT_EQ(old.count("GET /files/"), 1U);
}

struct StaleCase {
  const char* title;
  What behind;  ///< the connection ends behind the first answer of this kind
  Kind kind;
};

class StaleConnection : public Connection, public testing::WithParamInterface<StaleCase> {};

TEST_P(StaleConnection, IsMadeAnewAndNobodyNotices) {
  device_.offer(release());
  bool is_spoiled = false;
  device_.server().spoil_with([&](const ServedRequest& request) {
    if (request.kind != GetParam().behind || std::exchange(is_spoiled, true)) return AnswerFault{};
    return cut(GetParam().kind, UINT64_MAX);
  });
  update::Report report;
  (void)device_.run([&] {
    report = device_.check_now();
    EXPECT_EQ(statistics().connections, 2U);
  });
  EXPECT_EQ(report.code, Code::updated) << device_.board().transcript();
  EXPECT_EQ(report.error, ESP_OK);
  EXPECT_FALSE(device_.board().printed("no answer from the server"));
  EXPECT_EQ(device_.server().count(What::check), 1U);
  EXPECT_EQ(device_.server().count(What::file), 1U);
  EXPECT_THAT(device_.server().reports(), SizeIs(2));
  EXPECT_TRUE(device_.holds(release()));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, StaleConnection,
    testing::Values(StaleCase{"ClosedBehindTheCheck", What::check, Kind::closed},
                    StaleCase{"ResetBehindTheCheck", What::check, Kind::reset},
                    StaleCase{"ClosedBehindAReport", What::report, Kind::closed},
                    StaleCase{"ResetBehindAReport", What::report, Kind::reset},
                    StaleCase{"ClosedBehindTheFile", What::file, Kind::closed}),
    [](const auto& row) { return row.param.title; });

TEST_F(Connection, ThatIsNewAndBreaksIsNotMadeAgain) {
  device_.server().spoil_with([](const ServedRequest&) { return cut(Kind::closed, 0); });
  EXPECT_EQ(device_.check().code, Code::no_answer);
  EXPECT_THAT(requests(), SizeIs(1));
}

/// Looks like an answer to whoever reads it as one.
std::string forged(std::size_t size_bytes) {
  std::string text;
  while (text.size() < size_bytes) text += "HTTP/1.1 404 Forged\r\nContent-Length: 0\r\n\r\n";
  text.resize(size_bytes);
  return text;
}

AnswerFault unread(const std::string& header, const std::string& body) {
  AnswerFault fault = fault_of(Kind::bytes);
  fault.text = header + "\r\n" + body;
  return fault;
}

struct UnreadCase {
  const char* title;
  AnswerFault answer;  ///< to the first check
};

class UnreadBody : public Connection, public testing::WithParamInterface<UnreadCase> {};

TEST_P(UnreadBody, IsNotTakenForTheNextAnswer) {
  device_.offer(release());
  bool is_spoiled = false;
  device_.server().spoil_with([&](const ServedRequest&) {
    return std::exchange(is_spoiled, true) ? AnswerFault{} : GetParam().answer;
  });
  (void)device_.run([this] {
    EXPECT_NE(device_.check_now().code, Code::updated);
    EXPECT_EQ(device_.check_now().code, Code::updated) << device_.board().transcript();
  });
  EXPECT_TRUE(device_.holds(release()));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, UnreadBody,
    testing::Values(
        UnreadCase{"Short", unread("HTTP/1.1 400 X\r\nContent-Length: 200\r\n", forged(200))},
        UnreadCase{"Long", unread("HTTP/1.1 400 X\r\nContent-Length: 20000\r\n", forged(20'000))},
        UnreadCase{"LongerThanSaid",
                   unread("HTTP/1.1 400 X\r\nContent-Length: 20\r\n", forged(3'000))},
        UnreadCase{"ShorterThanSaid",
                   unread("HTTP/1.1 400 X\r\nContent-Length: 4000\r\n", forged(3'000))},
        UnreadCase{"WithoutALength", unread("HTTP/1.1 400 X\r\n", forged(3'000))},
        UnreadCase{"OfA204", unread("HTTP/1.1 204 X\r\nContent-Length: 500\r\n", forged(500))},
        UnreadCase{"OfAnOfferOfAnotherType",
                   unread("HTTP/1.1 200 X\r\nContent-Type: text/csv\r\nContent-Length: 900\r\n",
                          forged(900))},
        UnreadCase{"OfAnOfferThatIsTooLong",
                   unread("HTTP/1.1 200 X\r\nContent-Type: application/vnd.fuota.offer+json\r\n"
                          "Content-Length: 9000\r\n",
                          forged(9'000))},
        UnreadCase{"BehindHalfAHeader", unread("HTTP/1.1 200 X\r\nContent-Le", {})}),
    [](const auto& row) { return row.param.title; });

/// An interim answer, as a proxy may send before the final one (RFC 9110 section 15.2). Its length
/// is that of the client's buffer, so that what follows is read on its own.
std::string interim(int status) {
  constexpr std::size_t kClientBufferBytes = 1024;
  std::string head = "HTTP/1.1 " + std::to_string(status) + " X\r\nLink: ";
  head.append(kClientBufferBytes - head.size() - 4, 'x');
  return head + "\r\n\r\n";
}

struct InterimCase {
  const char* title;
  std::string bytes;  ///< all that comes for the check
  Code code;
};

class InterimAnswer : public Connection, public testing::WithParamInterface<InterimCase> {};

TEST_P(InterimAnswer, IsNotTakenForTheFinalOne) {
  device_.server().spoil_with([](const ServedRequest&) { return unread(GetParam().bytes, {}); });
  EXPECT_EQ(device_.check().code, GetParam().code) << device_.board().transcript();
}

INSTANTIATE_TEST_SUITE_P(
    Rows, InterimAnswer,
    testing::Values(InterimCase{"Continue", interim(100) + "HTTP/1.1 204 X\r\n", Code::no_update},
                    InterimCase{"EarlyHintsTwice",
                                interim(103) + interim(103) + "HTTP/1.1 404 X\r\n",
                                Code::unknown_device},
                    InterimCase{"AloneAndClosed", interim(103), Code::no_answer},
                    InterimCase{"WithABody",
                                "HTTP/1.1 103 X\r\nContent-Length: 9\r\n\r\nits body!" +
                                    interim(103) + "HTTP/1.1 204 X\r\n",
                                Code::no_answer}),
    [](const auto& row) { return row.param.title; });

/// Each of them moves on the wait for the final one.
TEST_F(Connection, EndsBehindInterimAnswersWithoutEnd) {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += interim(102);
  device_.server().spoil_with(
      [&](const ServedRequest&) { return unread(bytes + "HTTP/1.1 204 X\r\n", {}); });
  EXPECT_EQ(device_.check().code, Code::no_answer);
}

/// The same where the server leaves the connection open.
TEST_F(Connection, GoesOnBehindABodyThatNobodyWanted) {
  device_.offer(release());
  bool is_spoiled = false;
  device_.server().spoil_with([&](const ServedRequest& request) {
    const bool spoils = request.kind == What::report && !std::exchange(is_spoiled, true);
    return spoils ? answer_with(400) : AnswerFault{};
  });
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_EQ(connections(), 1U);
  EXPECT_TRUE(device_.holds(release()));
}

TEST_F(Connection, IsClosedBehindAnAnswerThatWasLongerThanSaid) {
  device_.offer(release());
  bool is_spoiled = false;
  device_.server().spoil_with([&](const ServedRequest& request) {
    const bool spoils = request.kind == What::check && !std::exchange(is_spoiled, true);
    return spoils ? fault_of(Kind::length_too_short, 10) : AnswerFault{};
  });
  (void)device_.run([this] {
    EXPECT_EQ(device_.check_now().code, Code::bad_offer);
    EXPECT_EQ(device_.check_now().code, Code::updated) << device_.board().transcript();
  });
}

TEST_F(Connection, ResumesTheSessionOfTheCheckBefore) {
  (void)device_.run([this] {
    for (unsigned check = 0; check < 4; ++check) {
      EXPECT_EQ(device_.check_now().code, Code::no_update);
      EXPECT_EQ(statistics().resumed_sessions, resumes() ? check : 0U);
    }
    EXPECT_EQ(statistics().connections, 4U);
  });
}

struct ChangedServerCase {
  const char* title;
  std::function<void(ContactDevice&)> change;
};

/// A key that can be read; nobody asks for it in a test's process.
constexpr const char* kClientKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6JDk7z8M7wHOULoL\n"
    "FjBApdtBt38ikrtRJMUskyOPaWahRANCAAQ8uFMxkPggd9wYqHbL1pjyKwQt4xwM\n"
    "+us1IOpmGnEEFsjRprWB65l1qMpgz/KTf/3t7Tw+GJBcNKrFBaDq/6bE\n"
    "-----END PRIVATE KEY-----\n";

std::string& certificate_copy() {
  static std::string copy = kCertificate;
  return copy;
}

void listen_elsewhere(ContactDevice& device, const char* host, int port) {
  device.board().network().listen({host, port}, [] {
    return std::make_unique<simulator::net::HttpPeer>([](const simulator::net::PeerRequest&) {
      simulator::net::PeerAnswer answer;
      answer.bytes = http10(204, "", "");
      return answer;
    });
  });
}

class ChangedServer : public Connection, public testing::WithParamInterface<ChangedServerCase> {};

TEST_P(ChangedServer, GetsAConnectionOfItsOwn) {
  (void)device_.run([this] {
    EXPECT_EQ(device_.check_now().code, Code::no_update);
    GetParam().change(device_);
    (void)device_.check_now();
    EXPECT_EQ(statistics().resumed_sessions, 0U);
    EXPECT_EQ(statistics().connections, 2U);
    EXPECT_EQ(statistics().clients_created, 2U) << "the kept client is for the other server";
    EXPECT_LE(statistics().clients_alive, 1U);
  });
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ChangedServer,
    testing::Values(ChangedServerCase{"AnotherName",
                                      [](ContactDevice& device) {
                                        listen_elsewhere(device, "other.example", 50000);
                                        device.address.name = "other.example";
                                      }},
                    ChangedServerCase{"AnotherPort",
                                      [](ContactDevice& device) {
                                        listen_elsewhere(device, NativeServer::kHost, 443);
                                        device.address.port = 443;
                                      }},
                    ChangedServerCase{"AnotherCertificate",
                                      [](ContactDevice& device) {
                                        certificate_copy() += '\n';
                                        device.address.certificate_pem = certificate_copy().c_str();
                                      }},
                    ChangedServerCase{"AClientCertificate",
                                      [](ContactDevice& device) {
                                        device.address.client_certificate_pem = kCertificate;
                                        device.address.client_key_pem = kClientKey;
                                      }}),
    [](const auto& row) { return row.param.title; });

struct CredentialsCase {
  const char* title;
  const char* username;
  const char* password;
};

class OtherCredentials : public Connection, public testing::WithParamInterface<CredentialsCase> {};

/// They are told with each request, so the client that was kept serves for them.
TEST_P(OtherCredentials, AreUsedAtTheNextCheck) {
  (void)device_.run([this] {
    EXPECT_EQ(device_.check_now().code, Code::no_update);
    device_.address.username = GetParam().username;
    device_.address.password = GetParam().password;
    EXPECT_EQ(device_.check_now().code, Code::credentials_refused);
    EXPECT_EQ(statistics().clients_created, 1U);
  });
}

INSTANTIATE_TEST_SUITE_P(
    Rows, OtherCredentials,
    testing::Values(CredentialsCase{"AnotherUsername", "somebody", "server_password"},
                    CredentialsCase{"AnotherPassword", "server_username", "a new one"}),
    [](const auto& row) { return row.param.title; });

TEST_F(Connection, TakesNoMoreMemoryFromCheckToCheck) {
  (void)device_.run([this] {
    const auto& heap = device_.board().board().session()->heap();
    auto& chip = device_.board().board().session()->kernel().scheduler().heap();
    EXPECT_EQ(device_.check_now().code, Code::no_update);
    const std::size_t blocks = heap.blocks_alive();
    const std::size_t bytes = heap.bytes_alive();
    const std::size_t free_bytes = chip.free_bytes();
    for (unsigned check = 0; check < 20; ++check) {
      EXPECT_EQ(device_.check_now().code, Code::no_update);
      ASSERT_EQ(heap.blocks_alive(), blocks) << check;
      ASSERT_EQ(heap.bytes_alive(), bytes) << check;
      ASSERT_EQ(chip.free_bytes(), free_bytes) << check;
    }
  });
}

TEST_F(Connection, TakesNoMoreMemoryAfterChecksThatFailed) {
  device_.offer(release());
  device_.server().spoil_with([](const ServedRequest& request) {
    return request.kind == What::file ? cut(Kind::closed, request.number * 500) : AnswerFault{};
  });
  (void)device_.run([this] {
    const auto& heap = device_.board().board().session()->heap();
    auto& chip = device_.board().board().session()->kernel().scheduler().heap();
    (void)device_.check_now();
    const std::size_t bytes = heap.bytes_alive();
    const std::size_t free_bytes = chip.free_bytes();
    for (unsigned check = 0; check < 5; ++check) {
      EXPECT_NE(device_.check_now().code, Code::updated);
      ASSERT_EQ(heap.bytes_alive(), bytes) << check;
      ASSERT_GE(chip.free_bytes(), free_bytes) << check;
    }
  });
}

TEST_F(Connection, LeavesTheComponentsMemoryBelowTwelveKilobytes) {
  RootDraft root;
  root.keys = {0, 1};
  root.signers = {0};
  device_.server().publish_root(1, root.signed_root());
  device_.offer(release());
  device_.spoil_files({cut(Kind::closed, 68'000)});
  (void)device_.run([this] {
    EXPECT_EQ(device_.check_now().code, Code::updated) << device_.board().transcript();
    EXPECT_LE(device_.board().board().session()->heap().bytes_alive_max(), 12U * 1024);
    EXPECT_EQ(device_.board().board().session()->heap().blocks_alive(), 0U);
  });
}

}  // namespace
}  // namespace fuota::test
