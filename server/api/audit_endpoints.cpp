#include "server/api/audit_endpoints.hpp"

#include <utility>

#include "server/api/access_json.hpp"
#include "server/api/arguments.hpp"

namespace fuota::server::api {

using boost::asio::awaitable;

awaitable<Answer> AuditEndpoints::get(std::optional<std::string_view> query) const {
  auto page = parse_audit_query(query);
  if (!page) co_return plain_answer(Outcome::bad_request, page.error().reason);
  const std::size_t limit = page->count_max;
  // One more tells whether there is another page.
  ++page->count_max;
  auto entries = co_await store_.audit(std::move(*page));
  if (!entries) co_return failure_answer(entries.error());
  const bool has_more = entries->size() > limit;
  if (has_more) entries->resize(limit);
  Answer answer;
  answer.text_kind = TextKind::json;
  answer.text = to_json(*entries, has_more);
  co_return answer;
}

}  // namespace fuota::server::api
