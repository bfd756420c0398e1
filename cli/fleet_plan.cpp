#include "cli/fleet_plan.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <cmath>
#include <fstream>
#include <sstream>
#include <utility>

#include "cli/file.hpp"
#include "fuota_protocol/manifest.hpp"
#include "fuota_protocol/names.hpp"
#include "fuota_protocol/offer.hpp"
#include "fuota_protocol/percent.hpp"

namespace fuota::cli {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr std::size_t kTokensBytesMax = 512UL * 1024 * 1024;
/// Of the program itself: standard streams, files, the event loops.
constexpr std::uint64_t kOwnDescriptors = 64;
/// What a slow device lets the network hold for it.
constexpr int kSlowReceiveBufferBytes = 16 * 1024;
/// Linux's range of ports for outgoing connections, where it doesn't tell another one.
constexpr std::uint64_t kPortsDefault = 28232;
constexpr char kProduct[] = "fleet";

std::string basic(const std::string& user, const std::string& password) {
  const std::string plain = user + ":" + password;
  std::string coded(4 * ((plain.size() + 2) / 3) + 1, '\0');
  const int bytes = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()),
                                    reinterpret_cast<const unsigned char*>(plain.data()),
                                    static_cast<int>(plain.size()));
  coded.resize(static_cast<std::size_t>(bytes));
  return "Basic " + coded;
}

std::string percent_encoded(std::string_view text) {
  std::string coded(3 * text.size(), '\0');
  coded.resize(*protocol::percent_encode(text, coded.data(), coded.size()));
  return coded;
}

/// What stands for the image that all devices run: the digest of their version.
std::string image_of(const std::string& version) {
  protocol::Sha256 digest{};
  EVP_Digest(version.data(), version.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  std::array<char, 2 * protocol::kSha256Bytes> text{};
  protocol::format_sha256(digest, text.data());
  return {text.data(), text.size()};
}

struct HostAndPort {
  std::string host;
  std::string port;
};

Result<HostAndPort> split_server(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::string host = colon == std::string::npos ? "" : text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    host.clear();
  }
  const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  const bool digits =
      !port.empty() && port.size() <= 5 &&
      std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (host.empty() || !digits || std::stoul(port) == 0 || std::stoul(port) > 65535) {
    return Failure{"--server " + text +
                   " is not HOST:PORT: write updates.example.org:50000, or [::1]:50000"};
  }
  return HostAndPort{host, port};
}

Result<tcp::endpoint> resolve(const HostAndPort& server) {
  asio::io_context context;
  tcp::resolver resolver(context);
  boost::system::error_code error;
  const auto found = resolver.resolve(server.host, server.port, error);
  if (error || found.empty()) {
    return Failure{"the server " + server.host + " can't be found: " + error.message()};
  }
  return found.begin()->endpoint();
}

std::uint64_t ports_per_source() {
  std::ifstream range("/proc/sys/net/ipv4/ip_local_port_range");
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  return range >> first >> last && last > first ? last - first + 1 : kPortsDefault;
}

}  // namespace

Result<std::unique_ptr<FleetPlan>> FleetPlan::make(FleetOptions options) {
  const auto server = split_server(options.server);
  if (!server) return server.error();
  auto id_format = IdFormat::parse(options.id_format);
  if (!id_format) return id_format.error();
  auto tls = FleetTls::create(options.ca, server->host, options.tls);
  if (!tls) return tls.error();
  std::unique_ptr<FleetPlan> plan(
      new FleetPlan(std::move(options), std::move(*id_format), std::move(*tls)));
  plan->host_field_ = plan->options_.server;
  for (const auto step :
       {&FleetPlan::take_credentials, &FleetPlan::take_sources, &FleetPlan::take_file}) {
    if (auto taken = (plan.get()->*step)(); !taken) return taken.error();
  }
  const auto endpoint = resolve(*server);
  if (!endpoint) return endpoint.error();
  plan->server_ = *endpoint;

  const FleetOptions& asked = plan->options_;
  plan->timeout_ = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(asked.timeout_s));
  if (asked.rate_checks_per_s) plan->pace_.emplace(*asked.rate_checks_per_s, asked.devices);
  if (asked.interval_s) plan->pace_ = Pace::with_interval(*asked.interval_s, asked.devices);
  plan->check_query_ = "?app_ver=" + percent_encoded(asked.app_version);
  if (asked.native) {
    plan->check_query_ += std::string("&product=") + kProduct +
                          "&image=" + image_of(asked.app_version) + "&counter=0&root=0";
  }
  if (auto enough = plan->check_ports(); !enough) return enough.error();
  return plan;
}

