#include "server/http/response_writer.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <span>
#include <string>

#include "server/http/byte_range.hpp"

namespace fuota::server::http {
namespace {

using boost::asio::awaitable;

constexpr unsigned kNoContent = 204;
constexpr unsigned kOk = 200;
constexpr unsigned kPartialContent = 206;
constexpr unsigned kRangeNotSatisfiable = 416;

/// Text up to this length goes out in one piece with its header.
constexpr std::size_t kSmallBodyBytesMax = kProgressBytes / 2;

bool is_success_with_body(unsigned status) {
  return status == kOk;
}

/// Gathers small pieces and writes them in blocks of kProgressBytes, one TLS record each.
class BlockWriter {
 public:
  BlockWriter(TlsStream& stream, const Limits& limits, DownloadPace& pace)
      : stream_(stream),
        limits_(limits),
        pace_(pace),
        block_(std::make_unique_for_overwrite<char[]>(kProgressBytes)) {}

  /// Writes the block if it is full. False when the client is gone.
  [[nodiscard]] awaitable<bool> make_room() {
    if (!room().empty()) co_return true;
    co_return co_await flush();
  }

  /// Where the next bytes go; never empty after `make_room`.
  [[nodiscard]] std::span<char> room() { return {block_.get() + used_, kProgressBytes - used_}; }
  void filled(std::size_t bytes) { used_ += bytes; }

  /// Waits until `bytes` of a file may be sent. False when the connection was broken off meanwhile.
  [[nodiscard]] awaitable<bool> keep_pace(std::size_t bytes) {
    if (!pace_.limited()) co_return true;
    const auto now = Deadline::Clock::now();
    const auto time = pace_.reserve(bytes, now);
    if (time <= now) co_return true;
    // What comes before goes out meanwhile: the client sees that it is being served.
    if (used_ > 0 && !co_await flush()) co_return false;
    co_return co_await stream_.pause(time) == StreamStatus::ok;
  }

  /// Adds `text`, writing full blocks. False when the client is gone.
  [[nodiscard]] awaitable<bool> add(std::string_view text) {
    while (!text.empty()) {
      if (!co_await make_room()) co_return false;
      const std::size_t bytes = std::min(text.size(), room().size());
      std::copy_n(text.data(), bytes, room().data());
      filled(bytes);
      text.remove_prefix(bytes);
    }
    co_return true;
  }

  /// Writes what was gathered. False when the client is gone.
  [[nodiscard]] awaitable<bool> flush() {
    const std::string_view block(block_.get(), std::exchange(used_, 0));
    const auto deadline = Deadline::Clock::now() + limits_.write_deadline;
    const StreamStatus status = co_await stream_.write(block, deadline);
    co_return status == StreamStatus::ok;
  }

 private:
  TlsStream& stream_;
  const Limits& limits_;
  DownloadPace& pace_;
  std::unique_ptr<char[]> block_;
  std::size_t used_ = 0;
};

/// Which bytes of a file are sent.
struct FilePart {
  std::uint64_t first = 0;
  std::uint64_t length_bytes = 0;
};

/// Decides the range and puts what follows from it into the header. A file that can't be served in
/// the range asked for becomes a 416 without a body.
FilePart plan_file(const BodyFile& file, const RequestHead* request, ResponseHead& head) {
  RangeDecision range{RangeOutcome::whole, 0, file.size_bytes()};
  if (request != nullptr && request->method == "GET" && is_success_with_body(head.status)) {
    range = decide_range(request->range, request->if_range, file.etag(), file.size_bytes());
  }
  const std::string size = std::to_string(file.size_bytes());
  head.fields.emplace_back("Accept-Ranges", "bytes");
  head.fields.emplace_back("ETag", file.etag());
  if (range.outcome == RangeOutcome::part) {
    head.status = kPartialContent;
    head.fields.emplace_back("Content-Range",
                             "bytes " + std::to_string(range.first) + "-" +
                                 std::to_string(range.first + range.length_bytes - 1) + "/" + size);
  } else if (range.outcome == RangeOutcome::unsatisfiable) {
    head.status = kRangeNotSatisfiable;
    head.fields.emplace_back("Content-Range", "bytes */" + size);
  }
  return FilePart{range.first, range.length_bytes};
}

/// Writes one part of a file; `sent_bytes` counts along. False when the client is gone, or the file
/// can't be read to the length that was promised.
awaitable<bool> write_file(BlockWriter& writer, const BodyFile& file, FilePart part,
                           std::uint64_t& sent_bytes) {
  while (part.length_bytes > 0) {
    if (!co_await writer.make_room()) co_return false;
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(writer.room().size(), part.length_bytes));
    if (!co_await writer.keep_pace(wanted)) co_return false;
    const ssize_t bytes =
        ::pread(file.fd(), writer.room().data(), wanted, static_cast<off_t>(part.first));
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) co_return false;
    writer.filled(static_cast<std::size_t>(bytes));
    part.first += static_cast<std::uint64_t>(bytes);
    part.length_bytes -= static_cast<std::uint64_t>(bytes);
    sent_bytes += static_cast<std::uint64_t>(bytes);
  }
  co_return true;
}

