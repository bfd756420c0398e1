#include "simulator/net/request_headers.hpp"

#include <algorithm>

#include "simulator/net/ignoring_case.hpp"

namespace simulator::net {

namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kWhiteSpace = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kWhiteSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhiteSpace) - first + 1);
}

}  // namespace

std::vector<RequestHeaders::Header>::iterator RequestHeaders::find(std::string_view name) {
  return std::find_if(headers_.begin(), headers_.end(), [&](const Header& header) {
    return equals_ignoring_case(header.name, name);
  });
}

void RequestHeaders::set(std::string_view name, std::string_view value) {
  const auto found = find(name);
  if (found != headers_.end()) {
    found->value = trim(value);
  } else {
    headers_.push_back({std::string(trim(name)), std::string(trim(value))});
  }
}

bool RequestHeaders::remove(std::string_view name) {
  const auto found = find(name);
  if (found == headers_.end()) return false;
  headers_.erase(found);
  return true;
}

char* RequestHeaders::value(std::string_view name) {
  const auto found = find(name);
  return found == headers_.end() ? nullptr : found->value.data();
}

RequestHeaders::Portion RequestHeaders::append_to(std::string& buffer, std::size_t first,
                                                  std::size_t room) const {
  // ESP-IDF keeps three bytes: for the empty line and a NUL.
  constexpr std::size_t kReserved = 3;
  if (first >= headers_.size()) return {};
  std::size_t size = 0;
  std::size_t next = first;
  for (; next < headers_.size(); ++next) {
    const std::size_t line = headers_[next].name.size() + headers_[next].value.size() + 4;
    if (size + line + kReserved > room) break;
    size += line;
  }
  for (std::size_t i = first; i < next; ++i) {
    buffer += headers_[i].name + ": " + headers_[i].value + "\r\n";
  }
  const bool truncated = next < headers_.size();
  if (!truncated) buffer += "\r\n";
  return {next, truncated};
}

}  // namespace simulator::net