Result<void> FleetPlan::take_credentials() {
  if (protocol::check_version(options_.app_version) != protocol::NameError::none) {
    return Failure{"--app-version " + options_.app_version + " is no version: it " +
                   std::string(protocol::describe(protocol::check_version(options_.app_version)))};
  }
  if (options_.tokens.empty()) {
    if (options_.user.empty() || options_.password.empty()) {
      return Failure{
          "the devices have no credentials: give --user, and the password in the environment"
          " variable FUOTA_PASSWORD; or --tokens"};
    }
    user_authorization_ = basic(options_.user, options_.password);
    return {};
  }
  const auto text = read_file(options_.tokens, kTokensBytesMax);
  if (!text) return text.error();
  std::istringstream lines(*text);
  std::size_t number = 0;
  for (std::string line; tokens_.size() < options_.devices && std::getline(lines, line);) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    const std::size_t comma = line.rfind(',');
    const std::string id = comma == std::string::npos ? "" : line.substr(0, comma);
    if (protocol::check_device_id(id) != protocol::NameError::none || comma + 1 == line.size()) {
      return Failure{options_.tokens + ", line " + std::to_string(number) +
                     " is not `id,token`: write a line for each device"};
    }
    tokens_.push_back({id, basic(id, line.substr(comma + 1))});
  }
  if (tokens_.size() < options_.devices) {
    return Failure{options_.tokens + " has " + std::to_string(tokens_.size()) +
                   " tokens, for --devices " + std::to_string(options_.devices) +
                   ": lower that, or add lines"};
  }
  return {};
}

Result<void> FleetPlan::take_sources() {
  for (const std::string& text : options_.sources) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(text, error);
    if (error) {
      return Failure{"--source " + text + " is no address: write one of this machine's"};
    }
    sources_.push_back(address);
  }
  return {};
}

Result<void> FleetPlan::take_file() {
  if (options_.file.empty()) return {};
  const auto bad = protocol::check_file_name(options_.file);
  if (bad != protocol::NameError::none) {
    return Failure{"--file " + options_.file + " is no name of a file: it " +
                   std::string(protocol::describe(bad))};
  }
  file_path_ = "/files/" + percent_encoded(options_.file);
  return {};
}

/// Connections that are held take a port each for as long as the run lasts.
Result<void> FleetPlan::check_ports() const {
  const std::uint64_t ports = ports_per_source() * std::max<std::size_t>(1, sources_.size());
  const bool held = options_.idle || options_.mode == FleetMode::keep_alive;
  if (!held || options_.devices <= ports) return {};
  return Failure{std::to_string(options_.devices) + " connections need more ports than the " +
                 std::to_string(ports) +
                 " that there are: add addresses of this machine with --source (to a server on it:"
                 " --source 127.0.0.2 --source 127.0.0.3)"};
}

std::uint64_t FleetPlan::lanes() const {
  return std::min<std::uint64_t>(options_.concurrency, options_.devices);
}

std::uint64_t FleetPlan::descriptors_needed() const {
  const bool held = options_.idle || options_.mode == FleetMode::keep_alive;
  if (held) return options_.devices + kOwnDescriptors;
  if (!pace_) return lanes() + kOwnDescriptors;
  // Each check is over within the timeout, but a download may last.
  const double at_a_time = std::ceil(pace_->checks_per_s() * options_.timeout_s);
  const bool downloads = options_.downloads || !options_.file.empty();
  if (downloads || at_a_time >= static_cast<double>(options_.devices)) {
    return options_.devices + kOwnDescriptors;
  }
  return static_cast<std::uint64_t>(at_a_time) + kOwnDescriptors;
}

std::optional<std::uint64_t> FleetPlan::share(std::uint64_t device) const {
  if (options_.idle) return 1;
  if (!options_.checks) return std::nullopt;
  return share_of(*options_.checks, options_.devices, device);
}

FleetRoute FleetPlan::route(std::uint64_t device) const {
  FleetRoute route;
  route.server = server_;
  if (!sources_.empty()) route.source = sources_[device % sources_.size()];
  if (options_.download_bytes_per_s) route.receive_buffer_bytes = kSlowReceiveBufferBytes;
  return route;
}

std::string FleetPlan::id(std::uint64_t device) const {
  return tokens_.empty() ? id_format_.id(options_.first + device) : tokens_[device].id;
}

std::string FleetPlan::request(std::uint64_t device, std::string_view target,
                               std::string_view fields) const {
  std::string text = "GET ";
  text += target;
  text += " HTTP/1.1\r\nHost: ";
  text += host_field_;
  text += "\r\nUser-Agent: fuota-simulate-fleet\r\nAuthorization: ";
  text += tokens_.empty() ? user_authorization_ : tokens_[device].authorization;
  text += "\r\n";
  text += fields;
  text += "\r\n";
  return text;
}

std::string FleetPlan::check_request(std::uint64_t device) const {
  std::string fields;
  if (options_.native) fields = "Accept: " + std::string(protocol::kCheckAccept) + "\r\n";
  return request(device, "/devices/" + percent_encoded(id(device)) + check_query_, fields);
}

std::string FleetPlan::download_request(std::uint64_t device, std::string_view path) const {
  return request(device, path, "");
}

void FleetPlan::start() {
  started_ = Clock::now();
  const bool bounded = options_.checks || options_.idle;
  if (!options_.duration_s && bounded) return;
  const std::chrono::duration<double> duration(options_.duration_s.value_or(kFleetDurationS));
  end_ =
      (started_ + std::chrono::duration_cast<Clock::duration>(duration)).time_since_epoch().count();
}

FleetPlan::TimePoint FleetPlan::cut() const {
  const TimePoint last = end();
  return last == TimePoint::max() ? last : last + timeout_;
}

}  // namespace fuota::cli
