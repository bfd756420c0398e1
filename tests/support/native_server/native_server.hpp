#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/net/network.hpp"
#include "simulator/net/peer.hpp"
#include "tests/support/native_server/answer_fault.hpp"
#include "tests/support/native_server/received_report.hpp"
#include "tests/support/native_server/spoiled_connection.hpp"

namespace fuota::test {

/// A file as a server holds it: hashed once, shared by any number of servers.
struct HeldFile {
  std::string content;
  std::string sha256;  ///< of the content, 64 hexadecimal digits: its ETag
};

/// A release as a server holds it: signed and formatted once, shared by any number of servers.
struct HeldRelease {
  std::string manifest;   ///< signed: a JWS, an opaque text here
  std::string image;      ///< SHA-256 of the image that it is about: whoever runs it gets a 204
  std::string artifacts;  ///< of the offer, a JSON list

  /// The list with one artifact, the image itself.
  static std::string full_artifact(std::string_view url, std::size_t size_bytes,
                                   std::string_view sha256);
};

/// What a device asked for, and what it got.
struct ServedRequest {
  enum class Kind : std::uint8_t { check, file, report, root, enrolment, other };
  Kind kind = Kind::other;
  unsigned connection = 0;  ///< its number, from 0
  unsigned number = 0;      ///< on that connection, from 0
  std::string method;
  std::string target;
  std::string range;             ///< the field Range; empty when there is none
  std::string if_range;          ///< the field If-Range, likewise
  std::string device;            ///< of a check, a report or an enrolment
  std::string file;              ///< the name of a file
  int status = 0;                ///< of the right answer; 0 when a fault replaced it
  std::size_t header_bytes = 0;  ///< of the answer, up to its body; 0 with the fault `bytes`
  AnswerFault::Kind fault = AnswerFault::Kind::none;

  /// The value of a parameter of the query; nothing when it is not there.
  [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
};

/// An update server in the test's process, as fuota-server answers simulated devices
/// (docs/protocol.md): HTTP/1.1 over connections that stay open, Basic authentication, enrolment,
/// the native check, files with ranges, reports, root documents. What an operator does to it is a
/// call, and takes effect at once. Outlives reboots of the device. An answer that it gives is right
/// unless a fault is chosen for it.
///
/// Left out: checks of devices that ask for no offer (204), uploads, deadlines of connections, the
/// validation of what an operator puts.
class NativeServer {
 public:
  static constexpr const char* kHost = "192.168.1.41";
  static constexpr int kPort = 50000;

  /// Listens on the network, which must outlive it.
  explicit NativeServer(simulator::net::Network& network);
  NativeServer(const NativeServer&) = delete;
  NativeServer& operator=(const NativeServer&) = delete;

  /// A device that is known, and is offered nothing. Requests of others are answered with 404.
  void add_device(const std::string& device) { (void)devices_[device]; }
  /// Offers a release to a device, which is known from then on, as a new deployment: also when it
  /// is the same release again.
  void assign(const std::string& device, std::shared_ptr<const HeldRelease> release);
  /// Offers nothing any more.
  void withdraw(const std::string& device) { devices_[device] = {}; }
  /// Creates or replaces a file.
  void upload(const std::string& name, std::shared_ptr<const HeldFile> file) {
    files_[name] = std::move(file);
  }
  /// Publishes a root document, an opaque text here, under its version.
  void publish_root(std::uint32_t version, std::string signed_root) {
    roots_[version] = std::move(signed_root);
  }
  /// As if it had never been published.
  void withdraw_root(std::uint32_t version) { roots_.erase(version); }
  /// Each 200 and 204 to a check says when to ask again. None at first.
  void set_retry_after(std::optional<unsigned> seconds) { retry_after_s_ = seconds; }
  /// After so many requests on one connection, the answer says that it is closed. 0: never.
  void set_requests_per_connection_max(unsigned requests) { requests_max_ = requests; }

