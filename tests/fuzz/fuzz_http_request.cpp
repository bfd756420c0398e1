#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/receive_buffer.hpp"
#include "server/http/request_parser.hpp"
#include "tests/fuzz/expect.hpp"

using namespace fuota::server::http;

namespace {

/// Small, so that inputs reach the limits.
constexpr std::size_t kHeaderBytesMax = 512;
constexpr std::size_t kBufferBytes = kHeaderBytesMax + 256;
constexpr std::uint64_t kBodyBytesMax = 300;

/// The body breaks the rules or ends too early: of some last bytes that can't be told.
constexpr char kBroken[] = "400";

/// One request as a server understands it, in words that can be compared.
struct Understood {
  std::string head;
  std::string body;
  std::string end;  ///< "complete", or why nothing can follow.

  friend bool operator==(const Understood&, const Understood&) = default;
};

/// The connection's way through what was received, `step` bytes at a time: the same buffer, the
/// same calls (server/http/connection.cpp, incoming_body.cpp).
class Reader {
 public:
  Reader(std::string_view input, std::size_t step) : input_(input), step_(step) {}

  std::vector<Understood> read_all() {
    std::vector<Understood> requests;
    do {
      requests.push_back(read_request());
    } while (requests.back().end == "complete");
    return requests;
  }

 private:
  bool receive() {
    const std::span<char> room = buffer_.room();
    const std::size_t bytes = std::min({room.size(), step_, input_.size()});
    std::copy_n(input_.data(), bytes, room.data());
    buffer_.received(bytes);
    input_.remove_prefix(bytes);
    return bytes > 0;
  }

  Understood read_request() {
    Understood request;
    RequestParser parser(kHeaderBytesMax);
    HeadParse parse = parser.parse_head(buffer_.unread());
    while (parse.status == HeadStatus::need_more) {
      if (!receive()) {
        request.end = "the input ends in the header";
        return request;
      }
      parse = parser.parse_head(buffer_.unread());
    }
    if (parse.status == HeadStatus::rejected) {
      request.end = std::to_string(parse.rejection.status) + " " + parse.rejection.reason;
      return request;
    }
    expect_head(buffer_.unread().substr(0, parse.head_bytes), parser.head());
    request.head = describe(parser.head());
    buffer_.consume(parse.head_bytes);
    buffer_.pin();
    request.end = read_body(parser, request.body);
    // How much of a broken body was seen before it broke is a matter of chance.
    if (request.end != "complete") request.body.clear();
    buffer_.unpin();
    return request;
  }

  std::string read_body(RequestParser& parser, std::string& body) {
    parser.limit_chunked_body(kBodyBytesMax);
    if (parser.head().content_length.value_or(0) > kBodyBytesMax) return "413";
    char piece[64];
    std::string raw;
    while (!parser.body_complete()) {
      if (buffer_.unread().empty() && !receive()) return kBroken;
      const BodyParse step = parser.parse_body(buffer_.unread(), piece);
      FUZZ_EXPECT(step.consumed <= buffer_.unread().size());
      FUZZ_EXPECT(step.produced <= sizeof(piece));
      raw += buffer_.unread().substr(0, step.consumed);
      buffer_.consume(step.consumed);
      body.append(piece, step.produced);
      FUZZ_EXPECT(body.size() <= kBodyBytesMax);
      if (step.status == BodyParseStatus::too_large) return "413";
      if (step.status == BodyParseStatus::malformed) return kBroken;
      if (step.status == BodyParseStatus::need_more && step.produced == 0 && !receive()) {
        return kBroken;
      }
    }
    if (parser.head().content_length) FUZZ_EXPECT(body.size() == *parser.head().content_length);
    if (!parser.head().content_length && !parser.head().chunked) FUZZ_EXPECT(body.empty());
    if (parser.head().chunked) expect_chunks(raw, body);
    return "complete";
  }

  /// Takes a line as the simplest reader does, who looks for line feeds, and the strictest, who
  /// wants no other control characters.
  static std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    FUZZ_EXPECT(end != std::string_view::npos && end > 0 && text[end - 1] == '\r');
    const std::string_view line = text.substr(0, end - 1);
    for (const char c : line) FUZZ_EXPECT(static_cast<unsigned char>(c) >= ' ' || c == '\t');
    text.remove_prefix(end + 1);
    return line;
  }

