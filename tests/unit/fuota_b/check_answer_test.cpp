#include "check_answer.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace fuota::update {
namespace {

struct StatusCase {
  int http_status;
  Code check;
  Code download;
  Code enrolment;
  ota_status_t told_by_c_api;
};

class HttpStatus : public testing::TestWithParam<StatusCase> {};

TEST_P(HttpStatus, OfACheckMeans) {
  EXPECT_EQ(code_of_check(GetParam().http_status), GetParam().check);
}

TEST_P(HttpStatus, OfADownloadMeans) {
  EXPECT_EQ(code_of_download(GetParam().http_status), GetParam().download);
}

TEST_P(HttpStatus, OfAnEnrolmentMeans) {
  EXPECT_EQ(code_of_enrolment(GetParam().http_status), GetParam().enrolment);
}

TEST_P(HttpStatus, OfACheckIsToldByTheCApiAs) {
  EXPECT_EQ(status_of(code_of_check(GetParam().http_status)), GetParam().told_by_c_api);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, HttpStatus,
    testing::Values(
        StatusCase{200, Code::updated, Code::updated, Code::unexpected_status, OTA_UPDATED},
        StatusCase{204, Code::no_update, Code::file_refused, Code::updated, OTA_NO_UPDATE},
        StatusCase{400, Code::request_refused, Code::file_refused, Code::request_refused,
                   OTA_PARAM_ERR},
        StatusCase{401, Code::credentials_refused, Code::credentials_refused,
                   Code::fleet_key_refused, OTA_PARAM_ERR},
        StatusCase{403, Code::credentials_refused, Code::credentials_refused,
                   Code::fleet_key_refused, OTA_PARAM_ERR},
        StatusCase{404, Code::unknown_device, Code::file_refused, Code::client_error,
                   OTA_NO_UPDATE},
        StatusCase{409, Code::client_error, Code::client_error, Code::other_token, OTA_SYS_ERR},
        StatusCase{302, Code::redirected, Code::redirected, Code::redirected, OTA_SYS_ERR},
        StatusCase{429, Code::client_error, Code::client_error, Code::client_error, OTA_SYS_ERR},
        StatusCase{206, Code::unexpected_status, Code::unexpected_status, Code::unexpected_status,
                   OTA_SYS_ERR},
        StatusCase{500, Code::server_error, Code::server_error, Code::server_error, OTA_SYS_ERR},
        StatusCase{599, Code::server_error, Code::server_error, Code::server_error, OTA_SYS_ERR},
        StatusCase{0, Code::unexpected_status, Code::unexpected_status, Code::unexpected_status,
                   OTA_SYS_ERR}),
    [](const auto& row) { return "Is" + std::to_string(row.param.http_status); });

TEST(Codes, AreToldApartInTheLog) {
  std::set<std::string> descriptions;
  for (int code = 0; code <= static_cast<int>(Code::no_memory); ++code) {
    EXPECT_TRUE(descriptions.insert(describe(static_cast<Code>(code))).second) << code;
  }
}

TEST(Codes, HaveANameEachThatAReportMayHave) {
  std::set<std::string> names;
  for (int code = 0; code <= static_cast<int>(Code::no_memory); ++code) {
    const std::string name = name_of(static_cast<Code>(code));
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos);
    EXPECT_GE(name.size(), 1U);
    EXPECT_LE(name.size(), 48U);
  }
}

TEST(Codes, OfABrokenConnectionAreConnectionErrorsOfTheCApi) {
  for (const Code code : {Code::dns, Code::connect, Code::tls_verify, Code::tls_memory, Code::tls,
                          Code::no_answer, Code::short_read, Code::too_slow, Code::bad_range}) {
    EXPECT_EQ(status_of(code), OTA_CONN_ERR) << describe(code);
  }
}

TEST(Codes, OfARefusedImageAreNoConnectionErrors) {
  for (const Code code :
       {Code::not_an_image, Code::wrong_chip, Code::too_big, Code::corrupt_image,
        Code::image_refused, Code::flash, Code::unsigned_release, Code::bad_offer,
        Code::bad_signature, Code::wrong_product, Code::old_counter, Code::wrong_file}) {
    EXPECT_EQ(status_of(code), OTA_SYS_ERR) << describe(code);
  }
}

TEST(ValidAnswers, AreThoseOfAServerThatCouldUpdateTheDeviceAgain) {
  for (const int status : {200, 204, 404}) {
    EXPECT_TRUE(is_valid_answer(code_of_check(status))) << status;
  }
  for (const int status : {0, 302, 400, 401, 403, 500, 503}) {
    EXPECT_FALSE(is_valid_answer(code_of_check(status))) << status;
  }
  EXPECT_FALSE(is_valid_answer(Code::connect));
  EXPECT_FALSE(is_valid_answer(Code::no_answer));
  EXPECT_FALSE(is_valid_answer(Code::short_read));
  EXPECT_FALSE(is_valid_answer(Code::bad_answer));
  EXPECT_FALSE(is_valid_answer(Code::bad_offer));
}

TEST(ValidAnswers, IncludeAFileThatNobodyHasSigned) {
  EXPECT_TRUE(is_valid_answer(Code::unsigned_release));
}

}  // namespace
}  // namespace fuota::update
