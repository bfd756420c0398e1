#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tests/support/server/basic_authorization.hpp"
#include "tests/support/server/tls_client.hpp"

namespace test_support {

/// An answer as a client sees it.
struct HttpResponse {
  std::string version;                        ///< "HTTP/1.1"
  int status = 0;                             ///< 0: the connection ended without an answer.
  std::map<std::string, std::string> fields;  ///< By name in lower case.
  std::string body;
  bool complete = false;  ///< Whether the body came to the end that its framing tells.

  [[nodiscard]] std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
  }
};

/// Receives answers from a client's connection, one after the other.
class HttpReader {
 public:
  /// `client` outlives the reader.
  explicit HttpReader(TlsClient& client) : client_(client) {}

  /// The next answer, by Content-Length, chunks or the end of the connection. `to_head` says that
  /// the request was a HEAD, whose answer has no body.
  [[nodiscard]] HttpResponse receive(bool to_head = false);

 private:
  bool fill();
  bool take_line(std::string& line);
  bool take(std::size_t bytes, std::string& out);
  bool take_chunks(std::string& out);

  TlsClient& client_;
  std::string buffer_;
};

}  // namespace test_support
