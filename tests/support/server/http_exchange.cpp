#include "tests/support/server/http_exchange.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <utility>

namespace test_support {

HttpResponse HttpReader::receive(bool to_head) {
  HttpResponse response;
  std::string line;
  if (!take_line(line)) return response;
  response.version = line.substr(0, line.find(' '));
  response.status = std::stoi(line.substr(line.find(' ') + 1));
  while (take_line(line) && !line.empty()) {
    std::string name = line.substr(0, line.find(':'));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (!response.fields.emplace(name, line.substr(line.find(':') + 2)).second) {
      throw std::runtime_error("the field stands twice: " + name);
    }
  }
  const bool no_body = to_head || response.status == 204 || response.status / 100 == 1;
  if (no_body) {
    response.complete = true;
  } else if (response.fields.contains("content-length")) {
    response.complete = take(std::stoul(response.field("content-length")), response.body);
  } else if (response.field("transfer-encoding") == "chunked") {
    response.complete = take_chunks(response.body);
  } else {
    while (fill()) {
    }
    response.body = std::exchange(buffer_, {});
    response.complete = client_.closed_cleanly();
  }
  return response;
}

bool HttpReader::fill() {
  const std::string some = client_.receive_some();
  buffer_ += some;
  return !some.empty();
}

bool HttpReader::take_line(std::string& line) {
  std::size_t end = buffer_.find("\r\n");
  while (end == std::string::npos) {
    if (!fill()) return false;
    end = buffer_.find("\r\n");
  }
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return true;
}

bool HttpReader::take(std::size_t bytes, std::string& out) {
  while (buffer_.size() < bytes && fill()) {
  }
  const std::size_t taken = std::min(bytes, buffer_.size());
  out += buffer_.substr(0, taken);
  buffer_.erase(0, taken);
  return taken == bytes;
}

bool HttpReader::take_chunks(std::string& out) {
  for (;;) {
    std::string line;
    if (!take_line(line)) return false;
    const std::size_t bytes = std::stoul(line, nullptr, 16);
    if (!take(bytes, out) || !take_line(line)) return false;
    if (bytes == 0) return true;
  }
}

}  // namespace test_support
