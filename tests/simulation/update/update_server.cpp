#include "tests/simulation/update/update_server.hpp"

#include <algorithm>

namespace fuota::test {
namespace {

using simulator::net::Endpoint;
using simulator::net::PeerAnswer;
using simulator::net::PeerRequest;

constexpr const char* kCommonHeaders =
    "Server: BaseHTTP/0.6 Python/3.8.10\r\nDate: Mon, 22 May 2023 14:28:34 GMT\r\n";

/// What is behind `prefix` in `text`, or nothing.
std::string behind(const std::string& text, const std::string& prefix) {
  return text.rfind(prefix, 0) == 0 ? text.substr(prefix.size()) : std::string();
}

}  // namespace

simulator::radio::AccessPoint update_access_point() {
  simulator::radio::AccessPoint access_point;
  access_point.ssid = "fuota_ap";
  access_point.password = "fuota_pw";
  return access_point;
}

std::string http10(int status, const std::string& header_lines, const std::string& body) {
  return "HTTP/1.0 " + std::to_string(status) + " X\r\n" + kCommonHeaders + header_lines + "\r\n" +
         body;
}

UpdateServer::UpdateServer(simulator::net::Network& network) : network_(network) {
  start();
}

void UpdateServer::start() {
  network_.listen(Endpoint{kHost, kPort}, [this] {
    return std::make_unique<simulator::net::HttpPeer>(
        [this](const PeerRequest& request) { return answer(request); });
  });
}

void UpdateServer::stop() {
  network_.stop_listening(Endpoint{kHost, kPort});
}

void UpdateServer::set_conditions(simulator::net::Network::ChooseConditions choose) {
  network_.set_conditions(Endpoint{kHost, kPort}, std::move(choose));
}

std::size_t UpdateServer::count(const std::string& beginning) const {
  return static_cast<std::size_t>(
      std::count_if(requests_.begin(), requests_.end(),
                    [&](const std::string& line) { return line.rfind(beginning, 0) == 0; }));
}

PeerAnswer UpdateServer::answer(const PeerRequest& request) {
  requests_.push_back(request.method + " " + request.target);
  PeerAnswer answer;
  if (override_) answer.bytes = override_(request);
  if (!answer.bytes.empty()) return answer;
  const std::string check = behind(request.target, "/devices/");
  const std::string file = behind(request.target, "/files/");
  const std::size_t query = check.find("?app_ver=");
  if (request.header("Authorization") != "Basic c2VydmVyX3VzZXJuYW1lOnNlcnZlcl9wYXNzd29yZA==") {
    answer.bytes = http10(403, "", "");
  } else if (query != std::string::npos) {
    answer.bytes = answer_check(check.substr(0, query), check.substr(query + 9));
  } else if (!file.empty()) {
    answer.bytes = answer_file(file);
  } else {
    answer.bytes = http10(400, "", "");
  }
  return answer;
}

std::string UpdateServer::answer_check(const std::string& id, const std::string& version) const {
  const auto row = rows_.find(id);
  if (row == rows_.end()) return http10(404, "", "");
  if (row->second.version != version) return http10(204, "", "");
  const std::string& file = row->second.file;
  return http10(200,
                "Content-Type: text/csv\r\nContent-Length: " + std::to_string(file.size()) + "\r\n",
                file);
}

std::string UpdateServer::answer_file(const std::string& name) const {
  const auto file = files_.find(name);
  if (file == files_.end()) return http10(404, "", "");
  std::string headers =
      "Content-type: application/octet-stream\r\n"
      "Content-Disposition: attachment; filename=\"../data/" +
      name + "\"\r\n";
  if (gives_length_) headers += "Content-Length: " + std::to_string(file->second.size()) + "\r\n";
  return http10(200, headers, {file->second.begin(), file->second.end()});
}

}  // namespace fuota::test
