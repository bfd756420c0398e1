#include "server/api/file_endpoints.hpp"

#include <memory>
#include <string>
#include <utility>

#include "server/api/arguments.hpp"

namespace fuota::server::api {
namespace {

using boost::asio::awaitable;

/// The piece in which an upload goes to the store.
constexpr std::size_t kUploadPieceBytes = 64 * 1024;

Answer no_such_file() {
  return plain_answer(Outcome::not_found, "there is no such file");
}

Answer empty_body() {
  return plain_answer(Outcome::bad_request,
                      "the body is empty: send the file as the body (curl --data-binary @FILE)");
}

Answer cut_short() {
  return plain_answer(Outcome::bad_request, "the body did not come whole");
}

/// Fills `piece` from the body: the bytes that it then holds, fewer than it has room for only at
/// the end. Nothing when the body doesn't come whole.
awaitable<std::optional<std::size_t>> fill(BodySource* body, std::span<char> piece) {
  std::size_t used = 0;
  while (used < piece.size()) {
    const auto bytes = co_await body->read(piece.subspan(used));
    if (!bytes) co_return std::nullopt;
    if (*bytes == 0) break;
    used += *bytes;
  }
  co_return used;
}

}  // namespace

awaitable<Answer> FileEndpoints::get(std::string_view name_segment) const {
  auto name = parse_file_name(name_segment);
  if (!name) co_return plain_answer(Outcome::bad_request, name.error().reason);
  auto content = co_await store_.open_file(*name);
  if (!content && content.error().code == storage::StoreError::not_found) co_return no_such_file();
  if (!content) co_return failure_answer(content.error());
  Answer answer;
  answer.download = Download{std::move(*content), std::move(*name), nullptr};
  co_return answer;
}

awaitable<Answer> FileEndpoints::put(std::string_view name_segment, BodySource* body,
                                     domain::Change change) const {
  auto name = parse_file_name(name_segment);
  if (!name) co_return plain_answer(Outcome::bad_request, name.error().reason);
  const auto piece = std::make_unique_for_overwrite<char[]>(kUploadPieceBytes);
  auto bytes = co_await fill(body, {piece.get(), kUploadPieceBytes});
  if (!bytes) co_return cut_short();
  if (*bytes == 0) co_return empty_body();

  auto upload = co_await store_.begin_upload();
  if (!upload) co_return failure_answer(upload.error());
  while (*bytes > 0) {
    const auto appended = co_await (*upload)->append({piece.get(), *bytes});
    if (!appended) co_return failure_answer(appended.error());
    bytes = co_await fill(body, {piece.get(), kUploadPieceBytes});
    if (!bytes) co_return cut_short();
  }
  const auto published =
      co_await store_.publish(std::move(*name), std::move(*upload), std::move(change));
  if (!published) co_return failure_answer(published.error());
  co_return Answer{};
}

awaitable<Answer> FileEndpoints::remove(std::string_view name_segment,
                                        domain::Change change) const {
  auto name = parse_file_name(name_segment);
  if (!name) co_return plain_answer(Outcome::bad_request, name.error().reason);
  const auto removed = co_await store_.remove_file(std::move(*name), std::move(change));
  if (removed) co_return Answer{};
  if (removed.error().code == storage::StoreError::not_found) co_return no_such_file();
  if (removed.error().code == storage::StoreError::in_use) {
    co_return plain_answer(Outcome::conflict,
                           "a device row points at the file: change or delete that row first");
  }
  co_return failure_answer(removed.error());
}

awaitable<storage::Result<bool>> FileEndpoints::is_assigned(std::string id,
                                                            std::string_view name_segment) const {
  const auto name = parse_file_name(name_segment);
  if (!name) co_return false;
  // Only the row counts, not what is offered: that would be asked with a version.
  const auto facts = store_.facts_for_check({std::move(id), ""});
  if (!facts) co_return facts.error();
  co_return facts->device && facts->device->file == *name;
}

}  // namespace fuota::server::api