  /// Whether the username and the password of the sample application's menu are taken. At first
  /// they are.
  void take_shared_user(bool taken) { takes_shared_user_ = taken; }
  /// The key that devices enrol with, and how many may. None at first.
  void set_fleet_key(std::string key, unsigned enrolments_max = UINT32_MAX) {
    fleet_key_ = std::move(key);
    enrolments_left_ = enrolments_max;
  }
  /// Gives a device that token, or takes it away: then it may enrol.
  void set_token(const std::string& device, std::string token) {
    tokens_[device] = std::move(token);
  }
  void remove_token(const std::string& device) { tokens_.erase(device); }
  /// What the server knows the device by; empty: nothing.
  [[nodiscard]] std::string token(const std::string& device) const;
  /// What was in the bodies of all enrolments with the right key, in order.
  [[nodiscard]] const std::vector<std::string>& posted_tokens() const { return posted_tokens_; }
  /// Requests with credentials that are not right.
  [[nodiscard]] unsigned turned_away() const { return turned_away_; }

  /// What is wrong with the answer to a request; its status and fault are not known yet. Called
  /// once for each request with the right credentials.
  using ChooseFault = std::function<AnswerFault(const ServedRequest&)>;
  /// None: every answer is right.
  void spoil_with(ChooseFault choose) { choose_fault_ = std::move(choose); }
  /// How the network is, for each connection by its number from 0.
  void set_conditions(simulator::net::Network::ChooseConditions choose);
  /// Nobody answers on the port any more, until `start`. What is connected stays connected.
  void stop();
  void start();

  /// All requests with the right credentials so far, in order.
  [[nodiscard]] const std::vector<ServedRequest>& requests() const { return requests_; }
  [[nodiscard]] std::size_t count(ServedRequest::Kind kind) const;
  /// All reports that were taken, in the order in which they came; repeats are listed too.
  [[nodiscard]] const std::vector<ReceivedReport>& reports() const { return reports_; }
  /// Forgets what came, but not which reports were stored: long tests need not keep it all.
  void forget_requests() { requests_.clear(); }

 private:
  struct Assignment {
    std::shared_ptr<const HeldRelease> release;
    std::string deployment;
  };
  struct Answer {
    int status = 0;
    std::string headers;
    std::string body;
  };
  struct Connection {
    unsigned number = 0;
    unsigned requests = 0;
  };

  SpoiledAnswer answer(Connection& connection, const simulator::net::PeerRequest& request);
  [[nodiscard]] bool may_ask(const ServedRequest& served, const std::string& authorization) const;
  [[nodiscard]] ServedRequest parse(const simulator::net::PeerRequest& request) const;
  Answer answer_rightly(const ServedRequest& served, const simulator::net::PeerRequest& request);
  [[nodiscard]] Answer answer_check(const ServedRequest& served,
                                    const simulator::net::PeerRequest& request) const;
  [[nodiscard]] Answer answer_file(const ServedRequest& served,
                                   const simulator::net::PeerRequest& request) const;
  [[nodiscard]] Answer answer_root(const ServedRequest& served) const;
  Answer answer_enrolment(const ServedRequest& served, const simulator::net::PeerRequest& request);
  Answer answer_report(const ServedRequest& served, const simulator::net::PeerRequest& request);

  simulator::net::Network& network_;
  std::map<std::string, Assignment> devices_;
  std::map<std::string, std::shared_ptr<const HeldFile>> files_;
  std::map<std::uint32_t, std::string> roots_;
  bool takes_shared_user_ = true;
  std::string fleet_key_;
  unsigned enrolments_left_ = 0;
  std::map<std::string, std::string> tokens_;
  std::vector<std::string> posted_tokens_;
  unsigned turned_away_ = 0;
  unsigned deployments_ = 0;
  std::optional<unsigned> retry_after_s_;
  unsigned requests_max_ = 0;
  ChooseFault choose_fault_;
  unsigned connections_ = 0;
  std::vector<ServedRequest> requests_;
  std::vector<ReceivedReport> reports_;
  std::set<std::pair<std::string, std::uint64_t>> stored_;  ///< device and stream, sequence
};

}  // namespace fuota::test
