#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "server/app/routes.hpp"
#include "server/http/connection.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/memory_stream.hpp"
#include "tests/support/server/memory_store.hpp"

using namespace fuota::server;

namespace {

/// Small, so that inputs reach the limits.
constexpr std::uint64_t kFileBytesMax = 2000;
constexpr std::size_t kHeaderBytesMax = 1024;

/// The statuses of docs/protocol.md, "Answers", that need no fault.
constexpr unsigned kStatuses[] = {200, 201, 204, 206, 400, 401, 403, 404, 405, 409,
                                  411, 413, 414, 416, 417, 429, 431, 501, 505};

bool is_documented(unsigned status) {
  for (const unsigned known : kStatuses) {
    if (status == known) return true;
  }
  return false;
}

class StatusKeeper final : public http::Observer {
 public:
  void on_connection(http::ConnectionEvent) override {}
  void on_handshake(http::HandshakeOutcome, std::chrono::microseconds) override {}
  void on_request(const http::AccessRecord& record) override {
    FUZZ_EXPECT(is_documented(record.status));
    statuses.push_back(record.status);
  }
  void on_event(http::Severity severity, std::string_view what) override {
    if (severity == http::Severity::error) {
      std::fprintf(stderr, "event: %.*s\n", static_cast<int>(what.size()), what.data());
      std::abort();
    }
  }
  std::vector<unsigned> statuses;
};

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

/// `output` without what may differ between two readings of the same input: the time, whether a
/// client was told to go on whose body was not there yet, and whether a body whose last bytes make
/// no sense is called malformed or too short.
std::string without_chance(std::string output) {
  replace_all(output, "HTTP/1.1 100 Continue\r\n\r\n", "");
  for (const std::string_view broken :
       {"the body is not in valid chunks\n", "the body is shorter than announced\n",
        "Content-Length: 32\r\n", "Content-Length: 35\r\n"}) {
    replace_all(output, broken, "");
  }
  constexpr std::string_view kDate = "\r\nDate: ";
  for (std::size_t at = output.find(kDate); at != std::string::npos;
       at = output.find(kDate, at + 1)) {
    output.erase(at + kDate.size(), std::strlen("Wed, 25 Nov 2026 00:00:00 GMT"));
  }
  return output;
}

struct Served {
  std::string output;
  std::vector<unsigned> statuses;
  std::map<std::string, std::string> files;
  std::size_t devices = 0;
};

/// Serves a client whose bytes are all there, and who goes when they are read.
boost::asio::awaitable<void> serve_to_the_end(std::unique_ptr<http::Connection> connection,
                                              const MemoryClient& client) {
  auto waited = http::StreamStatus::ok;
  while (connection) {
    connection = co_await http::Connection::serve(std::move(connection), waited);
    if (client.input.empty()) waited = http::StreamStatus::end;
  }
}

/// A connection of its own to a server of its own, from the first byte to the last.
Served serve(std::string_view input, std::size_t step_bytes) {
  static const http::Limits limits = [] {
    http::Limits small;
    small.header_bytes_max = kHeaderBytesMax;
    return small;
  }();
  // Only its address is passed on: the stream that is linked here makes no use of it.
  alignas(http::TlsContext) static unsigned char no_context[sizeof(http::TlsContext)];
  auto& tls = reinterpret_cast<http::TlsContext&>(no_context);

  boost::asio::io_context context(1);
  http::DeadlineSweep sweep(context, std::chrono::milliseconds(1000));
  http::DownloadPace pace(0);
  http::HttpDate date;
  StatusKeeper observer;
  test_support::MemoryStore store;
  const auto clock = [] { return domain::Time(); };
  // Who guesses is answered late; here nobody waits.
  api::ThrottleSettings no_delays;
  no_delays.delay_first = no_delays.delay_max = std::chrono::milliseconds(0);
  api::Authenticator authenticator(store, api::SharedUser("u", "p"), clock, nullptr, no_delays);
  const auto routes = app::make_routes(store, authenticator, observer, kFileBytesMax, clock);
  MemoryClient client{input, step_bytes, {}, false};
  set_memory_client(client);
  http::Turn turn(context, observer);
  const http::ConnectionScope scope{
      limits, tls, *routes, observer, turn, sweep, {limits, pace, date}};
  auto connection = std::make_unique<http::Connection>(boost::asio::ip::tcp::socket(context),
                                                       boost::asio::ip::tcp::endpoint(), scope);
  bool ended = false;
  boost::asio::co_spawn(context, serve_to_the_end(std::move(connection), client),
                        [&](std::exception_ptr failure) {
                          FUZZ_EXPECT(!failure);
                          ended = true;
                          sweep.stop();
                        });
  context.run();
  FUZZ_EXPECT(ended && client.closed);
  FUZZ_EXPECT(store.uploads_in_progress() == 0);
  return {without_chance(std::move(client.output)), observer.statuses, store.files(),
          store.devices().size()};
}

/// Where the next answer begins in `rest`, what follows the header `head` of an answer. A body may
/// hold anything, so its length counts; that of an answer to HEAD is of no body, and that of one in
/// chunks is not told.
std::size_t next_answer(std::string_view head, std::string_view rest) {
  constexpr std::string_view kBegin = "HTTP/1.";
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const std::size_t field = head.find(kLength);
  if (field != std::string_view::npos) {
    std::size_t bytes = 0;
    std::from_chars(head.data() + field + kLength.size(), head.data() + head.size(), bytes);
    if (bytes < rest.size() && rest.substr(bytes).starts_with(kBegin)) return bytes;
  }
  return rest.find(kBegin);
}

/// The header of each answer begins where the one before ended, and only the last one says that the
/// connection ends.
void expect_answers(const Served& served) {
  std::string_view rest = served.output;
  for (std::size_t i = 0; i < served.statuses.size(); ++i) {
    const std::string status = std::to_string(served.statuses[i]);
    FUZZ_EXPECT(rest.starts_with("HTTP/1.1 " + status) || rest.starts_with("HTTP/1.0 " + status));
    const std::size_t end = rest.find("\r\n\r\n");
    FUZZ_EXPECT(end != std::string_view::npos);
    const std::string_view head = rest.substr(0, end + 2);
    const bool last = i + 1 == served.statuses.size();
    if (!last) {
      FUZZ_EXPECT(head.find("\r\nConnection: close\r\n") == std::string_view::npos);
    }
    rest.remove_prefix(end + 4);
    if (last) break;
    const std::size_t next = next_answer(head, rest);
    FUZZ_EXPECT(next != std::string_view::npos);
    rest.remove_prefix(next);
  }
  if (served.statuses.empty()) FUZZ_EXPECT(served.output.empty());
}

}  // namespace

/// The whole server but for sockets and the disk: a client sends what it likes, and what it is
/// answered depends on its bytes alone, not on how they arrive. The first byte says how many come
/// at a time in the third reading. The credentials are "u" and "p": Basic dTpw.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  if (bytes == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, bytes - 1);
  const Served whole = serve(input, input.size() + 1);
  expect_answers(whole);
  for (const std::size_t step : {std::size_t{1}, std::size_t{2} + data[0]}) {
    const Served pieces = serve(input, step);
    FUZZ_EXPECT(pieces.statuses == whole.statuses);
    // A token that was made is another one each time.
    if (whole.output.find("\":\"fu") != std::string::npos) continue;
    FUZZ_EXPECT(pieces.output == whole.output);
    FUZZ_EXPECT(pieces.files == whole.files && pieces.devices == whole.devices);
  }
  return 0;
}
