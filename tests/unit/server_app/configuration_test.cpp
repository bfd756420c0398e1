#include "server/app/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>

#include "tests/support/server/temporary_directory.hpp"

namespace fuota::server::app {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

class Configurations : public testing::Test {
 protected:
  void SetUp() override {
    set("US_AUTH_USERNAME", "user");
    set("US_AUTH_PASSWORD", "secret");
    for (const char* name : {"US_SERVER_PORT", "FUOTA_LISTEN", "FUOTA_DATA_DIR",
                             "FUOTA_ADMIN_LISTEN", "FUOTA_LOG_FORMAT"}) {
      ::unsetenv(name);
    }
  }
  void TearDown() override {
    for (const auto& [name, value] : set_) ::unsetenv(name.c_str());
  }

  void set(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
    set_[name] = value;
  }

  static std::variant<Configuration, Exit> read(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "fuota-server");
    std::vector<char*> pointers(arguments.size());
    std::transform(arguments.begin(), arguments.end(), pointers.begin(),
                   [](std::string& argument) { return argument.data(); });
    return read_configuration(static_cast<int>(pointers.size()), pointers.data());
  }

  static Configuration accepted(const std::vector<std::string>& arguments) {
    auto configuration = read(arguments);
    return std::get<Configuration>(std::move(configuration));
  }

  static std::string listen(const Configuration& configuration) {
    const auto& endpoint = configuration.server.listen;
    return endpoint.address().to_string() + " " + std::to_string(endpoint.port());
  }

  test_support::TemporaryDirectory directory_;

 private:
  std::map<std::string, std::string> set_;
};

