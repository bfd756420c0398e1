#include "server/api/history_endpoints.hpp"

#include <string>

#include "fuota_protocol/limits.hpp"
#include "fuota_protocol/update_report.hpp"
#include "server/api/arguments.hpp"
#include "server/api/history_json.hpp"
#include "server/api/small_body.hpp"

namespace fuota::server::api {
namespace {

using boost::asio::awaitable;

Answer unknown_device() {
  return plain_answer(Outcome::not_found, "the device is not known: PUT a row for it");
}

}  // namespace

awaitable<Answer> HistoryEndpoints::record(std::string_view id_segment, BodySource* body) const {
  auto id = parse_device_id(id_segment);
  if (!id) co_return plain_answer(Outcome::bad_request, id.error().reason);
  const auto text = co_await read_small_body(body, protocol::kReportBytesMax);
  if (!text) co_return plain_answer(Outcome::bad_request, "the body did not come whole");
  const auto parse = protocol::parse_report(*text);
  if (parse.problem) co_return refused_document("the report", parse.problem);
  const auto recorded = co_await store_.record_report(std::move(*id), parse.report, clock_());
  if (!recorded && recorded.error().code == storage::StoreError::not_found) {
    co_return unknown_device();
  }
  if (!recorded) co_return failure_answer(recorded.error());
  Answer answer;
  answer.outcome = Outcome::nothing;
  co_return answer;
}

awaitable<Answer> HistoryEndpoints::get(std::string_view id_segment,
                                        std::optional<std::string_view> query) const {
  const auto id = parse_device_id(id_segment);
  if (!id) co_return plain_answer(Outcome::bad_request, id.error().reason);
  const auto page = parse_page_query(query);
  if (!page) co_return plain_answer(Outcome::bad_request, page.error().reason);
  const auto history = co_await store_.history(*id, page->before, page->limit);
  if (!history && history.error().code == storage::StoreError::not_found) {
    co_return unknown_device();
  }
  if (!history) co_return failure_answer(history.error());
  Answer answer;
  answer.text_kind = TextKind::json;
  answer.text = to_json(*id, *history);
  co_return answer;
}

}  // namespace fuota::server::api