  /// `raw` is a body in chunks, and `body` what it holds.
  static void expect_chunks(std::string_view raw, std::string_view body) {
    for (;;) {
      const std::string_view line = take_line(raw);
      std::uint64_t size = 0;
      const auto digits = std::from_chars(line.data(), line.data() + line.size(), size, 16);
      FUZZ_EXPECT(digits.ec == std::errc());
      if (size == 0) break;
      FUZZ_EXPECT(size <= body.size() && raw.size() >= size + 2);
      FUZZ_EXPECT(raw.substr(0, size) == body.substr(0, size) && raw.substr(size, 2) == "\r\n");
      body.remove_prefix(size);
      raw.remove_prefix(size + 2);
    }
    FUZZ_EXPECT(body.empty());
    while (!take_line(raw).empty()) {
    }
    FUZZ_EXPECT(raw.empty());
  }

  static std::string describe(const RequestHead& head) {
    return std::string(head.method) + '\0' + std::string(head.target) + '\0' +
           (head.http_1_0 ? "1.0" : "1.1") + (head.keep_alive ? " keep" : " close") +
           (head.expects_continue ? " expects" : "") + (head.chunked ? " chunked" : "") + '\0' +
           std::string(head.authorization) + '\0' + std::string(head.accept) + '\0' +
           std::string(head.range.value_or("-")) + '\0' + std::string(head.if_range.value_or("-")) +
           '\0' + (head.content_length ? std::to_string(*head.content_length) : "-");
  }

  /// What another reader of the same header could see. Lines are looked at as simply as can be.
  static void expect_head(std::string_view text, const RequestHead& head) {
    FUZZ_EXPECT(text.ends_with("\r\n\r\n"));
    FUZZ_EXPECT(text.find('\0') == std::string_view::npos);
    FUZZ_EXPECT(text.size() <= kBufferBytes);
    int lengths = 0;
    int encodings = 0;
    int hosts = 0;
    while (text.starts_with("\r\n")) text.remove_prefix(2);
    bool request_line = true;
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      FUZZ_EXPECT(end != std::string_view::npos && end > 0 && text[end - 1] == '\r');
      const std::string_view line = text.substr(0, end - 1);
      FUZZ_EXPECT(line.find('\r') == std::string_view::npos);
      text.remove_prefix(end + 1);
      if (request_line) FUZZ_EXPECT(line.find(' ') != line.rfind(' '));
      if (!request_line && !line.empty()) {
        const std::string_view name = line.substr(0, line.find(':'));
        FUZZ_EXPECT(!name.empty() && name.size() < line.size());
        for (const char c : name) FUZZ_EXPECT(c > ' ' && c < 0x7f);
        lengths += is(name, "content-length");
        encodings += is(name, "transfer-encoding");
        hosts += is(name, "host");
      }
      request_line = false;
    }
    FUZZ_EXPECT(lengths == (head.content_length ? 1 : 0));
    FUZZ_EXPECT(encodings == (head.chunked ? 1 : 0));
    FUZZ_EXPECT(lengths + encodings <= 1);
    FUZZ_EXPECT(hosts == 1 || (head.http_1_0 && hosts == 0));
    FUZZ_EXPECT(!head.method.empty() && !head.target.empty());
  }

  static int is(std::string_view name, std::string_view other) {
    return std::equal(name.begin(), name.end(), other.begin(), other.end(),
                      [](unsigned char a, char b) { return std::tolower(a) == b; })
               ? 1
               : 0;
  }

  std::string_view input_;
  std::size_t step_;
  ReceiveBuffer buffer_{kBufferBytes};
};

void expect_same(const std::vector<Understood>& some, const std::vector<Understood>& others) {
  if (some == others) return;
  for (const auto* requests : {&some, &others}) {
    std::fprintf(stderr, "read as:\n");
    for (const Understood& request : *requests) {
      std::fprintf(stderr, "  %s | %s | %s\n", request.head.c_str(), request.body.c_str(),
                   request.end.c_str());
    }
  }
  FUZZ_EXPECT(some == others);
}

}  // namespace

/// However the bytes arrive, they are the same requests; what is accepted can be read in one way
/// only. The first byte says how many bytes arrive at a time in the third reading.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  if (bytes == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, bytes - 1);
  const std::vector<Understood> whole = Reader(input, input.size() + 1).read_all();
  expect_same(whole, Reader(input, 1).read_all());
  expect_same(whole, Reader(input, 2U + data[0]).read_all());
  return 0;
}
