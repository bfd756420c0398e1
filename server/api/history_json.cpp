#include "server/api/history_json.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <variant>

#include "fuota_protocol/manifest.hpp"
#include "fuota_protocol/update_report.hpp"
#include "server/api/time_text.hpp"
#include "server/domain/update_state.hpp"

namespace fuota::server::api {
namespace {

namespace json = boost::json;

json::string text(std::string_view view) {
  return json::string(view.data(), view.size());
}

json::string text(const domain::ContentDigest& digest) {
  std::array<char, 2 * protocol::kSha256Bytes> digits{};
  protocol::format_sha256(digest, digits.data());
  return json::string(digits.data(), digits.size());
}

json::string text(domain::Time time) {
  return text(std::string_view(to_text(time)));
}

/// As the device writes it: 16 hexadecimal digits.
json::string stream_text(std::uint64_t stream) {
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(stream));
  return json::string(digits.data(), digits.size() - 1);
}

void add(json::object& object, const domain::Report& report) {
  object["kind"] = "report";
  object["stream"] = stream_text(report.stream);
  object["sequence"] = report.sequence;
  object["state"] = text(protocol::name_of(report.state));
  object["deployment"] = text(report.deployment.view());
  object["version"] = text(report.version.view());
  object["image"] = text(report.image);
  if (!report.code.empty()) object["code"] = text(report.code.view());
  if (!report.detail.empty()) object["detail"] = text(report.detail.view());
  if (!report.reset_reason.empty()) object["reset_reason"] = text(report.reset_reason.view());
  if (report.rssi_dbm != 0) object["rssi"] = report.rssi_dbm;
  if (report.has_free_heap) object["free_heap"] = report.free_heap_bytes;
}

void add(json::object& object, const domain::RunningImage& running) {
  object["kind"] = "running";
  object["version"] = text(running.version);
  object["image"] = text(running.sha256);
}

json::object event_object(const domain::Event& event) {
  json::object object;
  object["event"] = event.number;
  object["received"] = text(event.received);
  std::visit([&object](const auto& what) { add(object, what); }, event.what);
  return object;
}

json::value update_value(const domain::History& history) {
  if (!history.update) return nullptr;
  domain::UpdateFacts facts;
  facts.image = history.update->sha256;
  if (history.last_report) facts.last_report = history.last_report->state;
  if (history.running) facts.running = history.running->image.sha256;
  const domain::UpdateState state = domain::decide_update_state(facts);
  json::object object;
  object["deployment"] = text(history.update->deployment);
  object["file"] = text(history.file);
  object["image"] = text(history.update->sha256);
  object["state"] = text(domain::name_of(state));
  // Why it did not succeed, unless it has after all.
  const bool unsuccessful = history.last_report && !history.last_report->code.empty();
  if (unsuccessful && state != domain::UpdateState::done) {
    object["code"] = text(history.last_report->code.view());
  }
  return object;
}

json::value running_value(const domain::History& history) {
  if (!history.running) return nullptr;
  json::object object;
  object["version"] = text(history.running->image.version);
  object["image"] = text(history.running->image.sha256);
  object["since"] = text(history.running->since);
  return object;
}

json::value contact_value(const domain::History& history) {
  if (!history.contact) return nullptr;
  json::object object;
  object["at"] = text(history.contact->at);
  object["version"] = text(history.contact->version);
  object["address"] = text(history.contact->address);
  return object;
}

}  // namespace

std::string to_json(std::string_view id, const domain::History& history) {
  json::array events;
  for (const domain::Event& event : history.events) events.push_back(event_object(event));
  json::object object;
  object["device"] = text(id);
  object["update"] = update_value(history);
  object["running"] = running_value(history);
  object["contact"] = contact_value(history);
  object["events"] = std::move(events);
  object["next"] = nullptr;
  if (history.has_more) object["next"] = history.events.back().number;
  return json::serialize(object) + "\n";
}

}  // namespace fuota::server::api
