#include "server/api/access_json.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "server/api/time_text.hpp"

namespace fuota::server::api {
namespace {

namespace json = boost::json;

json::string text(std::string_view view) {
  return json::string(view.data(), view.size());
}

json::value time_value(domain::Time time) {
  return text(to_text(time));
}

json::value time_value(const std::optional<domain::Time>& time) {
  if (!time) return nullptr;
  return time_value(*time);
}

json::object object_of(const domain::Account& account) {
  json::object object;
  object["name"] = text(account.name);
  object["role"] = text(domain::name_of(account.role));
  object["created"] = time_value(account.created);
  return object;
}

json::object object_of(const domain::ApiToken& token) {
  json::object object;
  object["id"] = text(token.id);
  object["owner"] = text(token.owner);
  object["label"] = text(token.label);
  object["role"] = text(domain::name_of(token.role));
  object["created"] = time_value(token.created);
  object["expires"] = time_value(token.expires);
  return object;
}

json::object object_of(const domain::FleetKey& key) {
  json::object object;
  object["id"] = text(key.id);
  object["label"] = text(key.label);
  object["created"] = time_value(key.created);
  object["expires"] = time_value(key.expires);
  object["enrolments"] = key.enrolments;
  object["enrolments_max"] = nullptr;
  if (key.enrolments_max) object["enrolments_max"] = *key.enrolments_max;
  return object;
}

json::object object_of(const domain::AuditEntry& entry) {
  json::object object;
  object["number"] = entry.number;
  object["at"] = time_value(entry.change.at);
  object["by"] = text(entry.change.by);
  object["from"] = text(entry.change.from);
  object["action"] = text(entry.action);
  object["object"] = text(entry.object);
  object["detail"] = text(entry.detail);
  return object;
}

template <typename Item>
json::array array_of(const std::vector<Item>& items) {
  json::array array;
  for (const Item& item : items) array.push_back(object_of(item));
  return array;
}

std::string written(const json::object& object) {
  return json::serialize(object) + "\n";
}

template <typename Item>
std::string list(std::string_view name, const std::vector<Item>& items) {
  json::object object;
  object[json::string_view(name.data(), name.size())] = array_of(items);
  return written(object);
}

}  // namespace

std::string to_json(const domain::Account& account) {
  return written(object_of(account));
}

std::string to_json(const std::vector<domain::Account>& accounts) {
  return list("accounts", accounts);
}

std::string to_json(const std::vector<domain::ApiToken>& tokens) {
  return list("tokens", tokens);
}

std::string to_json(const std::vector<domain::FleetKey>& keys) {
  return list("fleet_keys", keys);
}

std::string to_json(const Principal& principal) {
  json::object object;
  object["kind"] = text(name_of(principal.kind));
  object["name"] = text(principal.name);
  object["role"] = nullptr;
  if (principal.role) object["role"] = text(domain::name_of(*principal.role));
  if (!principal.owner.empty()) object["account"] = text(principal.owner);
  return written(object);
}

std::string to_json(const domain::ApiToken& token, std::string_view secret) {
  json::object object = object_of(token);
  object["token"] = text(secret);
  return written(object);
}

std::string to_json(const domain::FleetKey& key, std::string_view secret) {
  json::object object = object_of(key);
  object["key"] = text(secret);
  return written(object);
}

std::string to_json(std::string_view id, const std::optional<domain::DeviceCredential>& credential,
                    std::string_view secret) {
  json::object object;
  object["device"] = text(id);
  object["has_token"] = credential && credential->digest;
  object["blocked"] = credential && credential->blocked;
  object["changed"] = nullptr;
  if (credential) object["changed"] = time_value(credential->changed);
  if (!secret.empty()) object["token"] = text(secret);
  return written(object);
}

std::string to_json(const std::vector<domain::AuditEntry>& entries, bool has_more) {
  json::object object;
  object["entries"] = array_of(entries);
  object["next"] = nullptr;
  if (has_more) object["next"] = entries.back().number;
  return written(object);
}

}  // namespace fuota::server::api
