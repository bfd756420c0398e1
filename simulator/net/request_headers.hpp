#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace simulator::net {

/// The header lines of a request, in the order in which they were first set. Names are compared
/// whatever their case; values and names lose white space at their ends
/// (esp_http_client/lib/http_header.c of v5.5.5).
class RequestHeaders {
 public:
  /// Replaces the value of a header that is there, where it stands.
  void set(std::string_view name, std::string_view value);
  /// False when there is none.
  bool remove(std::string_view name);
  /// Null when there is none. Valid until it is set again or removed.
  [[nodiscard]] char* value(std::string_view name);

  struct Portion {
    std::size_t next = 0;  ///< index of the first header that is not in it; 0: nothing was left
    bool truncated = false;
  };
  /// Appends header lines from index `first` on to `buffer`, as many as fit in `room` bytes, and
  /// the empty line if they are the last.
  Portion append_to(std::string& buffer, std::size_t first, std::size_t room) const;

 private:
  struct Header {
    std::string name;
    std::string value;
  };
  [[nodiscard]] std::vector<Header>::iterator find(std::string_view name);

  std::vector<Header> headers_;
};

}  // namespace simulator::net
