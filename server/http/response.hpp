#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace fuota::server::http {

/// Owns a descriptor of a regular file that is open for reading.
class BodyFile {
 public:
  /// Takes over `fd`, whose file is `size_bytes` long and doesn't change. `etag` is its strong
  /// entity tag with the quotes (RFC 9110 section 8.8.3).
  /// `held` is kept as long as the file.
  BodyFile(int fd, std::uint64_t size_bytes, std::string etag,
           std::shared_ptr<const void> held = nullptr)
      : fd_(fd), size_bytes_(size_bytes), etag_(std::move(etag)), held_(std::move(held)) {}
  BodyFile(BodyFile&& other) noexcept;
  BodyFile& operator=(BodyFile&& other) noexcept;
  ~BodyFile();

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  [[nodiscard]] const std::string& etag() const { return etag_; }

 private:
  int fd_;
  std::uint64_t size_bytes_;
  std::string etag_;
  std::shared_ptr<const void> held_;
};

/// A body that is made piece by piece, of a length that is not known before.
class BodyPieces {
 public:
  virtual ~BodyPieces() = default;

  /// The next piece; an empty one at the end; nothing when it can't be made, upon which the
  /// connection is cut so that the client sees that the body is not whole.
  [[nodiscard]] virtual boost::asio::awaitable<std::optional<std::string>> next() = 0;
};

/// An answer. The connection adds what follows from the body and from the connection itself (Date,
/// Server, Connection, Content-Length or Transfer-Encoding), and for a file Accept-Ranges, ETag and
/// the range that a GET asked for. To a HEAD it sends the header alone.
struct Response {
  unsigned status = 200;
  std::string content_type;  ///< No such field when empty.
  std::vector<std::pair<std::string, std::string>> fields;
  std::variant<std::string, BodyFile, std::unique_ptr<BodyPieces>> body;
};

/// An answer of one line of text/plain: `line` and LF.
[[nodiscard]] Response text_response(unsigned status, std::string line);

}  // namespace fuota::server::http
