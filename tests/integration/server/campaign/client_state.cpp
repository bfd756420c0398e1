#include "tests/integration/server/campaign/client_state.hpp"

#include <algorithm>
#include <array>

#include "server/domain/history.hpp"
#include "tests/support/server/server_process.hpp"
#include "tests/support/server/signed_manifest.hpp"

namespace fuota::server::campaign {
namespace {

constexpr int kNamesPerClient = 3;
constexpr std::uint32_t kContents = 12;
constexpr std::uint32_t kImages = 4;
constexpr std::uint32_t kVersions = 3;
constexpr std::uint32_t kSmallBytesMax = 2'000;
constexpr std::uint32_t kLargeBytesMax = 300'000;
constexpr char kStream[] = "00f1e2d3c4b5a697";

constexpr int kOk = 200;
constexpr int kNoContent = 204;
constexpr int kNotFound = 404;
constexpr int kConflict = 409;

/// How often each kind of operation is chosen.
constexpr std::array<std::pair<OperationKind, int>, 11> kMix{{
    {OperationKind::put_file, 4},
    {OperationKind::put_file_in_chunks, 2},
    {OperationKind::remove_file, 2},
    {OperationKind::download, 3},
    {OperationKind::put_manifest, 3},
    {OperationKind::put_device, 4},
    {OperationKind::remove_device, 1},
    {OperationKind::report, 5},
    {OperationKind::check, 5},
    {OperationKind::compatible_check, 5},
    {OperationKind::put_root, 1},
}};

/// One of a few contents that all clients put: the same blob gets and loses names at once.
std::string content(std::uint32_t number) {
  std::mt19937 random(number);
  const std::uint32_t bytes_max = number % 2 == 0 ? kSmallBytesMax : kLargeBytesMax;
  std::string bytes(1 + random() % bytes_max, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::string image(std::uint32_t number) {
  return std::string(64, static_cast<char>('a' + number));
}

OperationKind random_kind(std::mt19937& random) {
  int sum = 0;
  for (const auto& [kind, weight] : kMix) sum += weight;
  int left = static_cast<int>(random() % static_cast<std::uint32_t>(sum));
  for (const auto& [kind, weight] : kMix) {
    if (left < weight) return kind;
    left -= weight;
  }
  return OperationKind::check;
}

/// The sequence of a device's next report; now and then that of its last one, again.
std::uint32_t next_sequence(const DeviceState& device, std::mt19937& random) {
  for (const std::string& event : device.events) {
    if (!event.starts_with("report ")) continue;
    const auto last = static_cast<std::uint32_t>(std::stoul(event.substr(7)));
    return random() % 4 == 0 ? last : last + 1;
  }
  return 1;
}

void add_event(DeviceState& device, std::string event) {
  device.events.insert(device.events.begin(), std::move(event));
  if (device.events.size() > domain::kEventsPerDeviceMax) device.events.pop_back();
}

int put_file(const Operation& operation, ClientState& state) {
  const auto found = state.files.find(operation.name);
  if (found == state.files.end() || found->second != operation.text) {
    state.manifests.erase(operation.name);
  }
  state.files[operation.name] = operation.text;
  return kOk;
}

int remove_file(const Operation& operation, ClientState& state) {
  if (!state.files.contains(operation.name)) return kNotFound;
  for (const auto& [id, device] : state.devices) {
    if (device.file == operation.name) return kConflict;
  }
  state.files.erase(operation.name);
  state.manifests.erase(operation.name);
  return kOk;
}

int put_manifest(const Operation& operation, ClientState& state) {
  const auto found = state.files.find(operation.name);
  if (found == state.files.end()) return kNotFound;
  if (found->second != operation.text) return kConflict;
  state.manifests[operation.name] = test_support::signed_manifest(operation.text);
  return kOk;
}

std::string row_of(const Operation& operation) {
  return "\"" + operation.name + "\",\"" + operation.text + "\",\"" + operation.file + "\"\n";
}

int report(const Operation& operation, ClientState& state) {
  const auto device = state.devices.find(operation.name);
  if (device == state.devices.end()) return kNotFound;
  const std::string event = "report " + std::to_string(operation.number);
  auto& events = device->second.events;
  if (std::find(events.begin(), events.end(), event) == events.end()) {
    add_event(device->second, event);
  }
  return kNoContent;
}

/// A check by a version that no row is about: what it leaves behind is what matters here.
constexpr char kOtherVersion[] = "9.9.9";

int check(const Operation& operation, ClientState& state) {
  const auto device = state.devices.find(operation.name);
  if (device == state.devices.end()) return kNotFound;
  const SaidToRun said{kOtherVersion, operation.text};
  device->second.contact = kOtherVersion;
  if (device->second.running != said) {
    device->second.running = said;
    add_event(device->second, "running " + said.first + " " + said.second);
  }
  return kNoContent;
}

std::string drawn_version(const Operation& operation) {
  return "8." + std::to_string(operation.number);
}

/// A check that says nothing but its version, and leaves a contact and nothing else behind.
int compatible_check(const Operation& operation, ClientState& state) {
  const auto device = state.devices.find(operation.name);
  if (device == state.devices.end()) return kNotFound;
  device->second.contact = drawn_version(operation);
  return kNoContent;
}

std::string report_body(std::uint32_t sequence) {
  return std::string(R"({"stream":")") + kStream + R"(","sequence":)" + std::to_string(sequence) +
         R"(,"state":"downloading","deployment":"d","version":"1","image":")" + image(0) + "\"}";
}

std::string request(const std::string& request_line, const std::string& fields = "",
                    const std::string& body = "") {
  return request_line + " HTTP/1.1\r\nHost: h\r\nAuthorization: " +
         test_support::basic_authorization(test_support::kUsername, test_support::kPassword) +
         "\r\n" + fields + "\r\n" + body;
}

std::string with_length(const std::string& request_line, const std::string& body) {
  return request(request_line, "Content-Length: " + std::to_string(body.size()) + "\r\n", body);
}

std::string hexadecimal(std::size_t number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%zx", number);
  return text.data();
}

/// The body in two chunks, of which the first may be empty and is then left out.
std::string in_chunks(const std::string& request_line, const std::string& body) {
  std::string chunks;
  for (const std::string& part : {body.substr(0, body.size() / 3), body.substr(body.size() / 3)}) {
    if (!part.empty()) chunks += hexadecimal(part.size()) + "\r\n" + part + "\r\n";
  }
  return request(request_line, "Transfer-Encoding: chunked\r\n", chunks + "0\r\n\r\n");
}

}  // namespace

int apply(const Operation& operation, ClientState& state) {
  switch (operation.kind) {
    case OperationKind::put_file:
    case OperationKind::put_file_in_chunks:
      return put_file(operation, state);
    case OperationKind::remove_file:
      return remove_file(operation, state);
    case OperationKind::download:
      return state.files.contains(operation.name) ? kOk : kNotFound;
    case OperationKind::put_manifest:
      return put_manifest(operation, state);
    case OperationKind::put_device:
      state.devices[operation.name].row = row_of(operation);
      state.devices[operation.name].file = operation.file;
      return kOk;
    case OperationKind::remove_device:
      return state.devices.erase(operation.name) > 0 ? kOk : kNotFound;
    case OperationKind::report:
      return report(operation, state);
    case OperationKind::check:
      return check(operation, state);
    case OperationKind::compatible_check:
      return compatible_check(operation, state);
    case OperationKind::put_root:
      state.highest_root = std::max(state.highest_root, operation.number);
      return kOk;
  }
  return 0;
}

Operation random_operation(int client, const ClientState& state, std::mt19937& random) {
  const std::vector<std::string> names = names_of(client);
  const auto any_name = [&] { return names[random() % names.size()]; };
  Operation operation;
  operation.kind = random_kind(random);
  operation.name = any_name();
  switch (operation.kind) {
    case OperationKind::put_file:
    case OperationKind::put_file_in_chunks:
      operation.text = content(random() % kContents);
      break;
    case OperationKind::put_manifest: {
      const auto found = state.files.find(operation.name);
      const bool right = found != state.files.end() && random() % 8 != 0;
      operation.text = right ? found->second : content(random() % kContents);
      break;
    }
    case OperationKind::put_device:
      operation.text = "0.1." + std::to_string(random() % kVersions);
      operation.file = any_name();
      break;
    case OperationKind::report: {
      const auto found = state.devices.find(operation.name);
      operation.number = found == state.devices.end() ? 1 : next_sequence(found->second, random);
      break;
    }
    case OperationKind::check:
      operation.text = image(random() % kImages);
      break;
    case OperationKind::compatible_check:
      operation.number = static_cast<std::uint32_t>(random());
      break;
    case OperationKind::put_root:
      if (client != 0) operation.kind = OperationKind::download;
      operation.number = state.highest_root + 1;
      break;
    case OperationKind::remove_file:
    case OperationKind::remove_device:
    case OperationKind::download:
      break;
  }
  return operation;
}

std::string to_request(const Operation& operation) {
  const std::string file = "/files/" + operation.name;
  const std::string device = "/devices/" + operation.name;
  switch (operation.kind) {
    case OperationKind::put_file:
      return with_length("PUT " + file, operation.text);
    case OperationKind::put_file_in_chunks:
      return in_chunks("PUT " + file, operation.text);
    case OperationKind::remove_file:
      return request("DELETE " + file);
    case OperationKind::download:
      return request("GET " + file);
    case OperationKind::put_manifest:
      return with_length("PUT " + file + "/manifest",
                         test_support::signed_manifest(operation.text));
    case OperationKind::put_device:
      return with_length("PUT " + device, row_of(operation));
    case OperationKind::remove_device:
      return request("DELETE " + device);
    case OperationKind::report:
      return with_length("POST " + device + "/reports", report_body(operation.number));
    case OperationKind::check:
      return request("GET " + device + "?app_ver=" + kOtherVersion + "&image=" + operation.text,
                     "Accept: application/vnd.fuota.offer+json\r\n");
    case OperationKind::compatible_check:
      return request("GET " + device + "?app_ver=" + drawn_version(operation));
    case OperationKind::put_root:
      return with_length("PUT /roots/" + std::to_string(operation.number),
                         test_support::signed_root(operation.number));
  }
  return "";
}

std::vector<std::string> names_of(int client) {
  std::vector<std::string> names;
  for (int i = 0; i < kNamesPerClient; ++i) {
    names.push_back("c" + std::to_string(client) + "-" + std::to_string(i));
  }
  return names;
}

void forget_contacts(const ClientState& found, ClientState& state) {
  for (auto& [id, device] : state.devices) {
    const auto other = found.devices.find(id);
    if (other != found.devices.end()) device.contact = other->second.contact;
  }
}

std::string difference(const ClientState& expected, const ClientState& found) {
  for (const auto& [name, bytes] : expected.files) {
    if (!found.files.contains(name)) return "file " + name + " is missing";
    if (found.files.at(name) != bytes) return "file " + name + " has another content";
  }
  if (found.files.size() != expected.files.size()) return "a file is there that should not be";
  if (found.manifests != expected.manifests) return "a manifest is missing, or one too many";
  for (const auto& [id, device] : expected.devices) {
    if (!found.devices.contains(id)) return "device " + id + " is missing";
    const DeviceState& other = found.devices.at(id);
    if (other.row != device.row) return "row of " + id + ": " + other.row + " not " + device.row;
    if (other.running != device.running) return "device " + id + " is said to run something else";
    if (other.contact != device.contact) {
      return "device " + id + " asked last as " + other.contact.value_or("nothing") + ", not as " +
             device.contact.value_or("nothing");
    }
    if (other.events != device.events) {
      return "device " + id + " has " + std::to_string(other.events.size()) + " events, not " +
             std::to_string(device.events.size()) + ", or others";
    }
  }
  if (found.devices.size() != expected.devices.size()) {
    return "a device is there that should not be";
  }
  if (found.highest_root != expected.highest_root) {
    return "the highest root document is " + std::to_string(found.highest_root) + ", not " +
           std::to_string(expected.highest_root);
  }
  return "";
}

}  // namespace fuota::server::campaign
