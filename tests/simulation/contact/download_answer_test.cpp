#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/contact/contact_device.hpp"

namespace fuota::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;
using update::Code;
using Kind = AnswerFault::Kind;

constexpr std::uint32_t kImageBytes = 200'016;

const SignedRelease& release() {
  return signed_release("0.1.1", kImageBytes);
}

/// An answer byte for byte, and then the connection is closed.
AnswerFault bytes(std::string text) {
  AnswerFault fault = fault_of(Kind::bytes);
  fault.text = std::move(text);
  return fault;
}

std::string content_from(std::uint32_t begin) {
  return release().file->content.substr(begin);
}

/// Where a request begins; 0 without a range.
std::uint32_t begin_of(const ServedRequest& request) {
  return request.range.empty() ? 0
                               : static_cast<std::uint32_t>(std::stoul(request.range.substr(6)));
}

class AnsweredDownload : public testing::Test {
 protected:
  AnsweredDownload() { device_.offer(release()); }

  ContactDevice device_;
};

TEST_F(AnsweredDownload, SkipsWhatIsThereWhenTheServerIgnoresTheRange) {
  device_.spoil_files({cut(Kind::closed, 100'000), fault_of(Kind::range_ignored)});
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_THAT(device_.ranges(), SizeIs(2));
  EXPECT_EQ(device_.file_requests()[1].status, 200);
  EXPECT_THAT(device_.erase_counts(release()), ElementsAre(1)) << "nothing is written twice";
  EXPECT_TRUE(device_.holds(release()));
}

TEST_F(AnsweredDownload, SkipsWhatIsThereAfterAPowerCutToo) {
  device_.cut_power_at(140'000, simulator::flash::Fault::cut_before);
  EXPECT_EQ(device_.check().http_status, 0) << "the power went";
  device_.spoil_files({fault_of(Kind::range_ignored)});
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_THAT(device_.ranges(), ElementsAre("", from(131'072)));
  for (std::uint32_t at = 0; at < 131'072; at += 4096) {
    ASSERT_EQ(device_.board().flash().erase_count(device_.slot_address() + at), 1U) << at;
  }
  EXPECT_TRUE(device_.holds(release()));
}

TEST_F(AnsweredDownload, IsGivenUpWhenTheServerIgnoresRangesAndBreaksOffAtTheSamePlace) {
  device_.server().spoil_with([](const ServedRequest& request) {
    if (request.kind != ServedRequest::Kind::file) return AnswerFault{};
    return bytes("HTTP/1.1 200 OK\r\nContent-Length: 200016\r\n\r\n" +
                 release().file->content.substr(0, 100'000));
  });
  EXPECT_EQ(device_.check().code, Code::short_read) << device_.board().transcript();
  EXPECT_THAT(device_.ranges(), SizeIs(6)) << "the first, and five more";
  EXPECT_EQ(device_.slot_after_reboot(), "ota_0");
}

struct RangeCase {
  const char* title;
  std::function<AnswerFault(const ServedRequest&)> answer;  ///< to a request with a range
};

std::string part(std::uint32_t begin, std::uint32_t end, std::uint32_t total) {
  return "HTTP/1.1 206 X\r\nContent-Range: bytes " + std::to_string(begin) + "-" +
         std::to_string(end) + "/" + std::to_string(total) +
         "\r\nContent-Length: " + std::to_string(end - begin + 1) + "\r\n\r\n" +
         release().file->content.substr(begin, end - begin + 1);
}

/// A 206 that is not about the rest that was asked for, and 416.
class WrongRange : public AnsweredDownload, public testing::WithParamInterface<RangeCase> {};

TEST_P(WrongRange, LetsTheDownloadBeginAnew) {
  bool is_first = true;
  bool is_spoiled = false;
  device_.server().spoil_with([&](const ServedRequest& request) {
    if (request.kind != ServedRequest::Kind::file) return AnswerFault{};
    if (std::exchange(is_first, false)) return cut(Kind::closed, 100'000);
    if (request.range.empty() || std::exchange(is_spoiled, true)) return AnswerFault{};
    return GetParam().answer(request);
  });
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  const std::vector<std::string> ranges = device_.ranges();
  ASSERT_THAT(ranges, SizeIs(3));
  EXPECT_NE(ranges[1], "");
  EXPECT_EQ(ranges[2], "");
  EXPECT_TRUE(device_.holds(release()));
  EXPECT_EQ(device_.slot_after_reboot(), "ota_1");
}

TEST_P(WrongRange, EndsTheCheckWhenItComesForEver) {
  device_.server().spoil_with([](const ServedRequest& request) {
    if (request.kind != ServedRequest::Kind::file) return AnswerFault{};
    return request.range.empty() ? cut(Kind::closed, 100'000) : GetParam().answer(request);
  });
  EXPECT_EQ(device_.check().code, Code::bad_range) << device_.board().transcript();
  EXPECT_THAT(device_.ranges(), SizeIs(4)) << "twice the beginning, and twice the rest";
  EXPECT_EQ(device_.check().code, Code::bad_range);
  EXPECT_THAT(device_.ranges(), SizeIs(Le(8U)));
  EXPECT_EQ(device_.slot_after_reboot(), "ota_0");
}

INSTANTIATE_TEST_SUITE_P(
    Rows, WrongRange,
    testing::Values(
        RangeCase{"Refused", [](const auto&) { return fault_of(Kind::range_refused); }},
        RangeCase{"WithoutContentRange",
                  [](const auto&) { return fault_of(Kind::range_without_range); }},
        RangeCase{"OneByteBehind",
                  [](const auto& request) {
                    return bytes(part(begin_of(request) + 1, kImageBytes - 1, kImageBytes));
                  }},
        RangeCase{"OneByteBefore",
                  [](const auto& request) {
                    return bytes(part(begin_of(request) - 1, kImageBytes - 1, kImageBytes));
                  }},
        RangeCase{"FromTheBeginning",
                  [](const auto&) { return bytes(part(0, kImageBytes - 1, kImageBytes)); }},
        RangeCase{"OfALargerFile",
                  [](const auto& request) {
                    return bytes(part(begin_of(request), kImageBytes - 1, kImageBytes + 1));
                  }},
        RangeCase{"OfASmallerFile",
                  [](const auto& request) {
                    return bytes(part(begin_of(request), kImageBytes - 2, kImageBytes - 1));
                  }},
        RangeCase{"WithoutTheEndOfTheFile",
                  [](const auto& request) {
                    return bytes(part(begin_of(request), begin_of(request) + 999, kImageBytes));
                  }},
        RangeCase{"WithALengthTooShort",
                  [](const auto&) { return fault_of(Kind::length_too_short, 16); }},
        RangeCase{"WithALengthTooLong",
                  [](const auto&) { return fault_of(Kind::length_too_long, 16); }}),
    [](const auto& row) { return row.param.title; });

struct ChangedCase {
  const char* title;
  std::size_t size_bytes;  ///< of what stands under the URL now
  std::size_t requests;    ///< all of it is asked for where the length does not tell yet
};

/// Another file under the URL, when the download goes on.
class ChangedFile : public AnsweredDownload, public testing::WithParamInterface<ChangedCase> {
 protected:
  void replace_file() {
    device_.server().upload(release().file_name,
                            signed_release("6.6.6", GetParam().size_bytes).file);
  }
};

TEST_P(ChangedFile, IsNotInstalled) {
  device_.spoil_files({cut(Kind::closed, 100'000)});
  device_.when_written(50'000, [this] { replace_file(); });
  EXPECT_EQ(device_.check().code, Code::wrong_file) << device_.board().transcript();
  EXPECT_THAT(device_.ranges(), SizeIs(GetParam().requests));
  EXPECT_EQ(device_.slot_after_reboot(), "ota_0");
}

TEST_P(ChangedFile, IsFollowedByTheRightOne) {
  device_.spoil_files({cut(Kind::closed, 100'000)});
  device_.when_written(50'000, [this] { replace_file(); });
  EXPECT_EQ(device_.check().code, Code::wrong_file);
  device_.offer(release());
  EXPECT_EQ(device_.check().code, Code::updated) << device_.board().transcript();
  EXPECT_EQ(device_.ranges().back(), "") << "the journal was spoiled too";
  EXPECT_TRUE(device_.holds(release()));
}

INSTANTIATE_TEST_SUITE_P(Rows, ChangedFile,
                         testing::Values(ChangedCase{"OfTheSameSize", kImageBytes, 3},
                                         ChangedCase{"Larger", kImageBytes + 16, 2},
                                         ChangedCase{"Smaller", 150'000, 2}),
                         [](const auto& row) { return row.param.title; });

struct LengthCase {
  const char* title;
  AnswerFault answer;  ///< to the first request
};

/// A length that is not the one that was signed is believed before anything is erased.
class WrongLength : public AnsweredDownload, public testing::WithParamInterface<LengthCase> {};

TEST_P(WrongLength, ErasesNothing) {
  device_.spoil_files({GetParam().answer});
  EXPECT_EQ(device_.check().code, Code::wrong_file) << device_.board().transcript();
  EXPECT_THAT(device_.ranges(), SizeIs(1));
  EXPECT_THAT(device_.erase_counts(release()), ElementsAre(0));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, WrongLength,
    testing::Values(LengthCase{"TooShort", fault_of(Kind::length_too_short, 16)},
                    LengthCase{"TooLong", fault_of(Kind::length_too_long, 16)}),
    [](const auto& row) { return row.param.title; });

struct WithoutLengthCase {
  const char* title;
  std::string body;
  Code code;
  std::size_t requests;
};

class DownloadWithoutLength : public AnsweredDownload,
                              public testing::WithParamInterface<WithoutLengthCase> {};

TEST_P(DownloadWithoutLength, IsHeldAgainstWhatWasSigned) {
  device_.spoil_files({bytes("HTTP/1.1 200 OK\r\n\r\n" + GetParam().body)});
  EXPECT_EQ(device_.check().code, GetParam().code) << device_.board().transcript();
  EXPECT_THAT(device_.ranges(), SizeIs(GetParam().requests));
  EXPECT_EQ(device_.slot_after_reboot(), GetParam().code == Code::updated ? "ota_1" : "ota_0");
}

INSTANTIATE_TEST_SUITE_P(
    Rows, DownloadWithoutLength,
    testing::Values(WithoutLengthCase{"Whole", content_from(0), Code::updated, 1},
                    WithoutLengthCase{"TooShort", content_from(0).substr(0, 100'000), Code::updated,
                                      2},
                    WithoutLengthCase{"TooLong", content_from(0) + std::string(5'000, 'x'),
                                      Code::wrong_file, 1}),
    [](const auto& row) { return row.param.title; });

}  // namespace
}  // namespace fuota::test
