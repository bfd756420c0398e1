#include "tests/integration/server/campaign/load_client.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>

#include "server/storage/sha256.hpp"

namespace fuota::server::campaign {
namespace {

using test_support::HttpResponse;
using test_support::ServerProcess;

/// One in so many operations begins on a connection of its own.
constexpr std::uint32_t kOperationsPerConnection = 8;

constexpr int kOk = 200;
constexpr int kNotFound = 404;

std::string etag_of(const std::string& content) {
  storage::Sha256 hash;
  hash.update(content);
  return "\"" + storage::to_hex(hash.finish()) + "\"";
}

std::string text_at(const boost::json::value& object, const char* name) {
  return boost::json::value_to<std::string>(object.at(name));
}

std::string event_of(const boost::json::value& event) {
  if (text_at(event, "kind") == "report") {
    return "report " + std::to_string(event.at("sequence").to_number<std::uint32_t>());
  }
  return "running " + text_at(event, "version") + " " + text_at(event, "image");
}

void read_history(const std::string& text, DeviceState& device) {
  const boost::json::value history = boost::json::parse(text);
  for (const auto& event : history.at("events").as_array()) {
    device.events.push_back(event_of(event));
  }
  const boost::json::value& contact = history.at("contact");
  if (!contact.is_null()) device.contact = text_at(contact, "version");
  const boost::json::value& running = history.at("running");
  if (!running.is_null()) {
    device.running = SaidToRun(text_at(running, "version"), text_at(running, "image"));
  }
}

}  // namespace

LoadClient::LoadClient(int number, std::uint32_t seed)
    : number_(number), random_(seed + static_cast<std::uint32_t>(number) * 7919U) {}

void LoadClient::violate(const std::string& what) const {
  throw Violation("client " + std::to_string(number_) + ": " + what);
}

void LoadClient::run(const ServerProcess& server, Load& load) {
  try {
    run_until_broken(server, load);
  } catch (const Violation&) {
    throw;
  } catch (const std::exception& exception) {
    // Connecting to a server that is going away fails in many ways.
    if (!load.ending) violate(exception.what());
  }
}

void LoadClient::run_until_broken(const ServerProcess& server, Load& load) {
  std::unique_ptr<Connection> connection;
  while (!load.enough()) {
    if (!connection || random_() % kOperationsPerConnection == 0) {
      connection.reset();
      connection = std::make_unique<Connection>(server.client());
    }
    if (!perform(*connection, random_operation(number_, state_, random_))) {
      if (!load.ending) violate("the connection broke");
      return;
    }
    load.acknowledged();
  }
}

/// False when no answer came.
bool LoadClient::perform(Connection& connection, const Operation& operation) {
  ClientState after = state_;
  const int expected = apply(operation, after);
  pending_ = after;
  connection.tls.send(to_request(operation));
  const HttpResponse response = connection.reader.receive();
  if (response.status == 0 || !response.complete) return false;
  if (response.status != expected) {
    violate("answer " + std::to_string(response.status) + " instead of " +
            std::to_string(expected) + " to an operation of kind " +
            std::to_string(static_cast<int>(operation.kind)) + ": " + response.body);
  }
  if (operation.kind == OperationKind::download && expected == kOk &&
      response.body != state_.files.at(operation.name)) {
    violate("file " + operation.name + " was downloaded with another content");
  }
  state_ = std::move(after);
  pending_.reset();
  return true;
}

void LoadClient::settle(const ServerProcess& server, bool with_contacts) {
  ClientState found;
  try {
    found = read_back(server);
  } catch (const Violation&) {
    throw;
  } catch (const std::exception& exception) {
    violate(std::string("what the server has could not be read: ") + exception.what());
  }
  if (!with_contacts) {
    forget_contacts(found, state_);
    if (pending_) forget_contacts(found, *pending_);
  }
  const std::string missing = difference(state_, found);
  if (pending_) {
    const bool done = !missing.empty();
    if (done && found != *pending_) {
      violate(missing +
              "; nor is it as after the pending operation: " + difference(*pending_, found));
    }
    // An operation that changes nothing counts as not done.
    ++(done ? pending_done_ : pending_undone_);
    pending_.reset();
  } else if (!missing.empty()) {
    violate(missing);
  }
  state_ = std::move(found);
}

ClientState LoadClient::read_back(const ServerProcess& server) const {
  Connection connection(server.client());
  const auto get = [&](const std::string& target) {
    const std::string authorization =
        test_support::basic_authorization(test_support::kUsername, test_support::kPassword);
    connection.tls.send("GET " + target +
                        " HTTP/1.1\r\nHost: h\r\nAuthorization: " + authorization + "\r\n\r\n");
    HttpResponse response = connection.reader.receive();
    if (!response.complete || (response.status != kOk && response.status != kNotFound)) {
      violate("GET " + target + " was answered " + std::to_string(response.status));
    }
    return response;
  };
  ClientState found;
  const std::string rows = get("/devices").body;
  for (const std::string& name : names_of(number_)) {
    const HttpResponse file = get("/files/" + name);
    if (file.status == kOk) {
      if (file.field("etag") != etag_of(file.body)) violate("file " + name + " is not its blob");
      found.files[name] = file.body;
    }
    const HttpResponse manifest = get("/files/" + name + "/manifest");
    if (manifest.status == kOk) found.manifests[name] = manifest.body;
    const std::size_t at = rows.find("\"" + name + "\",\"0.");
    const HttpResponse history = get("/api/v1/devices/" + name + "/history?limit=1000");
    if ((at != std::string::npos) != (history.status == kOk)) {
      violate("device " + name + " has a row without a history, or the other way round");
    }
    if (at == std::string::npos) continue;
    DeviceState& device = found.devices[name];
    device.row = rows.substr(at, rows.find('\n', at) + 1 - at);
    const std::size_t file_at = device.row.rfind(",\"") + 2;
    device.file = device.row.substr(file_at, device.row.size() - 2 - file_at);
    read_history(history.body, device);
  }
  if (number_ == 0) {
    found.highest_root = state_.highest_root;
    const std::uint32_t next = found.highest_root + 1;
    if (get("/roots/" + std::to_string(next)).status == kOk) found.highest_root = next;
    if (found.highest_root > 0 &&
        get("/roots/" + std::to_string(found.highest_root)).status != kOk) {
      violate("root document " + std::to_string(found.highest_root) + " is missing");
    }
  }
  return found;
}

}  // namespace fuota::server::campaign
