#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fuota::server::http {

/// What the connection needs of a request's header. Views point into the input of `parse_head`.
struct RequestHead {
  std::string_view method;
  std::string_view target;
  bool http_1_0 = false;
  bool keep_alive = false;
  bool expects_continue = false;
  std::string_view authorization;
  std::string_view accept;                ///< Empty also when the field stands twice.
  std::optional<std::string_view> range;  ///< Nothing also when the field stands twice.
  std::optional<std::string_view> if_range;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
};

/// Method and target of a request that was not received whole, or not understood, for the log: what
/// stands at their places at the beginning of `input`, cut where it ends. Empty when no word of
/// letters with a blank behind it stands there.
[[nodiscard]] RequestHead glimpse_head(std::string_view input);

/// Why a request is refused before anybody looks at what it asks for.
struct Rejection {
  unsigned status = 400;
  std::string reason;
};

enum class HeadStatus { need_more, complete, rejected };

struct HeadParse {
  HeadStatus status = HeadStatus::need_more;
  std::size_t head_bytes = 0;  ///< When complete: where the body begins in the input.
  Rejection rejection;         ///< When rejected.
};

enum class BodyParseStatus { progress, need_more, complete, too_large, malformed };

struct BodyParse {
  BodyParseStatus status = BodyParseStatus::need_more;
  std::size_t consumed = 0;  ///< Bytes of the input that are used up.
  std::size_t produced = 0;  ///< Bytes of body that were written.
};

/// Parses one request of HTTP/1.0 or 1.1 (RFC 9112) with Beast's parser, and is stricter than that
/// where two readers of one request could disagree on where it ends: refused are a line end that is
/// not CR LF, a folded line, more than one Content-Length, Transfer-Encoding beside Content-Length
/// or in HTTP/1.0 or other than "chunked", more than one Host or none in HTTP/1.1, more than one
/// Authorization. Empty lines before the request are skipped (RFC 9112 section 2.2).
class RequestParser {
 public:
  /// A header longer than `header_bytes_max` is refused.
  explicit RequestParser(std::size_t header_bytes_max);
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;
  ~RequestParser();

  /// Looks for a whole header at the beginning of `input`, which is all that was received of the
  /// request: a call after `need_more` gets the same bytes again and more behind them. Called
  /// until it gives something else.
  [[nodiscard]] HeadParse parse_head(std::string_view input);

  /// The header, once it is complete. After a rejection, what was read until then: views into the
  /// same input, or empty.
  [[nodiscard]] const RequestHead& head() const;

  /// Sets the greatest length of a chunked body. Called before the first `parse_body`.
  void limit_chunked_body(std::uint64_t bytes_max);

  /// Whether the body, if there is any, is complete.
  [[nodiscard]] bool body_complete() const;

  /// Takes a step through the body that begins in `input` and writes what it finds to
  /// `destination`; neither is empty, and the body is not complete. After `need_more` a call gets
  /// the bytes that were not consumed again and more behind them.
  [[nodiscard]] BodyParse parse_body(std::string_view input, std::span<char> destination);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fuota::server::http