TEST_F(Configurations, HaveDefaults) {
  const Configuration configuration = accepted({});
  EXPECT_EQ(listen(configuration), "0.0.0.0 50000");
  EXPECT_EQ(configuration.data_directory, "fuota-data");
  EXPECT_EQ(configuration.file_bytes_max, 16U * 1024 * 1024);
  EXPECT_EQ(configuration.server.limits.handshake_deadline, milliseconds(10'000));
}

TEST_F(Configurations, TakeTheVariablesOfTheOriginalServer) {
  set("US_SERVER_PORT", "50123");
  const Configuration configuration = accepted({});
  EXPECT_EQ(configuration.username, "user");
  EXPECT_EQ(configuration.password, "secret");
  EXPECT_EQ(listen(configuration), "0.0.0.0 50123");
}

TEST_F(Configurations, ListenWhereTheyAreTold) {
  EXPECT_EQ(listen(accepted({"--listen", "127.0.0.1:0"})), "127.0.0.1 0");
  EXPECT_EQ(listen(accepted({"--listen", "[::1]:50001"})), "::1 50001");
}

TEST_F(Configurations, ShowMetricsAndHealthOnThisMachineUnlessToldOtherwise) {
  const AdminSettings by_default = accepted({}).admin;
  ASSERT_TRUE(by_default.listen.has_value());
  EXPECT_TRUE(by_default.listen->address().is_loopback());
  EXPECT_EQ(by_default.listen->port(), 50001);
  EXPECT_TRUE(by_default.by_default);
  const AdminSettings told = accepted({"--admin-listen", "[::]:9"}).admin;
  EXPECT_EQ(told.listen->port(), 9);
  EXPECT_FALSE(told.by_default);
  EXPECT_FALSE(accepted({"--admin-listen", "off"}).admin.listen.has_value());
}

TEST_F(Configurations, KnowTwoFormatsOfTheLog) {
  EXPECT_EQ(accepted({}).log.format, LogFormat::text);
  EXPECT_EQ(accepted({"--log-format", "json"}).log.format, LogFormat::json);
  set("FUOTA_LOG_FORMAT", "json");
  EXPECT_EQ(accepted({}).log.format, LogFormat::json);
}

TEST_F(Configurations, PreferAddressAndPortToThePortAlone) {
  set("US_SERVER_PORT", "50123");
  EXPECT_EQ(listen(accepted({"--listen", "127.0.0.1:1"})), "127.0.0.1 1");
}

TEST_F(Configurations, TakeSeveralHosts) {
  EXPECT_THAT(accepted({"--host", "a", "--host", "b"}).hosts, ElementsAre("a", "b"));
}

TEST_F(Configurations, TakeDurationsInSecondsWithDecimals) {
  EXPECT_EQ(accepted({"--header-deadline", "0.25"}).server.limits.header_deadline,
            milliseconds(250));
}

TEST_F(Configurations, AreReadFromAFile) {
  const std::filesystem::path file = directory_.path() / "fuota.conf";
  std::ofstream(file) << "listen = \"127.0.0.1:7\"\nhost = [\"a\", \"b\"]\nidle-deadline = 5\n";
  const Configuration configuration = accepted({"--config", file.string()});
  EXPECT_EQ(listen(configuration), "127.0.0.1 7");
  EXPECT_THAT(configuration.hosts, ElementsAre("a", "b"));
  EXPECT_EQ(configuration.server.limits.idle_deadline, milliseconds(5000));
}

TEST_F(Configurations, PreferAFlagToTheFileAndTheFileToTheEnvironment) {
  const std::filesystem::path file = directory_.path() / "fuota.conf";
  std::ofstream(file) << "listen = \"127.0.0.1:7\"\n";
  set("FUOTA_LISTEN", "127.0.0.1:8");
  EXPECT_EQ(listen(accepted({"--config", file.string()})), "127.0.0.1 7");
  EXPECT_EQ(listen(accepted({"--config", file.string(), "--listen", "127.0.0.1:9"})),
            "127.0.0.1 9");
  EXPECT_EQ(listen(accepted({})), "127.0.0.1 8");
}

TEST_F(Configurations, RefuseASettingOfAFileThatIsNone) {
  const std::filesystem::path file = directory_.path() / "fuota.conf";
  std::ofstream(file) << "lissten = \"127.0.0.1:7\"\n";
  testing::internal::CaptureStderr();
  const auto configuration = read({"--config", file.string()});
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("lissten"));
  ASSERT_TRUE(std::holds_alternative<Exit>(configuration));
  EXPECT_EQ(std::get<Exit>(configuration).status, 2);
}

struct Row {
  const char* fact;
  std::vector<std::string> arguments;
  std::string complaint;
};

class BadConfiguration : public Configurations, public testing::WithParamInterface<Row> {};

TEST_P(BadConfiguration, IsRefusedInOneLine) {
  testing::internal::CaptureStderr();
  const auto configuration = read(GetParam().arguments);
  const std::string complaint = testing::internal::GetCapturedStderr();
  ASSERT_TRUE(std::holds_alternative<Exit>(configuration));
  EXPECT_EQ(std::get<Exit>(configuration).status, 2);
  EXPECT_THAT(complaint, HasSubstr(GetParam().complaint));
  EXPECT_EQ(std::count(complaint.begin(), complaint.end(), '\n'), 1) << complaint;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadConfiguration,
    testing::Values(Row{"AnUnknownFlag", {"--nonsense"}, "--nonsense"},
                    Row{"AnAddressWithoutAPort", {"--listen", "127.0.0.1"}, "ADDRESS:PORT"},
                    Row{"AHostNameToListenOn", {"--listen", "localhost:1"}, "ADDRESS:PORT"},
                    Row{"APortThatIsNone", {"--listen", "127.0.0.1:70000"}, "ADDRESS:PORT"},
                    Row{"AnAdminAddressWithoutPort", {"--admin-listen", "localhost"}, "nor off"},
                    Row{"AFormatThatIsNone", {"--log-format", "xml"}, "--log-format"},
                    Row{"APortWithLetters", {"--port", "http"}, "--port"},
                    Row{"ACertificateWithoutAKey", {"--cert", "a.pem"}, "--key"},
                    Row{"AKeyWithoutACertificate", {"--key", "a.pem"}, "--cert"},
                    Row{"FewerKeysThanCertificates",
                        {"--cert", "a.pem", "--key", "a.key", "--cert", "b.pem"},
                        "in pairs"},
                    Row{"ARateThatIsTooLittleForTheDownloads",
                        {"--download-rate", "40000", "--downloads-max", "10"},
                        "each needs 4096 bytes/s"},
                    Row{"NoTimeAtAll", {"--idle-deadline", "0"}, "--idle-deadline"},
                    Row{"AMissingFile", {"--config", "/does/not/exist"}, "/does/not/exist"},
                    Row{"AUserWithAColon", {"--auth-username", "a:b"}, "colon"},
                    Row{"AnUnknownSharedUser", {"--shared-user", "none"}, "--shared-user"},
                    Row{"APasswordLikeAToken",
                        {"--auth-password", "fud_" + std::string(43, 'A')},
                        "form of a token"},
                    Row{"AnEmptyPassword", {"--auth-password", ""}, "US_AUTH_PASSWORD"},
                    Row{"AnEmptyUser", {"--auth-username", ""}, "US_AUTH_USERNAME"}),
    [](const auto& row) { return row.param.fact; });

TEST_F(Configurations, TakeSeveralCertificates) {
  for (const bool from_flags : {true, false}) {
    std::vector<std::string> arguments;
    if (from_flags) {
      arguments = {"--cert", "a.pem", "--key", "a.key", "--cert", "b.pem", "--key", "b.key"};
    } else {
      set("FUOTA_CERT", "a.pem:b.pem");
      set("FUOTA_KEY", "a.key:b.key");
    }
    const auto configuration = read(arguments);
    const auto& certificates = std::get<Configuration>(configuration).tls.certificates;
    ASSERT_EQ(certificates.size(), 2U);
    EXPECT_EQ(certificates[0].certificate, "a.pem");
    EXPECT_EQ(certificates[0].key, "a.key");
    EXPECT_EQ(certificates[1].certificate, "b.pem");
    EXPECT_EQ(certificates[1].key, "b.key");
  }
}

TEST_F(Configurations, LetNoMoreDownloadThanTheRateIsEnoughFor) {
  for (const auto& [rate, downloads_max] :
       {std::pair("0", 0U), std::pair("10000", 1U), std::pair("1638400", 100U)}) {
    const auto configuration = read({"--download-rate", rate});
    EXPECT_EQ(std::get<Configuration>(configuration).overload.downloads_max, downloads_max);
  }
}

TEST_F(Configurations, NeedAPassword) {
  ::unsetenv("US_AUTH_PASSWORD");
  testing::internal::CaptureStderr();
  const auto configuration = read({});
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("there is no password"));
  EXPECT_TRUE(std::holds_alternative<Exit>(configuration));
}

