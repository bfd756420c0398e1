#include "server/api/device_endpoints.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "fuota_protocol/device_row.hpp"
#include "fuota_protocol/limits.hpp"
#include "server/api/accept.hpp"
#include "server/api/arguments.hpp"
#include "server/api/offer.hpp"
#include "server/api/small_body.hpp"

namespace fuota::server::api {
namespace {

using boost::asio::awaitable;

Answer csv_answer(std::string text) {
  Answer answer;
  answer.text_kind = TextKind::csv;
  answer.text = std::move(text);
  return answer;
}

/// The answer to what `decide_check` found; `offer` is the one to an offer.
Answer check_answer(domain::CheckOutcome outcome, const domain::CheckFacts& facts,
                    Answer (*offer)(const domain::CheckFacts&)) {
  switch (outcome) {
    case domain::CheckOutcome::offer:
      return offer(facts);
    case domain::CheckOutcome::nothing: {
      Answer answer;
      answer.outcome = Outcome::nothing;
      return answer;
    }
    case domain::CheckOutcome::unknown_device:
      return plain_answer(Outcome::not_found, "the device is not known: PUT a row for it");
    case domain::CheckOutcome::missing_file:
      break;
  }
  return plain_answer(Outcome::not_found,
                      "the file of the device's row is missing: PUT /files/" + facts.device->file);
}

Answer file_name(const domain::CheckFacts& facts) {
  return csv_answer(facts.device->file);
}

/// The compatible answer is what there is for a file without a manifest.
Answer signed_offer(const domain::CheckFacts& facts) {
  Answer answer = csv_answer(facts.device->file);
  if (!facts.file->manifest.empty()) {
    answer.text_kind = TextKind::offer;
    answer.text = to_offer(facts.device->file, *facts.file);
  }
  return answer;
}

std::string to_csv(const std::vector<domain::Device>& devices) {
  std::string text;
  std::array<char, protocol::kFormattedRowBytesMax> row;
  for (const domain::Device& device : devices) {
    text.append(row.data(),
                protocol::format_device_row(device.id, device.version, device.file, row.data()));
  }
  return text;
}

/// The list of devices from some device on, a piece at a time.
class DeviceList final : public CsvPieces {
 public:
  DeviceList(storage::Store& store, std::vector<domain::Device> first)
      : store_(store), devices_(std::move(first)) {}

  awaitable<std::optional<std::string>> next() override {
    std::string piece = to_csv(devices_);
    if (devices_.size() == kRowsPerPiece) {
      auto following = co_await store_.devices_after(devices_.back().id, kRowsPerPiece);
      if (!following) co_return std::nullopt;
      devices_ = std::move(*following);
    } else {
      devices_.clear();
    }
    co_return piece;
  }

 private:
  storage::Store& store_;
  std::vector<domain::Device> devices_;
};

std::string describe_row_error(const protocol::DeviceRowParse& row) {
  std::string text;
  if (row.error == protocol::DeviceRowError::bad_field) {
    text = "the row's " + std::string(row.field) + " " +
           std::string(protocol::describe(row.field_error)) + ": use " + std::string(name_rule());
  } else {
    text = std::string(protocol::describe(row.error)) +
           ": send one CSV line \"<id>\",\"<app_ver>\",\"<file>\"";
  }
  return text;
}

}  // namespace

CheckAnswer DeviceEndpoints::check(std::string_view id_segment,
                                   std::optional<std::string_view> query, std::string_view accept,
                                   std::string_view peer_address) const {
  auto id = parse_device_id(id_segment);
  if (!id) return {plain_answer(Outcome::bad_request, id.error().reason), {}};
  auto version = parse_version_query(query);
  if (!version) return {plain_answer(Outcome::bad_request, version.error().reason), {}};
  const bool native = wants_offer(accept);
  RunningQuery running;
  if (native) {
    const auto said = parse_running_query(query);
    if (!said) return {plain_answer(Outcome::bad_request, said.error().reason), {}};
    running = *said;
  }
  domain::CheckQuestion question{std::move(*id), std::move(*version), running.root.has_value()};
  const auto facts = store_.facts_for_check(question);
  if (!facts) return {failure_answer(facts.error()), {}};
  // Only the device itself can prove where it is and what it runs.
  const bool by_device = facts->device && !peer_address.empty();
  if (by_device) {
    store_.record_contact({question.id, clock_(), question.version, std::string(peer_address)});
  }
  CheckAnswer checked;
  checked.answer = check_answer(domain::decide_check(*facts, question.version, running.image),
                                *facts, native ? signed_offer : file_name);
  if (running.root && *running.root < facts->highest_root) {
    checked.answer.newer_root = facts->highest_root;
  }
  if (by_device && running.image) {
    domain::RunningImage image{std::move(question.version), *running.image};
    if (domain::is_news(facts->running, image)) {
      checked.news = RunningNews{std::move(question.id), std::move(image)};
    }
  }
  return checked;
}

awaitable<Answer> DeviceEndpoints::remember(CheckAnswer checked) const {
  const auto recorded = co_await store_.record_running(std::move(checked.news->device),
                                                       std::move(checked.news->image), clock_());
  // The device may have been removed meanwhile.
  if (!recorded && recorded.error().code != storage::StoreError::not_found) {
    checked.answer.detail = recorded.error().detail;
  }
  co_return std::move(checked.answer);
}

awaitable<Answer> DeviceEndpoints::list() const {
  auto devices = co_await store_.devices_after("", kRowsPerPiece);
  if (!devices) co_return failure_answer(devices.error());
  if (devices->size() < kRowsPerPiece) co_return csv_answer(to_csv(*devices));
  Answer answer;
  answer.pieces = std::make_unique<DeviceList>(store_, std::move(*devices));
  co_return answer;
}

awaitable<Answer> DeviceEndpoints::put(std::string_view id_segment, BodySource* body,
                                       domain::Change change) const {
  const auto id = parse_device_id(id_segment);
  if (!id) co_return plain_answer(Outcome::bad_request, id.error().reason);
  const auto line = co_await read_small_body(body, protocol::kDeviceRowBytesMax);
  if (!line) co_return plain_answer(Outcome::bad_request, "the body did not come whole");
  const auto row = protocol::parse_device_row(*line);
  if (row.error != protocol::DeviceRowError::none) {
    co_return plain_answer(Outcome::bad_request, describe_row_error(row));
  }
  if (row.row.id() != *id) {
    co_return plain_answer(Outcome::bad_request,
                           "the id in the row is not the one in the path: make them equal");
  }
  domain::Device device;
  device.id = row.row.id();
  device.version = row.row.version();
  device.file = row.row.file();
  const auto stored = co_await store_.put_device(std::move(device), std::move(change));
  if (!stored) co_return failure_answer(stored.error());
  co_return Answer{};
}

awaitable<Answer> DeviceEndpoints::remove(std::string_view id_segment,
                                          domain::Change change) const {
  auto id = parse_device_id(id_segment);
  if (!id) co_return plain_answer(Outcome::bad_request, id.error().reason);
  const auto removed = co_await store_.remove_device(std::move(*id), std::move(change));
  if (!removed && removed.error().code == storage::StoreError::not_found) {
    co_return plain_answer(Outcome::not_found, "the device is not known");
  }
  if (!removed) co_return failure_answer(removed.error());
  co_return Answer{};
}

}  // namespace fuota::server::api