std::string chunk_header(std::size_t bytes) {
  std::array<char, 2 * sizeof(bytes)> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes, 16);
  return std::string(digits.data(), end.ptr) + "\r\n";
}

/// One piece as a chunk (RFC 9112 section 7.1); an empty one ends the body.
std::string to_chunk(std::string piece) {
  piece.insert(0, chunk_header(piece.size()));
  piece += "\r\n";
  return piece;
}

/// Writes pieces until they end, as chunks if `chunked`.
awaitable<bool> write_pieces(BlockWriter& writer, BodyPieces& pieces, bool chunked,
                             std::uint64_t& sent_bytes) {
  for (;;) {
    std::optional<std::string> piece = co_await pieces.next();
    if (!piece) co_return false;
    const std::size_t bytes = piece->size();
    if (chunked) *piece = to_chunk(std::move(*piece));
    if (!co_await writer.add(*piece)) co_return false;
    sent_bytes += bytes;
    if (bytes == 0) co_return true;
  }
}

/// The framing of a body, and the length where it is known.
void plan_framing(const Response& response, const FilePart& part, ResponseHead& head) {
  if (head.status == kNoContent) {
    head.framing = Framing::none;
  } else if (const auto* text = std::get_if<std::string>(&response.body)) {
    head.content_length = text->size();
  } else if (std::holds_alternative<BodyFile>(response.body)) {
    head.content_length = part.length_bytes;
  } else {
    head.framing = head.http_1_0 ? Framing::close : Framing::chunked;
    head.keep_alive = head.keep_alive && !head.http_1_0;
  }
}

awaitable<bool> write_body(BlockWriter& writer, const Response& response, FilePart part,
                           bool chunked, std::uint64_t& sent_bytes) {
  if (const auto* text = std::get_if<std::string>(&response.body)) {
    if (!co_await writer.add(*text)) co_return false;
    sent_bytes = text->size();
    co_return true;
  }
  if (const auto* file = std::get_if<BodyFile>(&response.body)) {
    co_return co_await write_file(writer, *file, part, sent_bytes);
  }
  const auto& pieces = std::get<std::unique_ptr<BodyPieces>>(response.body);
  co_return co_await write_pieces(writer, *pieces, chunked, sent_bytes);
}

}  // namespace

BodyFile::BodyFile(BodyFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      size_bytes_(other.size_bytes_),
      etag_(std::move(other.etag_)),
      held_(std::move(other.held_)) {}

BodyFile& BodyFile::operator=(BodyFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(size_bytes_, other.size_bytes_);
  std::swap(etag_, other.etag_);
  std::swap(held_, other.held_);
  return *this;
}

BodyFile::~BodyFile() {
  if (fd_ >= 0) ::close(fd_);
}

Response text_response(unsigned status, std::string line) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  line += '\n';
  response.body = std::move(line);
  return response;
}

awaitable<Sent> send_response(TlsStream& stream, Response response, const RequestHead* request,
                              bool keep_alive, SendingScope scope) {
  ResponseHead head;
  head.status = response.status;
  head.http_1_0 = request != nullptr && request->http_1_0;
  head.keep_alive = keep_alive;
  head.content_type = response.content_type;
  for (auto& [name, value] : response.fields) head.fields.emplace_back(name, std::move(value));
  FilePart part;
  if (const auto* file = std::get_if<BodyFile>(&response.body)) {
    part = plan_file(*file, request, head);
  }
  plan_framing(response, part, head);

  Sent sent;
  sent.status = head.status;
  std::string head_text = format_head(head, scope.date.now());
  const bool without_body =
      head.framing == Framing::none || (request != nullptr && request->method == "HEAD");
  const auto* const text = std::get_if<std::string>(&response.body);
  if (without_body || (text != nullptr && text->size() <= kSmallBodyBytesMax)) {
    // What nearly all answers are: one record, and no block to gather it in.
    if (!without_body) {
      head_text += *text;
      sent.body_bytes = text->size();
    }
    const auto deadline = Deadline::Clock::now() + scope.limits.write_deadline;
    sent.complete = co_await stream.write(head_text, deadline) == StreamStatus::ok;
    sent.keep_alive = sent.complete && head.keep_alive;
    co_return sent;
  }
  BlockWriter writer(stream, scope.limits, scope.pace);
  if (!co_await writer.add(head_text)) co_return sent;
  const bool chunked = head.framing == Framing::chunked;
  if (!co_await write_body(writer, response, part, chunked, sent.body_bytes)) co_return sent;
  sent.complete = co_await writer.flush();
  sent.keep_alive = sent.complete && head.keep_alive;
  co_return sent;
}

}  // namespace fuota::server::http