TEST_F(Configurations, NeedNoPasswordWithoutTheSharedUser) {
  ::unsetenv("US_AUTH_USERNAME");
  ::unsetenv("US_AUTH_PASSWORD");
  const Configuration configuration = accepted({"--shared-user", "off"});
  EXPECT_EQ(configuration.accounts.shared_user, api::SharedUserScope::off);
  EXPECT_TRUE(std::holds_alternative<Exit>(read({"--shared-user", "devices"})));
}

TEST_F(Configurations, SayWhatTheSharedUserMayDo) {
  EXPECT_EQ(accepted({}).accounts.shared_user, api::SharedUserScope::full);
  set("FUOTA_SHARED_USER", "devices");
  EXPECT_EQ(accepted({}).accounts.shared_user, api::SharedUserScope::devices);
}

TEST_F(Configurations, AreExplainedByHelp) {
  testing::internal::CaptureStdout();
  const auto configuration = read({"--help"});
  const std::string help = testing::internal::GetCapturedStdout();
  EXPECT_EQ(std::get<Exit>(configuration).status, 0);
  for (const char* text : {"--listen", "--data-dir", "--cert", "--key", "--host", "--config",
                           "US_AUTH_PASSWORD", "curl", "ca_cert.pem"}) {
    EXPECT_THAT(help, HasSubstr(text));
  }
}

TEST_F(Configurations, NeverShowAPasswordInHelp) {
  const std::string password = "xyzzy-7391";
  set("US_AUTH_PASSWORD", password);
  testing::internal::CaptureStdout();
  static_cast<void>(read({"--help"}));
  const std::string help = testing::internal::GetCapturedStdout();
  EXPECT_THAT(help, HasSubstr("US_AUTH_PASSWORD"));
  EXPECT_THAT(help, testing::Not(HasSubstr(password)));
}

}  // namespace
}  // namespace fuota::server::app
