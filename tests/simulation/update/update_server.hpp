#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "simulator/net/network.hpp"
#include "simulator/net/peer.hpp"
#include "simulator/radio/access_point.hpp"

namespace fuota::test {

/// A certificate that can be read. A server in the test's process has no TLS, so it proves nothing.
constexpr const char* kCertificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBgjCCASmgAwIBAgIUZz2ogBmg+aNd3sv6TPXutxHzGnMwCgYIKoZIzj0EAwIw\n"
    "FzEVMBMGA1UEAwwMMTkyLjE2OC4xLjQxMB4XDTI2MTEyMzAyMjQ1MloXDTM2MTEy\n"
    "MDAyMjQ1MlowFzEVMBMGA1UEAwwMMTkyLjE2OC4xLjQxMFkwEwYHKoZIzj0CAQYI\n"
    "KoZIzj0DAQcDQgAEEpEKnsUsFVzvS+Cflp7GYZts3JgzoaxIdymrLwxfa615U1/M\n"
    "vPhAEjbiKeC8f3baUrwfIFpb9htTONYaa0JCq6NTMFEwHQYDVR0OBBYEFKCvbau/\n"
    "rtGRZSTtgI05gxY+swj2MB8GA1UdIwQYMBaAFKCvbau/rtGRZSTtgI05gxY+swj2\n"
    "MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgEs4fm963rpwIFpjn\n"
    "zuSg/jgvRJdQZnaaaX1JAdICMyMCIEbp7Q7xwfVCWiX/jowZXtmtcaCiwM78k5LV\n"
    "mV/phweM\n"
    "-----END CERTIFICATE-----\n";

/// The access point that the sample application's configuration menu names.
simulator::radio::AccessPoint update_access_point();

using FileBytes = std::vector<std::uint8_t>;

/// An update server in the test's process that speaks layer 1 as the original does: HTTP/1.0, no
/// Content-Length for files, a new connection for each request. Outlives reboots of the device.
class UpdateServer {
 public:
  static constexpr const char* kHost = "192.168.1.41";
  static constexpr int kPort = 50000;

  /// Listens on the network, which must outlive it.
  explicit UpdateServer(simulator::net::Network& network);
  UpdateServer(const UpdateServer&) = delete;
  UpdateServer& operator=(const UpdateServer&) = delete;

  /// "When `id` runs `version`, offer `file`."
  void assign(const std::string& id, const std::string& version, const std::string& file) {
    rows_[id] = {version, file};
  }
  void upload(const std::string& name, FileBytes content) { files_[name] = std::move(content); }

  /// Whether files come with a Content-Length.
  void give_length(bool given) { gives_length_ = given; }

  /// Answers every request for which `answer` gives something with that, byte for byte.
  using Override = std::function<std::string(const simulator::net::PeerRequest&)>;
  void override_with(Override answer) { override_ = std::move(answer); }

  /// How the network is, for each connection by its number from 0.
  void set_conditions(simulator::net::Network::ChooseConditions choose);

  /// Nobody answers on the port any more, until `start`.
  void stop();
  void start();

  /// The targets of all requests so far, "GET /devices/00001?app_ver=0.1.0".
  [[nodiscard]] const std::vector<std::string>& requests() const { return requests_; }
  [[nodiscard]] std::size_t count(const std::string& beginning) const;

 private:
  struct Row {
    std::string version;
    std::string file;
  };

  simulator::net::PeerAnswer answer(const simulator::net::PeerRequest& request);
  [[nodiscard]] std::string answer_check(const std::string& id, const std::string& version) const;
  [[nodiscard]] std::string answer_file(const std::string& name) const;

  simulator::net::Network& network_;
  std::map<std::string, Row> rows_;
  std::map<std::string, FileBytes> files_;
  bool gives_length_ = false;
  Override override_;
  std::vector<std::string> requests_;
};

/// "HTTP/1.0 <status> …" with the given header lines (each ends in CRLF) and nothing else.
std::string http10(int status, const std::string& header_lines, const std::string& body);

}  // namespace fuota::test
