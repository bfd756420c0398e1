#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace fuota::server::http {

/// One request that was answered, or whose client went away before. The texts come from the client
/// as they are: whoever prints them escapes them. They are valid during the call.
struct AccessRecord {
  std::string_view method;  ///< Empty when the request line could not be read.
  std::string_view target;  ///< Path and query.
  unsigned status = 0;
  std::uint64_t body_bytes = 0;  ///< Bytes of the answer's body that were sent.
  std::chrono::microseconds duration{0};
  std::string_view peer;  ///< Address and port.
  std::string_view user;  ///< Empty when nobody was recognised.
  bool complete = false;  ///< Whether the whole answer was sent.
};

enum class Severity { debug, warning, error };

/// Is told what happens. Called from all the server's threads at once; outlives the server; must
/// not block.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_request(const AccessRecord& record) = 0;
  virtual void on_event(Severity severity, std::string_view what) = 0;
};

}  // namespace fuota::server::http
